"""The file of refused rows, as it is downloaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.http import StreamingHttpResponse

from apps.campaigns.imports import harmless
from apps.campaigns.models import Import


def refused_rows(run: Import) -> StreamingHttpResponse:
    """A CSV file, row by row from the database: line, what became of it, why, and the cells as they were.

    Corrected, it can be imported again. Cells that a spreadsheet would run are made harmless.
    """
    response = StreamingHttpResponse(_lines(run), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{run.public_id}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(run: Import) -> Iterator[bytes]:
    # The mark tells spreadsheets that this is UTF-8.
    yield "\ufeff".encode() + _line(["Line", "Taken", "Why", *run.headings])
    for line, cells, reason, partly in run.rows.values_list("line", "cells", "reason", "partly").iterator(2000):
        yield _line([str(line), "in part" if partly else "no", reason, *cells])


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(map(harmless, cells))
    return out.getvalue().encode()
