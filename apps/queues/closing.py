"""What happens to those who wait when the hours end, or somebody closes by hand (`Queue.at_closing`)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from apps.calls.models import Call
from apps.core import clock
from apps.core.prepared import Prepared
from apps.hours import services as hours
from apps.queues import places
from apps.queues.models import Queue, QueueEntry

Status = QueueEntry.Status


def waiting_after_closing(at: datetime) -> list[QueueEntry]:
    """Callers who wait in a queue that has closed meanwhile and passes them on (`Queue.at_closing`).

    Whom a phone rings for is given that chance; who asks for a callback may finish.
    """
    entries = _passed_on_at_closing()
    schedules = {entry.queue.schedule_id: entry.queue.schedule for entry in entries}
    closed = {key for key, schedule in schedules.items() if schedule and not hours.is_open(schedule, at)}
    return [entry for entry in entries if entry.queue.schedule_id in closed]


@Prepared
def _passed_on_at_closing() -> QuerySet[QueueEntry]:
    rows = QueueEntry.objects.waiting().filter(
        kind=QueueEntry.Kind.LIVE, queue__at_closing=Queue.AtClosing.PASS_ON, queue__schedule__isnull=False,
        call__status=Call.Status.OPEN,
    )  # fmt: skip
    return rows.select_related("queue__schedule", "queue__when_closed", "call__client")


@transaction.atomic
def close_out(entry: QueueEntry) -> bool:
    """The queue has closed: the place is given up, the caller goes elsewhere. False when not waiting any more."""
    row = places.lock(entry.pk)
    moved = places.move(row, Status.OVERFLOWED, only_from=(Status.WAITING,), ended_at=clock.now())
    if moved:
        places.record(row, "queues.overflowed", waited=places.waited_seconds(row))
    return moved
