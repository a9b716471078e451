"""Search within the rows that belong to one row, where `?search=` must not narrow the row itself."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.filters import SearchFilter
from rest_framework.request import Request

SEARCH = OpenApiParameter("search", str, description="Words, each of which must be found: a name, a part of a number.")


def searched(rows: QuerySet[Any], request: Request, *fields: str) -> QuerySet[Any]:
    """Those of `rows` that have each word of `?search=` in one of `fields`. The action itself has no search fields."""

    class Within:
        search_fields = fields

    return SearchFilter().filter_queryset(request, rows, Within)  # type: ignore[arg-type]
