"""The demo's campaigns: two drafts on one list of customers, ready to be started."""

from __future__ import annotations

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Contact, ContactList, ContactNumber
from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.people.models import Person
from callcenter.demo_rows import one

CUSTOMERS = "Customers"
NEWS = "Office closed on the holiday"


def load(client: Client, lines: dict[str, Destination], endings: dict[str, Destination]) -> None:
    """What is there stays as it is."""
    contacts = one(ContactList, client, CUSTOMERS, lambda name: _contacts(client, name))

    def renewals(name: str) -> Campaign:
        return campaigns.create_campaign(
            client, name=name, contact_list=contacts, preset="preview", queue=lines["Billing"].queue
        )

    def news(name: str) -> Campaign:
        return campaigns.create_campaign(
            client, name=name, contact_list=contacts, preset="reminder", destination=endings[NEWS]
        )

    one(Campaign, client, "Contract renewals", renewals)
    one(Campaign, client, NEWS, news)


def _contacts(client: Client, name: str) -> ContactList:
    """Those whom we ship for."""
    made = ContactList.objects.create(client=client, name=name, own_fields=["freight"])
    for person in Person.objects.filter(client=client, tags__name="shipper").order_by("pk"):
        contact = Contact.objects.create(
            list=made, person=person, name=person.name, company=person.company, language=person.language,
            fields={"freight": "refrigerated" if "cold" in person.name else "dry"},
        )  # fmt: skip
        ContactNumber.objects.bulk_create(
            ContactNumber(contact=contact, list=made, number=row.number, position=n)
            for n, row in enumerate(person.numbers.order_by("pk"))
        )
    return made
