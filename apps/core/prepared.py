"""Questions that are asked many times a second: a queryset is built and compiled once, afterwards only filled in.

    _free = Prepared(lambda at, queues: Queue.objects.filter(pk=OneOf(queues), since__lt=at).values_list("pk"))
    _free(at=clock.now(), queues=[1, 2])

Building and compiling a queryset of some joins takes Django longer than PostgreSQL takes to answer it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler


class OneOf(Value):
    """`filter(pk=OneOf(keys))`: like `pk__in=keys`, with the same text of the statement however many they are.

    `keys` are a list, or what stands for one that comes later.
    """

    def __init__(self, keys: Any) -> None:
        super().__init__(keys, output_field=ArrayField(BigIntegerField()))

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        sql, params = super().as_sql(compiler, connection)
        return f"ANY({sql})", params


class _Compiled(NamedTuple):
    rows: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, str], ...]  # which parameter is which value


class Prepared:
    """A question with open places. `build` makes its queryset from values.

    Moments (`datetime`), identifiers (`UUID`) and lists of keys are open places and must go into the queryset as they
    are; whatever else is given belongs to the question, which is compiled once for each.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self._build = build
        self._known: dict[tuple[Any, ...], _Compiled] = {}

    def __call__(self, **values: Any) -> list[Any]:
        """The rows for these values, as the queryset would give them."""
        fixed = tuple(None if _is_open(value) else value for value in values.values())
        known = self._known.get((*values, *fixed))
        if known is None:
            known = self._known[(*values, *fixed)] = self._compile(values)
        params = list(known.params)
        for place, name in known.places:
            params[place] = values[name]
        # What Django does when a queryset is looped over, but for the compiling.
        compiler = copy.copy(known.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_options: (known.sql, tuple(params))  # type: ignore[method-assign]
        query = copy.copy(known.rows.query)
        query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        rows: QuerySet[Any] = object.__new__(type(known.rows))
        rows.__dict__ |= known.rows.__dict__ | {"_query": query}
        return list(rows._iterable_class(rows))  # type: ignore[attr-defined]

    def _compile(self, values: dict[str, Any]) -> _Compiled:
        """Raises ValueError when an open place does not stand in the statement as it was given."""
        marks = [{name: _mark(value, turn, n) for n, (name, value) in enumerate(values.items())} for turn in range(2)]
        rows = self._build(**marks[0])
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        other_sql, other = self._build(**marks[1]).query.get_compiler(connection=connection).as_sql()
        places = []
        for place, pair in enumerate(zip(params, other, strict=True)):
            if pair[0] != pair[1]:
                names = [name for name in values if (marks[0][name], marks[1][name]) == pair]
                if not names:
                    raise ValueError(f"Parameter {place} is made from a value that is not fixed: {sql}")
                places.append((place, names[0]))
        if sql != other_sql or {name for _place, name in places} != {n for n, v in values.items() if _is_open(v)}:
            raise ValueError(f"Not every open place is a parameter of its own: {sql}")
        return _Compiled(rows, compiler, sql, tuple(params), tuple(places))


def _is_open(value: Any) -> bool:
    return isinstance(value, datetime | UUID | list)


def _mark(value: Any, turn: int, n: int) -> Any:
    """A value like `value` that is found again among the parameters, another each turn."""
    if isinstance(value, datetime):
        return datetime(1970 + turn, 1, 1, tzinfo=UTC) + timedelta(microseconds=n + 1)
    if isinstance(value, UUID):
        return UUID(int=10 * turn + n + 1)
    return [-(10 * turn + n + 1)] if isinstance(value, list) else value
