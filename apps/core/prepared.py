"""Statements that are sent many times a second: compiled once, planned once, afterwards only filled in.

    _free = Prepared(lambda at, queues: Queue.objects.filter(pk=OneOf(queues), since__lt=at).values_list("pk"))
    _free(at=clock.now(), queues=[1, 2])

Building and compiling a queryset of some joins takes Django longer than PostgreSQL takes to answer it, and planning it
takes PostgreSQL longer than carrying it out. So each becomes a prepared statement of its connection, in which all
stands as it is (so that partial indexes are of use) but what is filled in. Behind a pooler that mixes sessions the
statements are sent whole (DATABASE_PREPARED=false).
"""

from __future__ import annotations

import copy
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import BigIntegerField, Model, QuerySet, Value
from django.db.models.query import ValuesListIterable
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class OneOf(Value):
    """`filter(pk=OneOf(keys))`: like `pk__in=keys`, with the same text of the statement however many they are.

    `keys` are a list, or what stands for one that comes later.
    """

    def __init__(self, keys: Any) -> None:
        super().__init__(keys, output_field=ArrayField(BigIntegerField()))

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        sql, params = super().as_sql(compiler, connection)
        return f"ANY({sql})", params


class _PlannedCursor(ServerBindingCursor):
    """Plans a statement the first time and keeps the plan with the connection."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)

    def _convert_query(self, *args: Any) -> Any:
        self._query = super()._convert_query(*args)  # where Django looks for what was sent, to note it
        return self._query


@contextmanager
def _sent(sql: str, values: dict[str, Any]) -> Iterator[Any]:
    """The cursor of a statement with the places `%(name)s`."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database._prepare_cursor(_PlannedCursor(database.connection)) as cursor:
        cursor.execute(sql, {name: filled_in(value) for name, value in values.items()})
        yield cursor


class _Statement(NamedTuple):
    sql: str
    open: tuple[str, ...]  # the values that are filled in
    rows: QuerySet[Any]
    compiler: SQLCompiler
    plain: bool  # the rows are what the database gives


def _compile(build: Callable[..., tuple[QuerySet[Any], SQLCompiler]], values: dict[str, Any]) -> _Statement:
    """Raises ValueError when an open place does not stand in the statement as it was given."""
    marks = [{name: _mark(value, turn, n) for n, (name, value) in enumerate(values.items())} for turn in range(2)]
    (rows, compiler), (_rows, other) = (build(**each) for each in marks)
    (sql, params), (other_sql, other_params) = compiler.as_sql(), other.as_sql()
    places = []
    for place, pair in enumerate(zip(params, other_params, strict=True)):
        names = [name for name in values if (marks[0][name], marks[1][name]) == pair and pair[0] != pair[1]]
        if pair[0] != pair[1] and not names:
            raise ValueError(f"Parameter {place} is made from a value that is not fixed: {sql}")
        places.append(f"%({names[0]})s" if names else _literal(pair[0]))
    found = tuple(name for name in values if f"%({name})s" in places)
    if sql != other_sql or set(found) != {name for name, value in values.items() if _is_open(value)}:
        raise ValueError(f"Not every open place is a parameter of its own: {sql}")
    return _Statement(sql.replace("%%", "%%%%") % tuple(places), found, rows, compiler, _is_plain(rows, compiler))


def _is_plain(rows: QuerySet[Any], compiler: SQLCompiler) -> bool:
    """Whether each answer is a tuple of columns of which none is converted."""
    if rows._iterable_class is not ValuesListIterable or compiler.has_extra_select:
        return False
    return not compiler.get_converters([each[0] for each in compiler.select])


