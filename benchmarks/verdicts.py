"""Whether calls went as they should: the ledger and the database, one against the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.calls.models import Call, Leg
from apps.core.models import Event
from apps.queues.models import Offer, QueueEntry
from benchmarks.books import Books, Line, together
from benchmarks.figures import percentile


@dataclass
class Verdict:
    """`complete`: callers whose whole story holds. `lost`: sentences about all others."""

    complete: list[Line] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    double_offers: list[str] = field(default_factory=list)


def judge(books: Books) -> Verdict:
    """A call is complete when ledger and database tell the same story.

    The ledger: the caller and one operator were in one room, and the caller's line ended. The database: the call is
    over, answered, and two of its lines were seen coming into the room. Nothing may have gone wrong in between.
    """
    verdict = Verdict(double_offers=[*books.double_offers(), *_offered_twice()])
    legs = {leg.sid: leg for leg in Leg.objects.select_related("call").filter(sid__in=list(books.lines))}
    joined, served = _joined(), _served()
    meetings = {caller.sid for caller, _desk in together(books).values()}
    for line in books.callers:
        leg = legs.get(line.sid)
        problem = _problem(line, leg.call if leg else None, line.sid in meetings)
        if not problem and leg and joined.get(leg.call.public_id, 0) != 2:
            problem = f"{joined.get(leg.call.public_id, 0)} lines joined by our records"
        if not problem and leg and leg.call_id not in served:
            problem = "its place in the queue was not closed as answered, or it went back in line"
        if problem:
            verdict.lost.append(f"{line.sid}: {problem}")
        else:
            verdict.complete.append(line)
    return verdict


def _problem(line: Line, call: Call | None, met: bool) -> str:
    if call is None:
        return "the database does not know it"
    if line.troubles:
        return line.troubles[0]
    if not met:
        return "it never met an operator"
    if line.ended is None:
        return "its line is still open"
    if call.status != Call.Status.OVER or call.outcome != Call.Outcome.ANSWERED:
        return f"the database says {call.status} {call.outcome}"
    return ""


def _joined() -> dict[Any, int]:
    lines: dict[Any, set[str]] = {}
    for ref, subject in Event.objects.filter(kind="calls.joined").values_list("call_ref", "subject"):
        lines.setdefault(ref, set()).add(subject)
    return {ref: len(subjects) for ref, subjects in lines.items()}


def _served() -> set[int]:
    """Calls with one place in a queue, given to them once and closed as answered."""
    rows = QueueEntry.objects.filter(status=QueueEntry.Status.ANSWERED, front=False).values_list("call", flat=True)
    return set(rows)


def _offered_twice() -> list[str]:
    """Offers of one operator that overlap, by the database."""
    found, busy_until = [], {}
    for offer in Offer.objects.order_by("operator", "offered_at"):
        if (until := busy_until.get(offer.operator_id)) and offer.offered_at < until:
            found.append(f"operator {offer.operator_id}: offer {offer.pk} overlaps another")
        if offer.ended_at is not None:
            busy_until[offer.operator_id] = offer.ended_at
    return found


def waits(books: Books, since: float = 0.0) -> dict[str, float]:
    """From the caller's key to the operator's ring, and from the answer to both in the room: p50 and p95 in ms.

    By the carrier's clock, of callers who pressed their key after `since` (seconds since the epoch).
    """
    ring, meet = [], []
    for room, (caller, desk) in together(books).items():
        if caller.pressed is None or caller.pressed < since or desk.ringing is None or desk.answered is None:
            continue
        ring.append((desk.ringing - caller.pressed) * 1000)
        meet.append((max(caller.joined[room], desk.joined[room]) - desk.answered) * 1000)
    return {
        "calls": len(ring),
        "key_to_ring_p50_ms": round(percentile(ring, 50)), "key_to_ring_p95_ms": round(percentile(ring, 95)),
        "answer_to_room_p50_ms": round(percentile(meet, 50)), "answer_to_room_p95_ms": round(percentile(meet, 95)),
    }  # fmt: skip
