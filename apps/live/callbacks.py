"""Who waits to be called back, as the board shows it."""

from __future__ import annotations

from collections.abc import Iterable

from apps.core import numbers
from apps.live.diff import Row
from apps.live.learned import Learned
from apps.live.questions import CallbackFacts
from apps.live.words import iso


def rows(callbacks: Iterable[CallbackFacts], learned: Learned) -> list[Row]:
    """The open callbacks; `tries` are those that rang the customer, `next_try_at` the earliest moment of the next."""
    found = []
    for row in callbacks:
        queue, operator = learned.queues[row.queue_id], learned.operators.get(row.operator_id or 0)
        found.append({
            "id": str(row.public_id), "entry": str(row.entry), "queue_name": queue.name,
            "client": queue.client.name, "name": row.person or "",
            "number": numbers.pretty(row.number), "status": row.status, "asked_at": iso(row.asked_at),
            "promised_from": iso(row.promised_from), "promised_until": iso(row.promised_until),
            "next_try_at": iso(row.next_try_at), "expires_at": iso(row.expires_at),
            "tries": row.tries, "tries_at_most": queue.callback_tries, "front": row.front,
            "operator": operator.name if operator else "",
        })  # fmt: skip
    return found
