"""Our phone numbers: adding, changing and removing them; telling the carrier about them; looking after it all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.carrier import tasks
from apps.carrier.checkup import Finding, doctor
from apps.carrier.models import PhoneNumber
from apps.carrier.provisioning import Provisioned, note, provision, set_up
from apps.clients.models import Client
from apps.core import numbers
from apps.core.models import User
from apps.core.nudges import nudge
from apps.core.refused import Refused
from apps.destinations.models import Destination

__all__ = [
    "Finding", "Provisioned", "change_number", "doctor", "provision", "register_number", "remove_number", "set_up",
]  # fmt: skip


@transaction.atomic
def register_number(
    client: Client, *, number: str, label: str, destination: Destination, active: bool = True, by: User | None = None
) -> PhoneNumber:
    """Add a number of ours and, after commit, tell the carrier where it is answered. National form is read as well.

    Raises Refused for what is not a number, for one that is there already, and for a destination that takes no calls.
    """
    number = _normalised(client, number)
    if PhoneNumber.objects.filter(number=number).exists():
        raise Refused(
            f"{numbers.pretty(number)} is there already. Change that entry instead.",
            code="duplicate",
            fields={"number": ["Already in use."]},
        )
    _refuse_unfit(client, destination)
    row = PhoneNumber.objects.create(client=client, number=number, label=label, destination=destination, active=active)
    note("carrier.number_added", row, by, destination=destination.label)
    nudge(tasks.set_up_number, row.pk)
    return row


@transaction.atomic
def change_number(row: PhoneNumber, *, by: User | None = None, **fields: Any) -> PhoneNumber:
    """Set label, destination or active. The number itself stays: another number is another entry.

    Raises Refused for a destination that takes no calls.
    """
    if fixed := set(fields) - {"label", "destination", "active"}:
        raise Refused(
            "A number stays as it is and with its client. Add the other one as a new entry.",
            fields={name: ["Cannot be changed."] for name in sorted(fixed)},
        )
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if row.active and {"destination", "active"} & set(changed):
        _refuse_unfit(row.client, row.destination)
    if changed:
        row.save(update_fields=changed)
        note("carrier.number_changed", row, by, what=", ".join(changed))
        if "active" in changed and row.active:
            nudge(tasks.set_up_number, row.pk)
    return row


@transaction.atomic
def remove_number(row: PhoneNumber, *, by: User | None = None) -> None:
    """Forget a number. At the carrier it stays ours and its calls keep coming: release it there as well."""
    note("carrier.number_removed", row, by)
    row.delete()


def refuse_foreign_caller_id(client: Client, number: str) -> None:
    """Raise Refused unless `number` is a number of `client` that is in use: the carrier shows no other."""
    if not PhoneNumber.objects.active().filter(client=client, number=number).exists():
        raise Refused(
            f"{numbers.pretty(number)} is not one of {client}'s numbers. Add it under Phone numbers first, then choose "
            "it as the caller id.",
            fields={"caller_id": ["Not one of the client's numbers."]},
        )


def _normalised(client: Client, number: str) -> str:
    try:
        return numbers.normalise(number, client.country)
    except ValidationError as error:
        raise Refused(error.messages[0], code="invalid_number", fields={"number": list(error.messages)}) from error


def _refuse_unfit(client: Client, destination: Destination) -> None:
    if destination.client_id != client.pk:
        raise Refused(
            f"{destination.label} belongs to another client. Choose one of {client.name}.",
            fields={"destination": ["Belongs to another client."]},
        )
    if not destination.active:
        raise Refused(
            f"{destination.label} is switched off, so calls to this number would lead nowhere. Switch it on or choose "
            "another destination.",
            fields={"destination": ["Switched off."]},
        )