class _Kept(ABC):
    """The statements of one `build`: moments (`datetime`), identifiers (`UUID`) and lists of keys are open places and
    must go into the queryset as they are; whatever else is given belongs to the statement, compiled once for each."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._known: dict[tuple[Any, ...], _Statement] = {}

    def _statement(self, values: dict[str, Any]) -> _Statement:
        fixed = (*values, *(None if _is_open(value) else value for value in values.values()))
        known = self._known.get(fixed)
        if known is None:
            known = self._known[fixed] = _compile(self._compiled, values)
        return known

    @abstractmethod
    def _compiled(self, **values: Any) -> tuple[QuerySet[Any], SQLCompiler]:
        """The rows of these values, and what makes the statement about them."""


class Prepared(_Kept):
    """A question with open places. `build` makes its queryset from values."""

    def __call__(self, **values: Any) -> list[Any]:
        """The rows for these values, as the queryset would give them."""
        known = self._statement(values)
        with _sent(known.sql, {name: values[name] for name in known.open}) as cursor:
            answer = cursor.fetchall()
        if known.plain or not answer:
            return answer
        # What Django does when a queryset is looped over, but for the compiling.
        compiler = copy.copy(known.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        if compiler.has_extra_select:  # columns by which is ordered only
            answer = [row[: compiler.col_count] for row in answer]
        compiler.execute_sql = lambda *_args, **_options: [answer]  # type: ignore[method-assign]
        query = copy.copy(known.rows.query)
        query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        rows: QuerySet[Any] = object.__new__(type(known.rows))
        rows.__dict__ |= known.rows.__dict__ | {"_query": query}
        return list(rows._iterable_class(rows))  # type: ignore[attr-defined]

    def _compiled(self, **values: Any) -> tuple[QuerySet[Any], SQLCompiler]:
        rows = self._build(**values)
        compiler = rows.query.get_compiler(connection=connection)
        compiler.get_converters = _once(compiler.get_converters)  # type: ignore[method-assign]
        return rows, compiler


class PreparedUpdate(_Kept):
    """A change of rows with open places. `build` makes from values the queryset and what is set, {field: value}."""

    def __call__(self, **values: Any) -> int:
        """Make the change for these values; how many rows there were."""
        known = self._statement(values)
        with _sent(known.sql, {name: values[name] for name in known.open}) as cursor:
            return cursor.rowcount

    def _compiled(self, **values: Any) -> tuple[QuerySet[Any], SQLCompiler]:
        rows, changes = self._build(**values)
        query = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        return rows, query.get_compiler(connection=connection)


def insert(rows: Sequence[Row]) -> Sequence[Row]:
    """Write new rows of one model and give them their keys, as `bulk_create` does; the same rows.

    They travel as one JSON document, which PostgreSQL takes apart faster than Django and psycopg put columns together.
    For models of plain fields: values must be those of the columns.
    """
    if rows:
        fields, sql = _insertion(type(rows[0]))
        document = [{column: getattr(row, name) for column, name in fields} for row in rows]
        with _sent(sql, {"rows": json.dumps(document, default=_as_text)}) as cursor:
            for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk, row._state.adding, row._state.db = key, False, connection.alias
    return rows


@cache
def _insertion(model: type[Model]) -> tuple[list[tuple[str, str]], str]:
    """(column, attribute) of each field but the key, and the statement."""
    fields = [(field.column, field.attname) for field in model._meta.concrete_fields if not field.primary_key]
    quoted = connection.ops.quote_name
    table, columns = quoted(model._meta.db_table), ", ".join(quoted(column) for column, _name in fields)
    given = f"json_populate_recordset(NULL::{table}, %(rows)s::json)"
    key = quoted(model._meta.pk.column)
    return fields, f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {given} RETURNING {key}"  # noqa: S608 (names)


def _as_text(value: Any) -> str:
    """What JSON does not know. Raises TypeError for anything that no column of ours holds."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"A value of type {type(value).__name__} cannot be written.")


def _once(find: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`find` for what is the same each time."""
    found: list[Any] = []

    def answer(what: Any) -> Any:
        if not found:
            found.append(find(what))
        return found[0]

    return answer


def _is_open(value: Any) -> bool:
    return isinstance(value, datetime | UUID | list)


def _mark(value: Any, turn: int, n: int) -> Any:
    """A value like `value` that is found again among the parameters, another each turn."""
    if isinstance(value, datetime):
        return datetime(1970 + turn, 1, 1, tzinfo=UTC) + timedelta(microseconds=n + 1)
    if isinstance(value, UUID):
        return UUID(int=10 * turn + n + 1)
    return [-(10 * turn + n + 1)] if isinstance(value, list) else value


def filled_in(value: Any) -> Any:
    """A value as it is sent: a list as the text of an array. psycopg would look at each key, and plan for each size
    of number."""
    return "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else value


def _literal(value: Any) -> str:
    """A fixed value as it stands in the statement."""
    return connection.ops.compose_sql("%s", [value]).replace("%", "%%")
