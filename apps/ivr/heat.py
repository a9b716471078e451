"""What real callers did in a voice menu: which ways they took, where they hung up, how long each node took."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count

from apps.ivr.models import Flow, Visit

# Steps of one answer have one moment, so what was passed without asking takes no time.
_WAYS = """
SELECT node, edge, count(*), extract(epoch FROM sum(spent)) FROM (
    SELECT step->>'node' AS node, step->>'edge' AS edge,
           (step->>'at')::timestamptz - lag((step->>'at')::timestamptz, 1, visit.started_at)
               OVER (PARTITION BY visit.id ORDER BY n) AS spent
    FROM ivr_visit visit CROSS JOIN LATERAL jsonb_array_elements(visit.path) WITH ORDINALITY AS steps(step, n)
    WHERE visit.flow_id = %s AND visit.started_at >= %s
) taken WHERE node <> '' GROUP BY node, edge
"""

_RATINGS = """
SELECT step->>'node', step->>'key', count(*)
FROM ivr_visit visit CROSS JOIN LATERAL jsonb_array_elements(visit.path) AS steps(step)
WHERE visit.flow_id = %s AND visit.started_at >= %s
    AND step->>'kind' = 'rating' AND step->>'cause' = 'pressed'
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass
class NodeHeat:
    """`calls` counts how often callers left the node, or answered in vain; `seconds` is the mean of each time.

    `ratings` counts the answers to a rating by the key that was pressed.
    """

    calls: int = 0
    hung_up: int = 0
    seconds: float = 0
    ratings: dict[str, int] = field(default_factory=dict)

    @property
    def rating(self) -> float | None:
        """The mean of what callers gave; None when nobody did."""
        answers = sum(self.ratings.values())
        return round(sum(int(key) * n for key, n in self.ratings.items()) / answers, 2) if answers else None


@dataclass
class Heat:
    """`edges` counts calls by "node/edge"."""

    visits: int = 0
    nodes: dict[str, NodeHeat] = field(default_factory=dict)
    edges: dict[str, int] = field(default_factory=dict)


def heat(flow: Flow, since: datetime) -> Heat:
    """The ways of all calls that came into `flow` since then, whatever its version was."""
    visits = Visit.objects.filter(flow=flow, started_at__gte=since)
    found = Heat(visits=visits.count())
    with connection.cursor() as cursor:
        cursor.execute(_WAYS, [flow.pk, since])
        rows = cursor.fetchall()
        cursor.execute(_RATINGS, [flow.pk, since])
        rated = cursor.fetchall()
    for node, edge, calls, spent in rows:
        here = found.nodes.setdefault(node, NodeHeat())
        here.calls += calls
        here.seconds += float(spent)
        if edge:
            found.edges[f"{node}/{edge}"] = calls
    for here in found.nodes.values():
        here.seconds = round(here.seconds / here.calls, 1)
    for node, key, calls in rated:
        found.nodes.setdefault(node, NodeHeat()).ratings[key] = calls
    gone = visits.filter(outcome__contains="hung up").order_by().values_list("node").annotate(calls=Count("pk"))
    for node, calls in gone:
        found.nodes.setdefault(node, NodeHeat()).hung_up = calls
    return found
