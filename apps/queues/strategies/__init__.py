"""Whom a waiting call is offered to.

Pure: values in, a decision with its reasons out; no database, no clock, no chance of its own. The same code serves live
calls, samples, replays of past calls (`Decision.from_json`) and the simulation (`Hall`).
"""

from apps.queues.strategies.decision import Considered, Decision
from apps.queues.strategies.hall import RING_AT_MOST, Hall, assign, decide, effective_priority, replay
from apps.queues.strategies.values import (
    BEST_SKILL,
    BREATH,
    FEWEST_CALLS,
    LEAST_ACTIVE,
    LINEAR,
    LONGEST_IDLE,
    PASS_OVER,
    RANDOM,
    RING_ALL,
    ROUND_ROBIN,
    WEIGHTED,
    Candidate,
    Waiting,
    Wanted,
)

__all__ = [
    "BEST_SKILL", "BREATH", "FEWEST_CALLS", "LEAST_ACTIVE", "LINEAR", "LONGEST_IDLE", "PASS_OVER", "RANDOM", "RING_ALL",
    "RING_AT_MOST", "ROUND_ROBIN", "WEIGHTED", "Candidate", "Considered", "Decision", "Hall", "Waiting", "Wanted",
    "assign", "decide", "effective_priority", "replay",
]  # fmt: skip
