"""From the cells of a row to a contact, or to the reason why there is none."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.campaigns.imports import columns
from apps.campaigns.imports.files import Row
from apps.campaigns.imports.refusals import bare

MOST_NUMBERS = 10
YES = frozenset(["yes", "y", "true", "t", "1", "x", "ja", "oui", "si", "sí", "on"])
NO = frozenset(["no", "n", "false", "f", "0", "nein", "non", "off"])
SEVERAL_IN_A_CELL = re.compile(r"[;|\n]|,(?=\s*\+)")
SHORTENED = re.compile(r"\d[.,]?\d*[eE]\+?\d+$")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ZONES = {name.lower(): name for name in zoneinfo.available_timezones()}
LONGEST = {
    columns.NAME: 160, columns.COMPANY: 160, columns.EMAIL: 254, columns.EXTERNAL_ID: 120, columns.LANGUAGE: 16,
    columns.CONSENT_SOURCE: 160,
}  # fmt: skip
LONGEST_OWN = 1000
WORDS_OF = {
    columns.NAME: "name", columns.COMPANY: "company", columns.EMAIL: "e-mail address",
    columns.EXTERNAL_ID: "identifier", columns.LANGUAGE: "language", columns.CONSENT_SOURCE: "source of consent",
}  # fmt: skip


class RowRefused(Exception):
    """The row gives no contact; the text says why and what to do."""


@dataclass(slots=True)
class NewContact:
    """A contact as the file has it. `numbers` are (E.164, label); `left_out` says what was wrong with a part of it."""

    line: int
    numbers: list[tuple[str, str]]
    name: str = ""
    company: str = ""
    email: str = ""
    external_id: str = ""
    time_zone: str = ""
    language: str = ""
    consent: bool | None = None
    consent_source: str = ""
    do_not_call: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class Reader:
    """Reads rows by one mapping. `number` makes E.164 of a cell's text, or raises ValueError with a sentence."""

    def __init__(self, headings: Sequence[str], mapping: Mapping[str, str], number: Callable[[str], str]) -> None:
        self._number = number
        self._width = len(headings)
        self._columns = [
            (place, heading, target)
            for place, heading in enumerate(headings)
            if (target := mapping.get(heading, columns.LEAVE)) != columns.LEAVE
        ]

    def read(self, row: Row) -> NewContact:
        """The contact of `row`. Raises RowRefused."""
        if row.fault:
            raise RowRefused(row.fault)
        if len(row.cells) > self._width and any(row.cells[self._width :]):
            raise RowRefused(
                f"It has {len(row.cells)} cells, the heading has {self._width}: put cells with a delimiter into quotes."
            )
        given: dict[str, str] = {}
        own: dict[str, str] = {}
        numbers: list[tuple[str, str]] = []
        for place, heading, target in self._columns:
            cell = bare(row.cells[place]) if place < len(row.cells) else ""
            if not cell:
                continue
            if target == columns.NUMBER:
                numbers += [(part, heading) for part in SEVERAL_IN_A_CELL.split(cell) if part.strip()]
            elif target == columns.OWN:
                own[heading] = cell[:LONGEST_OWN]
            else:
                given[target] = cell
        left_out: list[str] = []
        contact = NewContact(row.line, self._numbers(numbers, left_out), fields=own, left_out=left_out)
        _fill(contact, given)
        return contact

    def _numbers(self, given: list[tuple[str, str]], left_out: list[str]) -> list[tuple[str, str]]:
        """In E.164, each once. Raises RowRefused when none is left."""
        if not given:
            raise RowRefused("It has no telephone number.")
        found: dict[str, str] = {}
        for text, label in given[:MOST_NUMBERS]:
            try:
                found.setdefault(self._one(text), label[:40])
            except ValueError as error:
                left_out.append(str(error))
        if not found:
            raise RowRefused(" ".join(left_out))
        if len(given) > MOST_NUMBERS:
            left_out.append(f"More than {MOST_NUMBERS} numbers: the others are left out.")
        return list(found.items())

    def _one(self, text: str) -> str:
        text = text.strip().strip("\"'")
        # ="+14155550100" is how one keeps a spreadsheet from doing sums with a number.
        text = text.removeprefix("=").strip("\"'").strip()
        if SHORTENED.fullmatch(text):
            raise ValueError(
                f"“{text}” was shortened by a spreadsheet, its last digits are lost. Format that column as text and "
                "export again."
            )
        # 14155550100.0 is what becomes of a number in a column of numbers.
        return self._number(text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text)


def _fill(contact: NewContact, given: dict[str, str]) -> None:
    """The fields of a contact; what is no such thing is left out and said."""
    first_and_last = " ".join(given[one] for one in (columns.FIRST_NAME, columns.LAST_NAME) if one in given)
    if first_and_last:
        given[columns.NAME] = first_and_last
    for target, longest in LONGEST.items():
        if (text := given.get(target)) is None:
            continue
        if len(text) > longest:
            contact.left_out.append(f"The {WORDS_OF[target]} is longer than {longest} characters and was left out.")
        elif target == columns.EMAIL and not EMAIL.fullmatch(text):
            contact.left_out.append(f"“{text[:60]}” is no e-mail address and was left out.")
        elif target == columns.LANGUAGE and not LANGUAGE.fullmatch(text):
            contact.left_out.append(f"“{text}” is no language; write en or es-MX.")
        else:
            setattr(contact, target, text)
    if zone := given.get(columns.TIME_ZONE):
        contact.time_zone = ZONES.get(zone.lower(), "")
        if not contact.time_zone:
            contact.left_out.append(f"“{zone[:60]}” is no time zone; write one like America/Chicago.")
    _permission(contact, given)


def _permission(contact: NewContact, given: dict[str, str]) -> None:
    """Whether they may be called. A word that is neither yes nor no is taken for the careful one, and said."""
    for target in (columns.CONSENT, columns.DO_NOT_CALL):
        if (text := given.get(target)) is None:
            continue
        word = text.lower()
        careful = target == columns.DO_NOT_CALL
        if word not in YES | NO:
            contact.left_out.append(
                f"“{text[:60]}” is neither yes nor no; it was taken for {'yes' if careful else 'no'}."
            )
        setattr(contact, target, word in YES or (careful and word not in NO))
