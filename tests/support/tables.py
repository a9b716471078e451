"""The tables after a test that committed: as the migrations left them.

Django's `flush` empties all of them, also those that are empty, and writes types and permissions anew: half a second.
And it forgets what migrations wrote, so that a test would depend on which ran before it.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase

_KEPT = "as_migrated"


def keep() -> None:
    """Remember the rows of now, and from here on come back to them after each test that commits."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_KEPT}")
        for table in _with_rows(cursor):
            cursor.execute(f"CREATE TABLE {_KEPT}.{table} AS TABLE {table}")
        kept = set(_with_rows(cursor))

    def restore(_case: TransactionTestCase) -> None:
        # The tables' references are looked at when the transaction ends, so their order is of no importance.
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _with_rows(cursor):
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (names)
            for table in kept:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {_KEPT}.{table}")  # noqa: S608 (names)

    TransactionTestCase._fixture_teardown = restore


def _with_rows(cursor) -> list[str]:
    tables = map(connection.ops.quote_name, connection.introspection.django_table_names(include_views=False))
    looks = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)  # noqa: S608 (names)
    cursor.execute(" UNION ALL ".join(looks))
    return [table for (table,) in cursor.fetchall()]
