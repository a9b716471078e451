"""The permission ledger as a file: each attempt and each skip with its reason and the facts it was decided by."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from apps.campaigns.csv_file import csv_response
from apps.campaigns.models import Permission

HEAD = ["At (UTC)", "Campaign", "Contact", "Number", "Verdict", "Code", "Reason", "Again from (UTC)", "Facts"]


def as_csv(rows: QuerySet[Permission], *, name: str) -> StreamingHttpResponse:
    """A CSV file of these rows, streamed from the database."""
    return csv_response(f"ledger-{name}.csv", HEAD, _cells(rows))


def _cells(rows: QuerySet[Permission]) -> Iterator[list[str]]:
    for row in rows.select_related("campaign", "target__contact").iterator(2000):
        until = f"{row.until:%Y-%m-%d %H:%M:%S}" if row.until else ""
        yield [
            f"{row.at:%Y-%m-%d %H:%M:%S}", str(row.campaign), str(row.target.contact), row.number, row.verdict,
            row.code, row.sentence, until, json.dumps(row.facts, sort_keys=True),
        ]  # fmt: skip
