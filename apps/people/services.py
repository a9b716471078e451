from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.clients.models import Client
from apps.core import events, numbers
from apps.core.models import User
from apps.core.refused import Refused
from apps.people.models import Consent, Person, PersonList, PersonNumber, Tag

GivenNumber = str | tuple[str, str]
"""A number, or a number with its label ("mobile")."""


def find_by_number(client: Client, number: str) -> Person | None:
    """The client's person with this number (E.164), or None; a withheld number belongs to nobody."""
    return find_by_numbers(client, [number]).get(number)


def find_by_numbers(client: Client, numbers: Iterable[str]) -> dict[str, Person]:
    """The client's persons by those of these numbers (E.164) that are somebody's."""
    known = [number for number in numbers if number.startswith("+")]
    if not known:
        return {}
    # One at most each: a number belongs to one person of a client.
    rows = PersonNumber.objects.filter(client=client, number__in=known).order_by().select_related("person")
    return {row.number: row.person for row in rows}


@transaction.atomic
def add_person(
    client: Client,
    *,
    name: str,
    numbers: Iterable[GivenNumber] = (),
    tags: Iterable[str] = (),
    lists: Iterable[str] = (),
    by: User | None = None,
    **fields: Any,
) -> Person:
    """A new person with numbers, and tags and lists by name (made when new).

    `fields` are the model's own (company, email, language, notes, do_not_call). Raises Refused for a number in use.
    """
    person = Person.objects.create(client=client, name=name, **fields)
    _set_numbers(person, numbers)
    _set_names(person, tags=tags, lists=lists)
    _note("people.added", person, by)
    return person


@transaction.atomic
def change_person(
    person: Person,
    *,
    numbers: Iterable[GivenNumber] | None = None,
    tags: Iterable[str] | None = None,
    lists: Iterable[str] | None = None,
    by: User | None = None,
    **fields: Any,
) -> Person:
    """Set fields of the model; given numbers, tags or lists replace all that there were. Raises as `add_person`."""
    changed = [name for name, value in fields.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, fields[name])
    if changed:
        person.save(update_fields=changed)
    if numbers is not None:
        _set_numbers(person, numbers)
    _set_names(person, tags=tags, lists=lists)
    more = [name for name, value in (("numbers", numbers), ("tags", tags), ("lists", lists)) if value is not None]
    if changed or more:
        note_change(person, changed + more, by=by)
    return person


def note_change(person: Person, fields: Iterable[str], *, by: User | None) -> None:
    """Write down that fields of a person were changed (not what to: the log keeps no personal data it need not)."""
    _note("people.changed", person, by, what=", ".join(name.replace("_", " ") for name in fields))


@transaction.atomic
def remove_person(person: Person, *, by: User | None = None) -> None:
    """Delete a person with numbers and consents. Calls stay, without the name."""
    _note("people.removed", person, by)
    person.delete()


@transaction.atomic
def add_number(person: Person, number: str, *, label: str = "") -> PersonNumber:
    """One more number of a person, in E.164 or the client's national form.

    Raises Refused when it is no number, or another person of the client has it.
    """
    number = free_number(person.client, number, person=person)
    try:
        with transaction.atomic():
            row, _ = PersonNumber.objects.update_or_create(
                person=person, client=person.client, number=number, defaults={"label": label}
            )
    except IntegrityError as error:
        raise Refused("Somebody else was just given this number.", code="number_taken") from error
    return row


def free_number(client: Client, number: str, *, person: Person | None = None) -> str:
    """`number` in E.164 form. Raises Refused when it is no number, or somebody other than `person` has it."""
    try:
        number = numbers.normalise(number, client.country)
    except ValidationError as error:
        raise Refused(error.messages[0], code="invalid_number", fields={"number": error.messages}) from error
    other = find_by_number(client, number)
    if other is not None and other != person:
        sentence = f"{numbers.pretty(number)} is {other.name}'s number. Take it away there first."
        raise Refused(sentence, code="number_taken", fields={"number": [sentence]})
    return number


@transaction.atomic
def note_consent(person: Person, subject: str, *, given: bool, source: str, by: User | None = None) -> Consent:
    """Write down what a person allowed or forbade, and how we know. Earlier rows stay."""
    consent = Consent.objects.create(person=person, subject=subject, given=given, source=source)
    _note(
        "people.consented" if given else "people.objected", person, by,
        about=consent.get_subject_display(), source=source,
    )  # fmt: skip
    return consent


def _set_numbers(person: Person, given: Iterable[GivenNumber]) -> None:
    wanted = [(each, "") if isinstance(each, str) else each for each in given]
    kept = [add_number(person, number, label=label).pk for number, label in wanted]
    person.numbers.exclude(pk__in=kept).delete()


def _set_names(person: Person, *, tags: Iterable[str] | None, lists: Iterable[str] | None) -> None:
    client = person.client
    if tags is not None:
        person.tags.set([Tag.objects.get_or_create(client=client, name=name)[0] for name in tags])
    if lists is not None:
        person.lists.set([PersonList.objects.get_or_create(client=client, name=name)[0] for name in lists])


def _note(kind: str, person: Person, by: User | None, **data: Any) -> None:
    events.record(
        kind, subject=f"person:{person.public_id}", client_ref=person.client.public_id, actor=by, person=person.name,
        **data,
    )  # fmt: skip
