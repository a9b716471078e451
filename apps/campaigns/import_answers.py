"""The file of refused rows, as it is downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from apps.campaigns.csv_file import csv_response
from apps.campaigns.imports.columns import OF_REFUSED
from apps.campaigns.models import Import


def refused_rows(run: Import) -> StreamingHttpResponse:
    """A CSV file, row by row from the database: line, what became of it, why, and the cells as they were.

    Corrected, it can be imported again.
    """
    return csv_response(f"refused-{run.public_id}.csv", [*OF_REFUSED, *run.headings], _cells(run))


def _cells(run: Import) -> Iterator[list[str]]:
    for line, cells, reason, partly in run.rows.values_list("line", "cells", "reason", "partly").iterator(2000):
        yield [str(line), "in part" if partly else "no", reason, *cells]
