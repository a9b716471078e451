"""Writing destinations. Owners (a queue, a voice menu) call `create`, `rename`, `retire` and `restore` for theirs;
outside numbers and endings, which belong to nobody else, are made here."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import models, transaction

from apps.clients.models import Client
from apps.core import events, numbers
from apps.core.models import User
from apps.core.refused import Refused
from apps.destinations import kinds
from apps.destinations.models import Destination, Ending, OutsideNumber

NumberCheck = Callable[[str], None]
_number_checks: list[NumberCheck] = []


def check_numbers_with(check: NumberCheck) -> None:
    """Have `check(number)` refuse outside numbers that must not be dialled; the dialling policy lives above us."""
    if check not in _number_checks:
        _number_checks.append(check)


@transaction.atomic
def create(client: Client, kind: str, label: str) -> Destination:
    """A new destination. Raises LookupError for a kind that no app declared."""
    if not kinds.is_known(kind):
        raise LookupError(f"Destination kind {kind} is not declared.")
    return Destination.objects.create(client=client, kind=kind, label=label)


@transaction.atomic
def rename(destination: Destination, label: str) -> Destination:
    """Give it the name that its owner has now."""
    destination.label = label
    destination.save(update_fields=["label"])
    return destination


@transaction.atomic
def retire(destination: Destination) -> Destination:
    """Send no more calls there. What points at it keeps pointing, and routing passes it over."""
    return _switch(destination, False)


@transaction.atomic
def restore(destination: Destination) -> Destination:
    """Let calls in again after `retire`."""
    return _switch(destination, True)


@transaction.atomic
def add_outside_number(
    client: Client, *, label: str, number: str, ring_seconds: int = 30, by: User | None = None
) -> OutsideNumber:
    """A number outside the house as a destination. `number` may be in the client's national form.

    Raises Refused for what is not a number or must not be dialled.
    """
    outside = OutsideNumber(
        destination=create(client, kinds.NUMBER, label),
        number=checked_number(client, number),
        ring_seconds=ring_seconds,
    )
    outside.save()
    _note("destinations.added", outside.destination, by)
    return outside


@transaction.atomic
def add_ending(client: Client, *, label: str, message: str = "", by: User | None = None) -> Ending:
    """A message after which we hang up; an empty one hangs up at once."""
    ending = Ending.objects.create(destination=create(client, kinds.ENDING, label), message=message)
    _note("destinations.added", ending.destination, by)
    return ending


@transaction.atomic
def make(
    client: Client,
    kind: str,
    label: str,
    *,
    number: str = "",
    ring_seconds: int = 30,
    message: str = "",
    active: bool = True,
    by: User | None = None,
) -> Destination:
    """A new outside number or ending, whichever `kind` says. Raises Refused for any other kind."""
    if kind == kinds.NUMBER:
        made = add_outside_number(client, label=label, number=number, ring_seconds=ring_seconds, by=by).destination
    elif kind == kinds.ENDING:
        made = add_ending(client, label=label, message=message, by=by).destination
    else:
        raise Refused('Make "number" or "ending" here; queues and voice menus bring their own destination.')
    return made if active else retire(made)


@transaction.atomic
def change(
    destination: Destination,
    *,
    label: str | None = None,
    active: bool | None = None,
    number: str | None = None,
    ring_seconds: int | None = None,
    message: str | None = None,
    by: User | None = None,
) -> Destination:
    """Change an outside number or an ending; None leaves as it is, and what the kind does not have is passed over.

    Raises Refused for other kinds, and as `add_outside_number` does.
    """
    refuse_owned(destination)
    if destination.kind == kinds.NUMBER:
        outside = destination.outside_number
        if number is not None:
            outside.number = checked_number(destination.client, number)
        outside.ring_seconds = outside.ring_seconds if ring_seconds is None else ring_seconds
        outside.save(update_fields=["number", "ring_seconds"])
    elif message is not None:
        destination.ending.message = message
        destination.ending.save(update_fields=["message"])
    if label is not None:
        rename(destination, label)
    if active is not None:
        _switch(destination, active)
    _note("destinations.changed", destination, by)
    return destination


@transaction.atomic
def remove(destination: Destination, *, by: User | None = None) -> None:
    """Delete an outside number or an ending. Raises Refused while something leads there or another app owns it."""
    refuse_owned(destination)
    refuse_while_used(destination)
    _note("destinations.removed", destination, by)
    destination.delete()


def refuse_owned(destination: Destination) -> None:
    """Raise Refused for a destination that another app made: it changes with its owner."""
    if destination.kind not in (kinds.NUMBER, kinds.ENDING):
        what = kinds.label(destination.kind).lower()
        raise Refused(f"{destination.label} stands for a {what}: change it there.", code="owned")


def checked_number(client: Client, number: str) -> str:
    """`number` in E.164 form. Raises Refused for what is not a number or must not be dialled."""
    try:
        number = numbers.normalise(number, client.country)
    except ValidationError as error:
        raise Refused(error.messages[0], code="invalid_number", fields={"number": error.messages}) from error
    for check in _number_checks:
        check(number)
    return number


def owner(destination: Destination) -> models.Model | None:
    """The row that the destination stands for: the queue, the voice menu, the outside number."""
    for relation in Destination._meta.related_objects:
        if isinstance(relation, models.OneToOneRel):
            row = relation.related_model._default_manager.filter(**{relation.field.name: destination}).first()
            if row is not None:
                return row
    return None


def used_by(destination: Destination, *, limit: int = 20) -> list[models.Model]:
    """What sends calls there, at most `limit` rows of each model: phone numbers, rules, menus, queues.

    Only references that forbid deletion count; a record of the past is not a use.
    """
    found: list[models.Model] = []
    for relation in Destination._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.OneToOneRel) or not isinstance(relation, models.ManyToOneRel):
            continue
        if relation.on_delete is models.PROTECT:
            rows = relation.related_model._default_manager.filter(**{relation.field.name: destination})
            found += list(rows[:limit])
    return found


def refuse_while_used(destination: Destination) -> None:
    """Raise Refused, naming them, while rows send calls to `destination`."""
    users = used_by(destination, limit=3)
    if users:
        names = ", ".join(f"{row._meta.verbose_name} “{row}”" for row in users[:3])
        raise Refused(
            f"Calls still come to {destination.label} from {names}. Point them elsewhere first.", code="in_use"
        )


def _switch(destination: Destination, active: bool) -> Destination:
    if destination.active != active:
        destination.active = active
        destination.save(update_fields=["active"])
        _note("destinations.restored" if active else "destinations.retired", destination, None)
    return destination


def _note(kind: str, destination: Destination, by: User | None) -> None:
    events.record(
        kind,
        subject=f"destination:{destination.public_id}",
        client_ref=destination.client.public_id,
        actor=by,
        label=destination.label,
        what=kinds.label(destination.kind).lower(),
    )
