"""How long somebody in line will wait still, from what the last two hours were like."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, DurationField, F, Q, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from apps.operators.models import Operator
from apps.queues.expected import expected_wait
from apps.queues.models import Offer, Queue, QueueEntry

Status = QueueEntry.Status
LOOK_BACK = timedelta(hours=2)
LONGEST_CALL = timedelta(hours=1)  # who joined longer before that is left out, so that an index finds the others


def wait_seconds(queue: Queue, place: int, at: datetime) -> int | None:
    """How long who stands at `place` (1 = next) will probably wait still; None when nothing can be said.

    From the members who are there and can be rung, what an answered call has taken of the operators' time lately
    (phones that rang in vain too, and wrap-up), and how often callers left the line; not those who left at once.
    Nothing can be said without an answered call, with nobody there, or of somebody who is not in line.
    """
    staff = Operator.objects.there().filter(memberships__queue=queue, memberships__active=True).count()
    if not place or not staff:
        return None
    recent = QueueEntry.objects.filter(queue=queue, joined_at__gt=at - LOOK_BACK - LONGEST_CALL).order_by()
    work = Offer.objects.filter(entry__in=recent, ended_at__gt=at - LOOK_BACK).aggregate(
        time=_time(F("ended_at") - F("offered_at")), answered=Count("pk", filter=Q(status=Offer.Status.ACCEPTED))
    )
    if not work["answered"]:
        return None
    patient = F("joined_at") + Value(timedelta(seconds=queue.short_abandon_seconds), DurationField())
    line = recent.aggregate(
        left=Count("pk", filter=Q(status=Status.ABANDONED, ended_at__gte=patient)),
        time=_time(Coalesce("answered_at", "ended_at", Value(at)) - F("joined_at")),
    )
    handle = work["time"].total_seconds() / work["answered"] + queue.wrap_up_seconds
    # Where nobody has waited for a second nobody has had the time to leave either.
    leave_rate = line["left"] / max(1.0, line["time"].total_seconds())
    return round(expected_wait(place, staff=staff, handle_seconds=max(1.0, handle), leave_rate=leave_rate))


def _time(span: Combinable) -> Sum:
    return Sum(span, output_field=DurationField())
