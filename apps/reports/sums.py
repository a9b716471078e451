"""The sums behind a report, from the database: a fixed number of statements, whatever the period holds.

`cuts` are the borders of the intervals. PostgreSQL's `width_bucket` finds the interval of a moment in them, and spans
are cut at them by the rule of `intervals.split`.

No call lasts longer than a day at the carrier: what began more than `LONGEST` before the period cannot reach into it,
and who joined in it was answered at most so long after. That lets the indexes by beginning be used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Scope:
    """Whose figures, within which borders. `queues` None: work for any queue and for none."""

    cuts: Sequence[datetime]
    now: datetime
    operators: Sequence[int] | None = None
    queues: Sequence[int] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "cuts": list(self.cuts), "last": len(self.cuts) - 1, "since": self.cuts[0],
            "until": min(self.cuts[-1], self.now), "now": self.now,
            "early": self.cuts[0] - LONGEST, "late": self.cuts[-1] + LONGEST,
            "operators": None if self.operators is None else list(self.operators),
            "queues": None if self.queues is None else list(self.queues),
        }  # fmt: skip


def tallies(scope: Scope, *by: str) -> dict[tuple[Any, ...], Tally]:
    """Callers who joined, by interval and `by` ("queue", "operator"); of operators, those who took them."""
    entries = QueueEntry.objects.filter(joined_at__gte=scope.cuts[0], joined_at__lt=scope.cuts[-1])
    if scope.queues is not None:
        entries = entries.filter(queue__in=scope.queues)
    if scope.operators is not None:
        taken = [QueueEntry.Status.TALKING, QueueEntry.Status.ANSWERED]
        entries = entries.filter(operator__in=scope.operators, status__in=taken)
    return stats.tallies(entries.annotate(n=_interval("joined_at", scope)), "n", *by)


def offers(scope: Scope, *by: str) -> dict[tuple[Any, ...], dict[str, int]]:
    """How often phones were rung and what became of it, by interval and `by` ("operator", "entry__queue")."""
    rows: QuerySet[Offer] = Offer.objects.filter(offered_at__gte=scope.cuts[0], offered_at__lt=scope.cuts[-1])
    if scope.queues is not None:
        rows = rows.filter(entry__queue__in=scope.queues)
    if scope.operators is not None:
        rows = rows.filter(operator__in=scope.operators)
    outcomes = {name: Count("pk", filter=Q(status=name)) for name in ("accepted", "missed", "declined", "withdrawn")}
    found: Any = rows.order_by().annotate(n=_interval("offered_at", scope)).values("n", *by)
    found = found.annotate(offers=Count("pk"), **outcomes)
    return {tuple(row.pop(name) for name in ("n", *by)): row for row in found}


def _interval(name: str, scope: Scope) -> Func:
    cuts = Value(list(scope.cuts), ArrayField(DateTimeField()))
    return Func(F(name), cuts, function="width_bucket", output_field=IntegerField()) - 1


# Each span of work: what, for which queue, by whom, when the caller had joined, from when to when. A wrap-up belongs to
# the conversation at whose end it began; joined as a set, because to look each up takes four times as long.
_WORK = """
conversations AS MATERIALIZED (
    SELECT e.queue_id, o.operator_id, k.public_id AS call_ref, e.joined_at, o.decided_at AS since,
           GREATEST(o.decided_at, COALESCE(o.ended_at, %(now)s)) AS until
    FROM queues_offer o JOIN queues_queueentry e ON e.id = o.entry_id JOIN calls_call k ON k.id = e.call_id
    WHERE o.status = 'accepted' AND o.offered_at >= %(early)s AND o.offered_at < %(late)s
      AND (%(operators)s::bigint[] IS NULL OR o.operator_id = ANY(%(operators)s))
      AND (%(queues)s::bigint[] IS NULL OR e.queue_id = ANY(%(queues)s))
),
held AS MATERIALIZED (
    SELECT h.call_ref, h.at AS since, COALESCE(stop.at, %(now)s) AS until
    FROM core_event h LEFT JOIN LATERAL (
        SELECT s.at FROM core_event s
        WHERE s.call_ref = h.call_ref AND s.applied AND (s.at, s.id) > (h.at, h.id) AND s.kind IN (
            'calls.held', 'calls.resumed', 'calls.hold_failed', 'calls.closed', 'queues.requeued', 'queues.finished')
        ORDER BY s.at, s.id LIMIT 1
    ) stop ON true
    WHERE h.kind = 'calls.held' AND h.applied AND h.at >= %(early)s AND h.at < %(until)s
),
engaged AS MATERIALIZED (
    SELECT g.id, g.purpose, g.operator_id, g.call_ref, g.since,
           GREATEST(g.since, COALESCE(g.ended_at, %(now)s)) AS until
    FROM operators_engagement g
    WHERE g.purpose IN ('wrap_up', 'desk_call', 'preview') AND g.since >= %(early)s AND g.since < %(late)s
      AND (%(operators)s::bigint[] IS NULL OR g.operator_id = ANY(%(operators)s))
),
afterwards AS MATERIALIZED (
    SELECT DISTINCT ON (g.id) g.id, c.queue_id, c.joined_at
    FROM engaged g JOIN conversations c ON c.call_ref = g.call_ref AND c.operator_id = g.operator_id
    WHERE g.purpose = 'wrap_up' AND g.since BETWEEN c.until - interval '1 second' AND c.until + interval '10 seconds'
    ORDER BY g.id, c.since DESC
),
work AS MATERIALIZED (
    SELECT 'conversation' AS kind, queue_id, operator_id, joined_at, since, until FROM conversations
    UNION ALL
    SELECT 'hold', c.queue_id, c.operator_id, c.joined_at, GREATEST(h.since, c.since), LEAST(h.until, c.until)
    FROM held h JOIN conversations c USING (call_ref)
    WHERE h.since < c.until AND h.until > c.since
    UNION ALL
    SELECT CASE g.purpose WHEN 'desk_call' THEN 'desk' ELSE g.purpose END, a.queue_id, g.operator_id, a.joined_at,
           g.since, g.until
    FROM engaged g LEFT JOIN afterwards a USING (id)
    WHERE %(queues)s::bigint[] IS NULL OR a.queue_id IS NOT NULL
)"""

_CUT = """
    SELECT {columns}, n - 1, SUM(GREATEST(0, EXTRACT(EPOCH FROM
        LEAST(s.until, (%(cuts)s::timestamptz[])[n + 1], %(until)s)
        - GREATEST(s.since, (%(cuts)s::timestamptz[])[n]))))::float8
    FROM {spans} s, LATERAL generate_series(
        GREATEST(1, width_bucket(s.since, %(cuts)s::timestamptz[])),
        LEAST(%(last)s, width_bucket(s.until, %(cuts)s::timestamptz[]))) n
    WHERE s.until > %(since)s AND s.since < %(until)s
    GROUP BY {columns}, n"""

_WORK_SUMS = {
    by: f"""
