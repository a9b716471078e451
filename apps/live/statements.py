"""Questions that are asked four times a second: their SQL is composed once, and all of them go in one round trip.

Composing SQL and building models costs Django more than PostgreSQL needs to answer. The questions are QuerySets all the
same, so that what "open" or "waiting" means is said in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from psycopg.types.datetime import TimestamptzLoader

from apps.core.prepared import filled_in


class Hole:
    """A value that is not known when the SQL is composed; `fetch` gets it by its name.

    A list of keys: `filter(pk=OneOf(Hole("calls")))`.
    """

    def __init__(self, name: str) -> None:
        self.name = name


class Statement:
    """The rows of `query`, which ends in `values()` or `values_list()`: dicts by name, or tuples."""

    def __init__(self, query: QuerySet[Any, Any]) -> None:
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            self._sql, self._params = compiler.as_sql()
        except EmptyResultSet:
            self._sql, self._params = "", ()  # nobody's rows: there is nothing to ask
        self._names = [*query.query.values_select, *query.query.annotation_select]

    def ask(self, line: psycopg.Connection[Any], holes: dict[str, Any]) -> psycopg.Cursor[Any] | None:
        """Send it, with what stands in its `holes`."""
        if not self._sql:
            return None
        cursor = psycopg.Cursor(line)
        # Django's own loader is Python for each moment that is read; the session speaks UTC, which is all that it adds.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        values = [holes[value.name] if isinstance(value, Hole) else value for value in self._params]
        return cursor.execute(self._sql, values, prepare=True)

    def named(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """The rows of a query that ends in `values()`, by the names of their columns."""
        return [dict(zip(self._names, row, strict=True)) for row in rows]


def fetch(statements: Sequence[Statement], **holes: Any) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement, as tuples."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    line = connection.connection
    values = {name: filled_in(value) for name, value in holes.items()}
    with line.pipeline():
        asked = [statement.ask(line, values) for statement in statements]
    return [cursor.fetchall() if cursor is not None else [] for cursor in asked]
