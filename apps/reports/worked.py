"""What operators worked on: conversations, hold, wrap-up, desk calls and previews, for which queue and by whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from apps.reports.sums import Place, Scope, grouping, in_seconds, pieces, rows

# Each span of work: what, for which queue, by whom, when the caller had joined, from when to when. A wrap-up belongs to
# the conversation at whose end it began; joined as a set, because to look each up takes four times as long.
_WORK = """
conversations AS MATERIALIZED (
    SELECT e.queue_id, o.operator_id, k.public_id AS call_ref, e.joined_at, o.decided_at AS since,
           GREATEST(o.decided_at, COALESCE(o.ended_at, %(now)s)) AS until
    FROM queues_offer o JOIN queues_queueentry e ON e.id = o.entry_id JOIN calls_call k ON k.id = e.call_id
    WHERE o.status = 'accepted' AND o.decided_at >= %(early)s AND o.decided_at < %(late)s
      AND (o.operator_id = ANY(%(operators)s) OR e.queue_id = ANY(%(queues)s))
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
      AND (%(queues)s::bigint[] IS NOT NULL OR g.operator_id = ANY(%(operators)s))
),
attributed AS (
    SELECT DISTINCT ON (g.id) g.purpose, c.queue_id, g.operator_id, c.joined_at, g.since, g.until
    FROM engaged g LEFT JOIN conversations c
        ON g.purpose = 'wrap_up' AND c.call_ref = g.call_ref AND c.operator_id = g.operator_id
       AND g.since BETWEEN c.until - interval '1 second' AND c.until + interval '10 seconds'
    ORDER BY g.id, c.since DESC
),
work AS MATERIALIZED (
    SELECT 'conversation' AS kind, queue_id, operator_id, joined_at, since, until FROM conversations
    UNION ALL
    SELECT 'hold', c.queue_id, c.operator_id, c.joined_at, GREATEST(h.since, c.since), LEAST(h.until, c.until)
    FROM held h JOIN conversations c USING (call_ref)
    WHERE h.since < c.until AND h.until > c.since
    UNION ALL
    SELECT CASE purpose WHEN 'desk_call' THEN 'desk' ELSE purpose END, queue_id, operator_id, joined_at, since, until
    FROM attributed
),
joined AS MATERIALIZED (
    SELECT kind, queue_id, operator_id, operator_id AS who, until - since AS lasted,
           width_bucket(joined_at, %(cuts)s::timestamptz[]) - 1 AS n
    FROM work WHERE joined_at >= %(since)s AND joined_at < %(until)s AND kind <> 'hold'
)"""
_HANDLING = ("conversation", "wrap_up", "desk", "preview")


@dataclass
class Worked:
    """Seconds of `conversation` (hold included), `hold`, `wrap_up`, `desk` and `preview`, cut at the borders.

    And of callers who joined in the interval `handle`, in full, the number of `conversations`, and the `operators` who
    had them.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    operators: frozenset[int] = frozenset()

    @property
    def handling(self) -> float:
        return sum(self.seconds.get(kind, 0.0) for kind in _HANDLING)


def work(scope: Scope) -> tuple[dict[Place, Worked], dict[Place, float]]:
    """What was worked, by interval and queue or operator; and the seconds of it by interval and operator of the staff,
    whichever queue it was for."""
    found: dict[Place, Worked] = defaultdict(Worked)
    handling: dict[Place, float] = {}
    for what, kind, n, key, seconds, count, operators in rows(_statement(scope), scope.parameters):
        if what == "staff":
            handling[n, key] = seconds
        elif what == "cut":
            found[n, key].seconds[kind] = seconds
        elif what == "who":
            found[n, key].operators = frozenset(operators)
        else:
            sums = found[n, key].seconds
            sums["handle"] = sums.get("handle", 0.0) + seconds
            if kind == "conversation":
                sums["conversations"] = count
    if scope.queues is None:
        handling = {place: worked.handling for place, worked in found.items()}
    return found, handling


def _statement(scope: Scope) -> str:
    """The sums in rows of: which of them, kind of work, interval, key, seconds, number, operators."""
    key = "operator_id" if scope.queues is None else "queue_id"
    asked = "operator_id = ANY(%(operators)s)" if scope.queues is None else "queue_id = ANY(%(queues)s)"
    seconds = in_seconds("lasted")
    staff = f"""
UNION ALL SELECT 'staff', NULL, n, operator_id, {seconds}, 0, NULL
FROM pieces WHERE operator_id = ANY(%(operators)s) AND kind <> 'hold' {grouping(scope, "operator_id")}
"""  # noqa: S608 - as below
    return f"""
WITH {_WORK}, pieces AS MATERIALIZED ({pieces("work", "kind, queue_id, operator_id")})
SELECT 'cut', kind, n, {key}, {seconds}, 0, NULL::bigint[]
FROM pieces WHERE {asked} {grouping(scope, key, "kind")}
UNION ALL SELECT 'whole', kind, n, {key}, {seconds}, COUNT(*), NULL
FROM joined WHERE {asked} {grouping(scope, key, "kind")}
UNION ALL SELECT 'who', NULL, n, key, 0, 0, array_agg(who) FROM (
    SELECT n, {key} AS key, who FROM joined WHERE {asked} AND kind = 'conversation' {grouping(scope, key, "who")}) each
GROUP BY n, key{"" if scope.queues is None else staff}
"""  # noqa: S608 - made of this module's own words; values are parameters
