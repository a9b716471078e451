"""One chunk of an import: its rows into contacts, refused rows and the import's figures, in one transaction."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.campaigns import imports
from apps.campaigns.imports import NewContact, Row, RowRefused
from apps.campaigns.imports.duplicates import Batch
from apps.campaigns.models import Contact, ContactList, ContactNumber, Import, ImportRow
from apps.carrier import policy
from apps.core import clock, numbers
from apps.core.refused import Refused
from apps.people.models import PersonNumber

LONGEST_REASON = 300


@transaction.atomic
def write(run: Import, done: int, rows: list[Row], reader: imports.Reader) -> bool:
    """Write the chunk `rows`, which begins behind row `done`.

    False when the import has ended, or another process is further.
    """
    now = Import.objects.select_for_update().get(pk=run.pk)
    if now.status != Import.Status.RUNNING or now.rows_done != done:
        return False
    # One import of a list at a time: each must find whom the other has added.
    ContactList.objects.select_for_update(no_key=True).get(pk=run.list_id)
    contacts, refused = _read(run, rows, reader)
    by_id, by_number, nameless = _known(run, contacts)
    batch = imports.sort_out(contacts, by_id, by_number, run.duplicates, nameless)
    cells = {row.line: row.cells for row in rows}
    refused += [ImportRow(run=run, line=one.line, cells=cells[one.line], reason=why) for one, why in batch.refused]
    _add(run, batch.adds)
    _update(batch)
    taken = {id(one) for one, _why in batch.refused}
    partly = [
        ImportRow(run=run, line=one.line, cells=cells[one.line], reason=_short(" ".join(one.left_out)), partly=True)
        for one in contacts if one.left_out and id(one) not in taken
    ]  # fmt: skip
    ImportRow.objects.bulk_create([*refused, *partly])
    now.rows_done += len(rows)
    now.rows_total = max(now.rows_total, now.rows_done)
    now.added += len(batch.adds)
    now.updated += batch.updated
    now.skipped += batch.skipped
    now.refused += len(refused)
    now.partly += len(partly)
    now.heard_at = clock.now()
    now.save()
    return True


def _read(run: Import, rows: list[Row], reader: imports.Reader) -> tuple[list[NewContact], list[ImportRow]]:
    contacts, refused = [], []
    for row in rows:
        try:
            contacts.append(reader.read(row))
        except RowRefused as refusal:
            refused.append(ImportRow(run=run, line=row.line, cells=row.cells, reason=_short(str(refusal))))
    return contacts, refused


def _known(run: Import, contacts: list[NewContact]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Contacts of the list with an identifier or a number of the chunk, and those of the latter without an
    identifier; of several the oldest."""
    ids = {one.external_id for one in contacts if one.external_id}
    by_id = dict(
        Contact.objects.filter(list=run.list_id, external_id__in=ids).order_by().values_list("external_id", "pk")
    )
    dialled = {number for one in contacts for number, _label in one.numbers}
    rows = ContactNumber.objects.filter(list=run.list_id, number__in=dialled).order_by("-contact_id")
    found = list(rows.values_list("number", "contact_id", "contact__external_id"))
    by_number = {number: pk for number, pk, _external_id in found}
    return by_id, by_number, {number: pk for number, pk, external_id in found if not external_id}


def _add(run: Import, contacts: list[NewContact]) -> None:
    people = dict(
        PersonNumber.objects.filter(
            client=run.list.client_id, number__in={number for one in contacts for number, _label in one.numbers}
        ).order_by().values_list("number", "person_id")
    )  # fmt: skip
    made = Contact.objects.bulk_create(
        Contact(
            list_id=run.list_id, name=one.name, company=one.company, email=one.email, external_id=one.external_id,
            time_zone=one.time_zone or None, language=one.language, fields=one.fields, consent=one.consent,
            consent_source=one.consent_source, do_not_call=one.do_not_call,
            person_id=next((people[number] for number, _label in one.numbers if number in people), None),
        )
        for one in contacts
    )  # fmt: skip
    ContactNumber.objects.bulk_create(
        ContactNumber(contact=contact, list_id=run.list_id, number=number, label=label, position=position)
        for contact, one in zip(made, contacts, strict=True)
        for position, (number, label) in enumerate(one.numbers)
    )


def _update(batch: Batch) -> None:
    """Let contacts of the list be what the file says, where it says something. Who must not be called stays so."""
    found = Contact.objects.prefetch_related("numbers").in_bulk({pk for pk, _one in batch.updates})
    new_numbers = []
    held = {pk: {row.number for row in contact.numbers.all()} for pk, contact in found.items()}
    for pk, one in batch.updates:
        contact = found[pk]
        for name in ("name", "company", "email", "external_id", "time_zone", "language", "consent_source"):
            if value := getattr(one, name):
                setattr(contact, name, value)
        contact.consent = contact.consent if one.consent is None else one.consent
        contact.do_not_call = contact.do_not_call or one.do_not_call
        contact.fields = contact.fields | one.fields
        for number, label in one.numbers:
            if number not in held[pk]:
                held[pk].add(number)
                new_numbers.append(
                    ContactNumber(
                        contact=contact, list_id=contact.list_id, number=number, label=label, position=len(held[pk]) - 1
                    )
                )
    fields = ["name", "company", "email", "external_id", "time_zone", "language", "consent_source", "consent",
              "do_not_call", "fields"]  # fmt: skip
    Contact.objects.bulk_update(found.values(), fields, batch_size=200)
    ContactNumber.objects.bulk_create(new_numbers)


def callable_number(text: str, *, country: str, called_from: str) -> str:
    """E.164 of a number as it stands in the file, read as one of `country`.

    ValueError when it is none, or none that a client in `called_from` ever calls.
    """
    try:
        policy.refuse_emergency(text)
        number = numbers.normalise(text, country)
        policy.check_destination(number, country=called_from)
    except ValidationError as error:
        raise ValueError(error.messages[0]) from error
    except Refused as refusal:
        raise ValueError(f"“{text[:40]}”: {refusal.sentence}") from refusal
    return number


def _short(reason: str) -> str:
    return reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"
