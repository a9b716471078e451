"""Who waits, as the board shows it: in the order in which they are served, with what decides about that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from apps.core import clock, numbers
from apps.live.diff import Row
from apps.live.scope import Scope
from apps.live.words import iso, number
from apps.queues import reading
from apps.queues.models import QueueEntry

CHOOSING = QueueEntry.Status.CHOOSING
_WITH = ("queue__client", "call__person", "reserved_for__user", "callback")


def rows(scope: Scope) -> list[Row]:
    """One row for each place in a queue that is not answered yet. `place`: 1 is next; 0 for who is in the dialogue."""
    now = clock.now()
    groups = (QueueEntry.objects.in_turn(now), QueueEntry.objects.filter(status=CHOOSING).order_by("place_at"))
    found = [entry for entries in groups for entry in scope.narrow(entries.select_related(*_WITH), "queue__client")]
    wanted = reading.wanted_of({entry.queue_id: entry.queue for entry in found}.values())
    places: Counter[int] = Counter()
    lines = []
    for entry in found:
        asked = wanted[entry.queue_id]
        waited = (now - entry.place_at).total_seconds()
        is_in_line = entry.status != CHOOSING
        places[entry.queue_id] += is_in_line
        lines.append({
            "id": str(entry.public_id), "call": str(entry.call.public_id), "client": entry.queue.client.name,
            "queue": str(entry.queue.public_id), "queue_name": entry.queue.name, "status": entry.status,
            "kind": entry.kind, "name": entry.call.person.name if entry.call.person else "",
            "number": _number(entry), "place": places[entry.queue_id] if is_in_line else 0,
            "since": iso(entry.joined_at), "front": entry.front, "priority": entry.priority,
            "effective": round(getattr(entry, "effective", entry.priority)),
            "reserved_for": str(entry.reserved_for) if entry.reserved_for else "",
            "reserved_id": str(entry.reserved_for.public_id) if entry.reserved_for else None,
            "asks": _levels(dict(asked.requirements)), "content_with": _levels(asked.asked(waited)),
        })  # fmt: skip
    return lines


def _number(entry: QueueEntry) -> str:
    """Where the caller is reached: the line, or the number that the callback goes to."""
    return numbers.pretty(entry.callback.number) if entry.kind == QueueEntry.Kind.CALLBACK else number(entry.call)


def _levels(asked: Mapping[str, int]) -> str:
    """ "Dispatch 5, Spanish 6"; "anybody" once no level is asked any more; "" when nothing is required."""
    named = ", ".join(f"{skill} {level}" for skill, level in asked.items() if level)
    return named or ("anybody" if asked else "")
