"""A CSV file that is made while it is downloaded. Cells that a spreadsheet would run are made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from apps.campaigns.imports import harmless


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """The file `name`, row by row as `rows` yields them."""
    response = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    # The mark tells spreadsheets that this is UTF-8.
    yield "\ufeff".encode() + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(map(harmless, cells))
    return out.getvalue().encode()
