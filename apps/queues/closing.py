"""Whose wait ends without an answer: it became too long, the hours ended, or somebody closed by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value

from apps.calls.models import Call
from apps.core import clock
from apps.core.prepared import Prepared
from apps.hours import services as hours
from apps.queues import places
from apps.queues.models import Queue, QueueEntry

Status = QueueEntry.Status


def overdue(at: datetime) -> list[QueueEntry]:
    """Callers whose wait is over their queue's limit at `at`, longest first. A phone that rings may ring on.

    The switchboard gives up their place (`services.overflow`) and takes them to the queue's overflow.
    """
    return _overdue(at=at)


@Prepared
def _overdue(at: datetime) -> QuerySet[QueueEntry]:
    limit = ExpressionWrapper(
        F("queue__max_wait_seconds") * Value(timedelta(seconds=1), DurationField()), output_field=DurationField()
    )
    rows = QueueEntry.objects.waiting().filter(
        kind=QueueEntry.Kind.LIVE, call__status=Call.Status.OPEN, place_at__lte=Value(at) - limit
    )
    return rows.select_related("queue__overflow", "call__client").order_by("place_at")


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
