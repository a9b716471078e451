from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.clients.models import Client
from apps.core import events, numbers
from apps.core.models import User
from apps.core.refused import Refused
from apps.people.models import Consent, Person, PersonList, PersonNumber, Tag


def find_by_number(client: Client, number: str) -> Person | None:
    """The client's person with this number (E.164), or None; a withheld number belongs to nobody."""
    if not number.startswith("+"):
        return None
    return Person.objects.filter(numbers__client=client, numbers__number=number).first()


@transaction.atomic
def add_person(
    client: Client,
    *,
    name: str,
    numbers: Iterable[str] = (),
    company: str = "",
    email: str = "",
    language: str = "",
    notes: str = "",
    do_not_call: bool = False,
    tags: Iterable[str] = (),
    lists: Iterable[str] = (),
    by: User | None = None,
) -> Person:
    """A new person with numbers, and tags and lists by name (made when new). Raises Refused for a number in use."""
    person = Person.objects.create(
        client=client, name=name, company=company, email=email, language=language, notes=notes, do_not_call=do_not_call
    )
    for number in numbers:
        add_number(person, number)
    person.tags.set(Tag.objects.get_or_create(client=client, name=tag)[0] for tag in tags)
    person.lists.set(PersonList.objects.get_or_create(client=client, name=each)[0] for each in lists)
    _note("people.added", person, by)
    return person


@transaction.atomic
def add_number(person: Person, number: str, *, label: str = "") -> PersonNumber:
    """One more number of a person, in E.164 or the client's national form.

    Raises Refused when it is no number, or another person of the client has it.
    """
    number = free_number(person.client, number, person=person)
    try:
        with transaction.atomic():
            row, _ = PersonNumber.objects.get_or_create(
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
def note_consent(
    person: Person, subject: Consent.Subject, *, given: bool, source: str, by: User | None = None
) -> Consent:
    """Write down what a person allowed or forbade, and how we know. Earlier rows stay."""
    consent = Consent.objects.create(person=person, subject=subject, given=given, source=source)
    _note(
        "people.consented" if given else "people.objected", person, by,
        about=consent.get_subject_display(), source=source,
    )  # fmt: skip
    return consent


def _note(kind: str, person: Person, by: User | None, **data: str) -> None:
    events.record(
        kind, subject=f"person:{person.public_id}", client_ref=person.client.public_id, actor=by, person=person.name,
        **data,
    )  # fmt: skip
