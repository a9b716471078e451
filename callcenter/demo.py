"""The demo's company: Northline Freight, a trucking firm with a dispatch desk and a billing desk.

Made of the same services that the admin calls. What is there stays as it is, so that loading it twice, or after
somebody changed something, does no harm. People and numbers are invented (+1 415 555 01xx is kept free for such).
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from apps.calls.models import Disposition
from apps.carrier import services as carrier
from apps.carrier.models import PhoneNumber
from apps.clients import services as clients
from apps.clients.models import Client
from apps.core import clock, roles
from apps.core.models import User
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.hours.models import Holiday, Period, PublicHoliday, Schedule
from apps.ivr import services as ivr
from apps.ivr.models import Flow, Menu, Option, Prompt
from apps.operators import services as operators
from apps.operators.models import BreakReason, Operator, Team
from apps.people import services as people
from apps.people.models import Person
from callcenter import demo_campaigns, demo_queues, demo_rules
from callcenter.demo_rows import one

NAME = "Northline Freight"
MAIN, DISPATCH, OFFICE = demo_rules.MAIN, "+14155550101", demo_rules.OFFICE

# Name, company, number, tags, lists.
PEOPLE: list[tuple[str, str, str, list[str], list[str]]] = [
    ("Bluebird Grocers, loading dock", "Bluebird Grocers", "+14155550110", ["shipper"], []),
    ("Cedar Furniture, shipping", "Cedar Furniture", "+14155550111", ["shipper"], []),
    ("Harbor Paper Mill, logistics", "Harbor Paper Mill", "+14155550112", ["shipper", "VIP"], ["Gold customers"]),
    ("Redwood Farms, cold store", "Redwood Farms", "+14155550113", ["shipper", "VIP"], ["Gold customers"]),
    ("Driver, truck 7", NAME, "+14155550114", ["driver"], []),
    ("Driver, truck 12", NAME, "+14155550115", ["driver"], []),
    ("Driver, truck 31", NAME, "+14155550116", ["driver"], []),
    ("Quick Tire Service", "Quick Tire Service", "+14155550117", ["supplier"], []),
    ("Granite Fuel, accounts", "Granite Fuel", "+14155550118", ["supplier"], []),
    ("Caller who sells things", "", "+14155550119", [], ["Blocked callers"]),
]
LANGUAGES = {"+14155550111": "es"}
# The team of operator1 to operator6.
OPERATORS = ["Dispatch", "Dispatch", "Dispatch", "Billing", "Billing", "Billing"]
DISPOSITIONS = [
    "Load booked", "Status given", "Driver helped", "Invoice question", "Complaint", "Call back later", "Wrong number",
]  # fmt: skip
COMPLAINTS = ["Late delivery", "Damaged goods", "Rude treatment"]
ENDINGS = {
    "Office closed": "The office is closed. Our dispatchers answer day and night on the main number. Good-bye.",
    "All busy": "All of us are on the phone. Please try again in a few minutes. Good-bye.",
    "Not accepted": "This call cannot be taken. Good-bye.",
    demo_campaigns.NEWS: "Hello, this is Northline Freight. The office is closed. Our dispatchers answer day and night "
    "on the main number. Good-bye.",
}
PROMPTS = {
    "Welcome": "Thank you for calling Northline Freight.",
    "Main menu": "For dispatch, press 1. For billing, press 2. For dispatch in Spanish, press 3. To hear this again, "
    "press 0.",
    "Wrong key": "Sorry, that is not one of the choices.",
    "No key": "We did not hear a key.",
}
BREAKS = {"Lunch": 1800, "Short break": 600, "Training": 0}


@transaction.atomic
def load_minimal(password: str) -> Client:
    """A house that somebody can enter: the login `admin`, and the first client."""
    client = Client.objects.active().order_by("pk").first() or clients.create_client(name="Main")
    _user("admin", password, roles.ADMINISTRATOR, client, first_name="Administrator", superuser=True)
    return client


@transaction.atomic
def load(password: str) -> Client:
    """The whole company; returns its client."""
    client = _company()
    _user("admin", password, roles.ADMINISTRATOR, client, first_name="Administrator", superuser=True)
    supervisor = _user("supervisor", password, roles.SUPERVISOR, client, first_name="Supervisor")
    _words(client)
    staff = _staff(client, password, supervisor)
    _people(client)
    always, office = _schedules(client)
    endings = _endings(client)
    lines = demo_queues.load(client, staff, always, endings)
    menu = _voice_menu(client, lines)
    _numbers(client, menu, lines)
    if not client.caller_id:
        clients.change_client(client, caller_id=MAIN)
    demo_rules.load(client, office, endings, lines)
    demo_campaigns.load(client, lines, endings)
    return client


def _company() -> Client:
    client = Client.objects.filter(name=NAME).first()
    if client is not None:
        return client
    fields: dict[str, Any] = {"time_zone": "America/Los_Angeles", "max_concurrent_calls": 30}
    first = Client.objects.filter(name="Main", slug="main").first()
    untouched = first is not None and not (
        first.queues.exists() or first.phone_numbers.exists() or first.teams.exists()
    )
    if first is not None and untouched and Client.objects.count() == 1:
        return clients.change_client(first, name=NAME, slug="northline-freight", **fields)
    return clients.create_client(name=NAME, **fields)


def _user(name: str, password: str, role: str, client: Client, *, superuser: bool = False, **details: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        make = User.objects.create_superuser if superuser else User.objects.create_user
        user = make(name, f"{name}@example.com", password, **details)
        user.groups.add(Group.objects.get(name=role))
        user.clients.add(client)
    return user


def _words(client: Client) -> None:
    for position, name in enumerate(DISPOSITIONS):
        Disposition.objects.get_or_create(client=client, name=name, defaults={"position": position})
    complaint = Disposition.objects.get(client=client, name="Complaint")
    for name in COMPLAINTS:
        Disposition.objects.get_or_create(
            client=client, name=name, defaults={"parent": complaint, "position": 50, "needs_note": True}
        )
    for name, limit in BREAKS.items():
        BreakReason.objects.get_or_create(client=client, name=name, defaults={"limit_seconds": limit})


def _staff(client: Client, password: str, supervisor: User) -> list[Operator]:
    teams = {}
    for name in ("Dispatch", "Billing"):
        teams[name], made = Team.objects.get_or_create(client=client, name=name)
        if made:
            teams[name].supervisors.add(supervisor)
    staff, shift = [], one(Schedule, client, "Day shift", lambda name: _day_shift(client, name))
    if operators.for_user(supervisor) is None:
        # To listen, one needs a telephone.
        operators.add_operator(supervisor, teams["Dispatch"], extension="100", shift=shift)
    for n, team in enumerate(OPERATORS, start=1):
        user = _user(f"operator{n}", password, roles.OPERATOR, client, first_name="Operator", last_name=str(n))
        operator = operators.for_user(user)
        if operator is None:
            operator = operators.add_operator(user, teams[team], extension=f"10{n}", shift=shift)
        staff.append(operator)
    return staff


def _people(client: Client) -> None:
    for name, company, number, tags, lists in PEOPLE:
        if not Person.objects.filter(client=client, name=name).exists() and not people.find_by_number(client, number):
            people.add_person(
                client, name=name, company=company, numbers=[(number, "office")], tags=tags, lists=lists,
                language=LANGUAGES.get(number, ""),
            )  # fmt: skip


def _schedules(client: Client) -> tuple[Schedule, Schedule]:
    always = one(
        Schedule, client, "Always open", lambda name: hours.create_schedule(client, name=name, week=hours.ALWAYS)
    )
    return always, one(Schedule, client, "Office hours", lambda name: _office_hours(client, name))


def _office_hours(client: Client, name: str) -> Schedule:
    """Weekdays and Saturday mornings; closed on the country's holidays but for two, and a half day of its own."""
    week = dict.fromkeys(range(5), (datetime.time(8), datetime.time(18))) | {5: (datetime.time(9), datetime.time(13))}
    half_day = {"opens": datetime.time(8), "closes": datetime.time(12)}
    return hours.save_schedule(
        Schedule(
            client=client, name=name, time_zone=client.time_zone, country="US", closed_message="Our office is closed."
        ),
        periods=[Period(weekday=day, opens=opens, closes=closes) for day, (opens, closes) in week.items()],
        holidays=[Holiday(date=datetime.date(clock.now().year, 12, 24), name="Christmas Eve", **half_day)],
        public_holidays=[
            PublicHoliday(name="Columbus Day", treatment=PublicHoliday.Treatment.WORK),
            PublicHoliday(name="Veterans Day", treatment=PublicHoliday.Treatment.HOURS, **half_day),
        ],
    )  # fmt: skip


