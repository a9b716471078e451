"""Numbers that must not be called, many at once: a public register, or the list that another system kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, cast

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from apps.campaigns import imports, promises
from apps.campaigns.imports import Row, columns
from apps.campaigns.models import Campaign, DoNotCall
from apps.clients.models import Client
from apps.core import clock, events, numbers
from apps.core.models import User
from apps.core.refused import Refused

MOST_ROWS = 50_000  # of one file: it is taken while its sender waits
CHUNK = 2000
TOLD = 1000  # refused rows that are told one by one


@dataclass
class Taken:
    """What came of a file: numbers `added`, those `known` before, and rows `refused` with line, cell and reason."""

    added: int = 0
    known: int = 0
    refused: int = 0
    rows: list[tuple[int, str, str]] = field(default_factory=list)

    def refuse(self, row: Row, cell: str, reason: str) -> None:
        self.refused += 1
        if len(self.rows) < TOLD:
            self.rows.append((row.line, cell[:80], reason))


@transaction.atomic
def take_in(
    file: UploadedFile, *, client: Client | None, campaign: Campaign | None = None, source: str, by: User | None = None
) -> Taken:
    """Nobody of the house (no client), of the client or of the one campaign dials these numbers from the commit on.

    All of the file that can be read, in one go; twice is once. Raises Refused as `promises.add_do_not_call`, for what
    is no table of text, and for more rows than are taken at once.
    """
    client = promises.whose(client, campaign, by)
    stream = cast(BinaryIO, file.file)
    try:
        kind = imports.examine(stream, file.size or 0)
    except imports.FileRefused as refusal:
        raise Refused(str(refusal), code="bad_file", fields={"file": [str(refusal)]}) from refusal
    place = _column(kind)
    taken, country = Taken(), client.country if client else None
    with closing(imports.records(stream, kind)) as rows:
        found = dict(_numbers(islice(rows, MOST_ROWS), place, country, taken))
        if next(rows, None) is not None:
            words = f"The file has more than {MOST_ROWS:,} rows. Split it and send the parts one by one."
            raise Refused(words, code="too_large", fields={"file": [words]})
    _write(list(found), client, campaign, source, taken)
    events.record(
        "campaigns.register_taken_in", subject="do-not-call", actor=by, file=str(file.name)[-200:], source=source,
        added=taken.added, known=taken.known, refused=taken.refused,
        client_ref=client.public_id if client else None,
    )  # fmt: skip
    return taken


def _column(kind: imports.Format) -> int:
    """Where the numbers stand: what the headings say, else what stands below them, else the only column."""
    guessed = imports.guess(kind)
    found = [place for place, heading in enumerate(kind.headings) if guessed.get(heading) == columns.NUMBER]
    if found or len(kind.headings) == 1:
        return found[0] if found else 0
    words = "No column has telephone numbers. Write one number a line, or a heading “Phone” above them."
    raise Refused(words, code="bad_file", fields={"file": [words]})


def _numbers(rows: Iterable[Row], place: int, country: str | None, taken: Taken) -> Iterator[tuple[str, Row]]:
    for row in rows:
        cell = imports.bare(row.cells[place]) if place < len(row.cells) else ""
        if row.fault or not cell:
            taken.refuse(row, cell, row.fault or "It has no telephone number.")
            continue
        try:
            yield numbers.normalise(cell, country), row
        except ValidationError as error:
            taken.refuse(row, cell, error.messages[0])


def _write(every: list[str], client: Client | None, campaign: Campaign | None, source: str, taken: Taken) -> None:
    at = clock.now()
    for begin in range(0, len(every), CHUNK):
        chunk = every[begin : begin + CHUNK]
        entries = DoNotCall.objects.filter(client=client, campaign=campaign)
        before = set(entries.filter(number__in=chunk).values_list("number", flat=True))
        new = [DoNotCall(client=client, campaign=campaign, number=one, source=source, at=at)
               for one in chunk if one not in before]  # fmt: skip
        DoNotCall.objects.bulk_create(new, ignore_conflicts=True)
        taken.added += len(new)
        taken.known += len(before)