WITH {_WORK}
SELECT 'cut', 0, NULL::bigint[], cut.* FROM ({_CUT.format(columns=f"s.kind, s.{by}_id", spans="work")}) cut
UNION ALL
SELECT 'whole', COUNT(*), array_agg(DISTINCT operator_id), kind, {by}_id,
       width_bucket(joined_at, %(cuts)s::timestamptz[]) - 1, SUM(EXTRACT(EPOCH FROM until - since))::float8
FROM work WHERE joined_at >= %(since)s AND joined_at < %(until)s AND kind <> 'hold'
GROUP BY 4, 5, 6
"""  # noqa: S608 - made of this module's own words; values are parameters
    for by in ("queue", "operator")
}


@dataclass
class Worked:
    """Seconds of `conversation` (hold included), `hold`, `wrap_up`, `desk` and `preview`, cut at the borders.

    And of callers who joined in the interval `handle`, in full, the number of `conversations`, and the `operators` who
    had them.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    operators: frozenset[int] = frozenset()


def work(scope: Scope, by: str) -> dict[tuple[int, int], Worked]:
    """What was worked, by interval and "queue" or "operator"."""
    found: dict[tuple[int, int], Worked] = defaultdict(Worked)
    for how, count, operators, kind, key, n, seconds in _rows(_WORK_SUMS[by], scope.parameters):
        worked = found[n, key]
        if how == "cut":
            worked.seconds[kind] = seconds
            continue
        worked.seconds["handle"] = worked.seconds.get("handle", 0.0) + seconds
        if kind == "conversation":
            worked.seconds["conversations"], worked.operators = count, frozenset(operators)
    return found


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
{_CUT.format(columns="s.kind, s.operator_id", spans="spans")}
"""  # noqa: S608 - as above


def times(scope: Scope, shifts: Iterable[Span]) -> dict[tuple[int, int], dict[str, float]]:
    """Seconds "idle", "planned" and "adherent" by interval and operator; `shifts` are the planned spans."""
    plan = list(shifts)
    columns = {
        "planned": [operator for operator, _since, _until in plan], "begins": [since for _o, since, _u in plan],
        "ends": [min(until, scope.parameters["until"]) for _o, _s, until in plan],
    }  # fmt: skip
    found: dict[tuple[int, int], dict[str, float]] = {}
    for kind, operator, n, seconds in _rows(_TIMES, scope.parameters | columns):
        found.setdefault((n, operator), {})[kind] = seconds
    return found


_PRESENCE = f"""
WITH spans AS (
    SELECT p.operator_id, p.presence, COALESCE(b.name, '') AS reason, p.since, COALESCE(p.until, %(until)s) AS until
    FROM operators_presencespan p LEFT JOIN operators_breakreason b ON b.id = p.break_reason_id
    WHERE p.operator_id = ANY(%(operators)s) AND p.presence <> 'offline'
)
{_CUT.format(columns="s.operator_id, s.presence, s.reason", spans="spans")}
"""  # noqa: S608 - as above


def presence(scope: Scope) -> dict[tuple[int, int], dict[tuple[str, str], float]]:
    """Seconds by interval and operator, and in these by (presence, break reason); being offline is left out."""
    found: dict[tuple[int, int], dict[tuple[str, str], float]] = {}
    for operator, presence, reason, n, seconds in _rows(_PRESENCE, scope.parameters):
        found.setdefault((n, operator), {})[presence, reason] = seconds
    return found


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
