"""Who of a file is on the list already, and what is done then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.campaigns.imports.contacts import NewContact

SKIP, UPDATE, ADD = "skip", "update", "add"

Known = int | NewContact
"""A contact of the list, by its key, or one that stands further up in the same batch."""


@dataclass
class Batch:
    """What is to be written. `updates`: a contact's key and what the file says of it. `refused`: with reasons."""

    adds: list[NewContact] = field(default_factory=list)
    updates: list[tuple[int, NewContact]] = field(default_factory=list)
    updated: int = 0
    skipped: int = 0
    refused: list[tuple[NewContact, str]] = field(default_factory=list)


def sort_out(
    contacts: Sequence[NewContact],
    by_id: Mapping[str, int],
    by_number: Mapping[str, int],
    policy: str,
    nameless: Mapping[str, int] | None = None,
) -> Batch:
    """Sort `contacts` by what is done with them. `by_id` and `by_number`: contacts of the list with one of theirs.

    The same contact is who has the same identifier; where one of the two has none, who has one of the numbers.
    `nameless` are those of `by_number` without an identifier: two colleagues with one telephone stay two.
    """
    ids: dict[str, Known] = dict(by_id)
    numbers: dict[str, Known] = dict(by_number)
    free: dict[str, Known] = dict(nameless or {})
    batch = Batch()
    for contact in contacts:
        known = _known(contact, ids, free if contact.external_id else numbers)
        if known is not None and policy == ADD:
            if contact.external_id in ids:
                batch.refused.append((contact, "Another contact of the list has that identifier."))
                continue
            known = None
        if known is None:
            batch.adds.append(contact)
            known = contact
        elif policy == SKIP:
            batch.skipped += 1
            continue
        else:
            batch.updated += 1
            if isinstance(known, NewContact):
                merge(known, contact)
            else:
                batch.updates.append((known, contact))
        if contact.external_id:
            ids.setdefault(contact.external_id, known)
            # It has an identifier from now on.
            free = {number: one for number, one in free.items() if one != known}
        for number, _label in contact.numbers:
            numbers.setdefault(number, known)
            if isinstance(known, NewContact) and not known.external_id:
                free.setdefault(number, known)
    return batch


def merge(old: NewContact, new: NewContact) -> None:
    """Let `old` be what `new` says, where that says something. Who must not be called stays so."""
    for name in ("name", "company", "email", "external_id", "time_zone", "language", "consent_source"):
        setattr(old, name, getattr(new, name) or getattr(old, name))
    old.consent = old.consent if new.consent is None else new.consent
    old.do_not_call = old.do_not_call or new.do_not_call
    old.fields |= new.fields
    has = {number for number, _label in old.numbers}
    old.numbers += [one for one in new.numbers if one[0] not in has]


def _known(contact: NewContact, ids: Mapping[str, Known], numbers: Mapping[str, Known]) -> Known | None:
    if contact.external_id and contact.external_id in ids:
        return ids[contact.external_id]
    return next((numbers[number] for number, _label in contact.numbers if number in numbers), None)