def _day_shift(client: Client, name: str) -> Schedule:
    """What adherence is measured against; the gap is lunch."""
    spans = [(datetime.time(8), datetime.time(12)), (datetime.time(12, 30), datetime.time(17))]
    return hours.create_schedule(client, name=name, week=dict.fromkeys(range(7), spans))


def _endings(client: Client) -> dict[str, Destination]:
    def outside(label: str) -> Destination:
        return destinations.add_outside_number(client, label=label, number="+14155550190").destination

    def ending(label: str) -> Destination:
        return destinations.add_ending(client, label=label, message=ENDINGS[label]).destination

    makers = {"Night dispatcher": outside, **dict.fromkeys(ENDINGS, ending)}
    return {label: one(Destination, client, label, make, field="label") for label, make in makers.items()}


def _voice_menu(client: Client, lines: dict[str, Destination]) -> Destination:
    prompts = {
        name: one(Prompt, client, name, lambda name: ivr.add_prompt(client, name=name, text=PROMPTS[name]))
        for name in PROMPTS
    }

    def make(name: str) -> Flow:
        flow = ivr.create_flow(client, name=name, greeting=prompts["Welcome"])
        menu = Menu(
            flow=flow, name="Main", prompt=prompts["Main menu"], invalid_prompt=prompts["Wrong key"],
            silence_prompt=prompts["No key"], otherwise=lines["Dispatch"],
        )  # fmt: skip
        ivr.save_menu(
            menu,
            [
                Option(key="1", label="Dispatch", destination=lines["Dispatch"]),
                Option(key="2", label="Billing", destination=lines["Billing"]),
                Option(key="3", label="Dispatch in Spanish", destination=lines["Dispatch in Spanish"]),
                Option(key="0", label="Hear this again", next_menu=menu),
            ],
        )
        return ivr.switch(Flow.objects.get(pk=flow.pk), on=True)

    return one(Flow, client, "Main menu", make).destination


def _numbers(client: Client, menu: Destination, lines: dict[str, Destination]) -> None:
    for number, label, destination in [
        (MAIN, "Main line", menu),
        (DISPATCH, "Dispatch direct", lines["Dispatch"]),
        (OFFICE, "Office line", lines["Billing"]),
    ]:
        if not PhoneNumber.objects.filter(number=number).exists():
            carrier.register_number(client, number=number, label=label, destination=destination)
