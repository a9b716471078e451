"""The sums behind a report, from the database: a fixed number of statements, whatever the period holds.

Sums are found under (interval, None) for everybody in an interval, under (None, key) for one subject in the whole
period, and, where a report wants `cells`, under (interval, key). PostgreSQL adds up each of the three by itself: cells
would be tens of thousands to fetch, only to be added up again.

`cuts` are the borders of the intervals. PostgreSQL's `width_bucket` finds the interval of a moment in them, and spans
are cut at them by the rule of `intervals.split`.

No call lasts longer than a day at the carrier: what began more than `LONGEST` before the period cannot reach into it,
and who joined in it was answered at most so long after. That lets the indexes by beginning be used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Q, QuerySet, Value

from apps.queues import stats
from apps.queues.models import Offer, QueueEntry
from apps.queues.stats import Tally

LONGEST = timedelta(hours=25)
Span = tuple[int, datetime, datetime]  # operator, since, until
Place = tuple[int | None, int | None]  # interval, key of a queue or operator; None: all of them


@dataclass(frozen=True)
class Scope:
    """Whose figures, within which borders: those of `queues`, where they are given, else those of `operators`.

    With queues, `operators` are who staffs them. `cells`: also each of them in each interval.
    """

    cuts: Sequence[datetime]
    now: datetime
    operators: Sequence[int]
    queues: Sequence[int] | None = None
    cells: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "cuts": list(self.cuts), "last": len(self.cuts) - 1, "since": self.cuts[0],
            "until": min(self.cuts[-1], self.now), "now": self.now,
            "early": self.cuts[0] - LONGEST, "late": self.cuts[-1] + LONGEST,
            "operators": list(self.operators),
            "queues": None if self.queues is None else list(self.queues),
        }  # fmt: skip

    def groups(self, *keys: str) -> list[tuple[str, ...]]:
        """What sums are grouped by: the interval `n`, the `keys`, and for cells both."""
        return [("n",), keys, *([("n", *keys)] if self.cells else [])]


def tallies(scope: Scope) -> dict[Place, Tally]:
    """Callers who joined, by interval and queue; or, of operators, by interval and who took them."""
    entries = QueueEntry.objects.filter(joined_at__gte=scope.cuts[0], joined_at__lt=scope.cuts[-1])
    if scope.queues is not None:
        entries = entries.filter(queue__in=scope.queues).annotate(key=F("queue"))
    else:
        taken = [QueueEntry.Status.TALKING, QueueEntry.Status.ANSWERED]
        entries = entries.filter(operator__in=scope.operators, status__in=taken).annotate(key=F("operator"))
    entries = entries.annotate(n=_interval("joined_at", scope))
    return {
        _place(by, values): tally
        for by in scope.groups("key") for values, tally in stats.tallies(entries, *by).items()
    }  # fmt: skip


def offers(scope: Scope) -> dict[Place, dict[str, int]]:
    """How often phones were rung and what became of it, by interval and queue or operator."""
    rows: QuerySet[Offer] = Offer.objects.filter(offered_at__gte=scope.cuts[0], offered_at__lt=scope.cuts[-1])
    if scope.queues is not None:
        rows = rows.filter(entry__queue__in=scope.queues).annotate(key=F("entry__queue"))
    else:
        rows = rows.filter(operator__in=scope.operators).annotate(key=F("operator"))
    outcomes = {name: Count("pk", filter=Q(status=name)) for name in ("accepted", "missed", "declined", "withdrawn")}
    rows = rows.order_by().annotate(n=_interval("offered_at", scope))
    found: dict[Place, dict[str, int]] = {}
    for by in scope.groups("key"):
        grouped: Any = rows.values(*by).annotate(offers=Count("pk"), **outcomes)
        found |= {_place(by, [row.pop(name) for name in by]): row for row in grouped}
    return found


def _place(by: Sequence[str], values: Sequence[Any]) -> Place:
    """Where the sums of a group belong: its values by the names in `by`."""
    found = dict(zip(by, values, strict=True))
    return found.get("n"), found.get("key")


def _interval(name: str, scope: Scope) -> Func:
    cuts = Value(list(scope.cuts), ArrayField(DateTimeField()))
    return Func(F(name), cuts, function="width_bucket", output_field=IntegerField()) - 1


def pieces(spans: str, columns: str) -> str:
    """The statement that cuts `spans` at the borders: their `columns`, the interval `n` and the time in it.

    Spans begin and end (`since`, `until`) as they did; what lies outside of the period, or has yet to come, is cut off.
    """
    # The series stands in the list of columns: as a function that is joined it would cost ten times as much.
    return f"""
    SELECT {columns}, n - 1 AS n,
           LEAST(until, (%(cuts)s::timestamptz[])[n + 1]) - GREATEST(since, (%(cuts)s::timestamptz[])[n]) AS lasted
    FROM (
        SELECT {columns}, since, LEAST(until, %(until)s) AS until, generate_series(
            GREATEST(1, width_bucket(since, %(cuts)s::timestamptz[])),
            LEAST(%(last)s, width_bucket(LEAST(until, %(until)s), %(cuts)s::timestamptz[]))) AS n
        FROM {spans} WHERE until > %(since)s AND since < %(until)s AND until > since
    ) each"""  # noqa: S608 - made of this module's own words; values are parameters


def grouping(scope: Scope, key: str, *more: str) -> str:
    """The clause that adds up by interval, by `key` and, for cells, by both; and by `more` in any case."""
    sets = (", ".join([*by, *more]) for by in scope.groups(key))
    return f"GROUP BY GROUPING SETS ({', '.join(f'({each})' for each in sets)})"


def in_seconds(lasted: str) -> str:
    return f"EXTRACT(EPOCH FROM SUM({lasted}))::float8"


# What somebody's time was made of, as sets of time that do not overlap: what they were planned for, what they did.
_TIMES = f"""
WITH asked AS (SELECT unnest(%(operators)s::bigint[]) AS operator_id),
available AS (
    SELECT p.operator_id, range_agg(tstzrange(
        GREATEST(p.since, %(since)s), LEAST(COALESCE(p.until, %(until)s), %(until)s))) AS times
    FROM operators_presencespan p JOIN asked USING (operator_id)
    WHERE p.presence = 'available' AND p.since < %(until)s AND COALESCE(p.until, %(until)s) > %(since)s
    GROUP BY p.operator_id
),
engaged AS (
    SELECT g.operator_id, range_agg(tstzrange(
        GREATEST(g.since, %(since)s), LEAST(COALESCE(g.ended_at, %(until)s), %(until)s))) AS times
    FROM operators_engagement g JOIN asked USING (operator_id)
    WHERE g.since >= %(early)s AND g.since < %(until)s AND COALESCE(g.ended_at, %(until)s) > %(since)s
      AND COALESCE(g.ended_at, %(until)s) > g.since
    GROUP BY g.operator_id
),
planned AS (
    SELECT operator_id, range_agg(tstzrange(since, until)) AS times
    FROM unnest(%(planned)s::bigint[], %(begins)s::timestamptz[], %(ends)s::timestamptz[])
         AS shift(operator_id, since, until)
    WHERE since < until GROUP BY operator_id
),
times AS (
    SELECT asked.operator_id, COALESCE(a.times, '{{}}') AS available, COALESCE(g.times, '{{}}') AS engaged,
           COALESCE(p.times, '{{}}') AS planned
    FROM asked LEFT JOIN available a USING (operator_id) LEFT JOIN engaged g USING (operator_id)
    LEFT JOIN planned p USING (operator_id)
),
pieces AS (
    SELECT 'idle' AS kind, operator_id, unnest(available - engaged) AS piece FROM times
    UNION ALL SELECT 'planned', operator_id, unnest(planned) FROM times
    UNION ALL SELECT 'adherent', operator_id, unnest(planned * (available + engaged)) FROM times
),
spans AS (SELECT kind, operator_id, lower(piece) AS since, upper(piece) AS until FROM pieces)
SELECT kind, n, operator_id, {in_seconds("lasted")} FROM ({pieces("spans", "kind, operator_id")}) piece
"""  # noqa: S608 - as above


def times(scope: Scope, shifts: Iterable[Span]) -> dict[Place, dict[str, float]]:
    """Seconds "idle", "planned" and "adherent" by interval and operator; `shifts` are the planned spans."""
    plan = list(shifts)
    columns = {
        "planned": [operator for operator, _since, _until in plan], "begins": [since for _o, since, _u in plan],
        "ends": [min(until, scope.parameters["until"]) for _o, _s, until in plan],
    }  # fmt: skip
    found: dict[Place, dict[str, float]] = defaultdict(dict)
    statement = _TIMES + grouping(scope, "operator_id", "kind")
    for kind, n, operator, seconds in rows(statement, scope.parameters | columns):
        found[n, operator][kind] = seconds
    return found


_PRESENCE = f"""
WITH spans AS (
    SELECT p.operator_id, p.presence, COALESCE(b.name, '') AS reason, p.since, COALESCE(p.until, %(until)s) AS until
    FROM operators_presencespan p LEFT JOIN operators_breakreason b ON b.id = p.break_reason_id
    WHERE p.operator_id = ANY(%(operators)s) AND p.presence <> 'offline'
)
SELECT presence, reason, n, operator_id, {in_seconds("lasted")}
FROM ({pieces("spans", "presence, reason, operator_id")}) piece
"""  # noqa: S608 - as above


def presence(scope: Scope) -> dict[Place, dict[tuple[str, str], float]]:
    """Seconds by interval and operator, and in these by (presence, break reason); being offline is left out."""
    found: dict[Place, dict[tuple[str, str], float]] = defaultdict(dict)
    statement = _PRESENCE + grouping(scope, "operator_id", "presence", "reason")
    for presence, reason, n, operator, seconds in rows(statement, scope.parameters):
        found[n, operator][presence, reason] = seconds
    return found


def rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
