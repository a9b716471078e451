"""Who waits, as the board shows it: in the order in which they are served, with what decides about that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from apps.core import numbers
from apps.live.diff import Row
from apps.live.learned import Learned
from apps.live.questions import PlaceFacts
from apps.live.words import iso, number_of
from apps.queues.models import QueueEntry

CHOOSING = QueueEntry.Status.CHOOSING


def rows(places: Iterable[PlaceFacts], learned: Learned, now: datetime) -> list[Row]:
    """One row for each place in a queue that is not answered yet, as ranked. `place`: 1 is next.

    Who is in the callback dialogue stands behind the others, with `place` 0.
    """
    taken: Counter[int] = Counter()
    lines = []
    for place in sorted(places, key=lambda place: place.status == CHOOSING):
        asked, queue = learned.wanted[place.queue_id], learned.queues[place.queue_id]
        waited = (now - place.place_at).total_seconds()
        is_in_line = place.status != CHOOSING
        taken[place.queue_id] += is_in_line
        lines.append({
            "id": str(place.public_id), "call": str(place.call), "client": queue.client.name,
            "queue": str(queue.public_id), "queue_name": queue.name, "status": place.status,
            "kind": place.kind, "name": place.person or "", "number": _number(place),
            "place": taken[place.queue_id] if is_in_line else 0,
            "since": iso(place.joined_at), "front": place.front, "priority": place.priority,
            "effective": round(place.effective if is_in_line else place.priority),
            **_reserved(place, learned),
            "asks": _levels(dict(asked.requirements)), "content_with": _levels(asked.asked(waited)),
        })  # fmt: skip
    return lines


def _reserved(place: PlaceFacts, learned: Learned) -> Row:
    person = learned.operators.get(place.reserved_for_id or 0)
    return {"reserved_for": person.name if person else "", "reserved_id": person.public_id if person else None}


def _number(place: PlaceFacts) -> str:
    """Where the caller is reached: the line, or the number that the callback goes to."""
    is_callback = place.kind == QueueEntry.Kind.CALLBACK
    return numbers.pretty(place.callback_number or "") if is_callback else number_of(place.customer_number)


def _levels(asked: Mapping[str, int]) -> str:
    """ "Dispatch 5, Spanish 6"; "anybody" once no level is asked any more; "" when nothing is required."""
    named = ", ".join(f"{skill} {level}" for skill, level in asked.items() if level)
    return named or ("anybody" if asked else "")
