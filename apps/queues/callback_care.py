"""Callbacks between and after the tries: ended, moved in time, and put right when a process died in between."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.models import User
from apps.core.prepared import Prepared
from apps.core.refused import Refused
from apps.hours import opening
from apps.queues import callback_rows as rows
from apps.queues import callbacks, places
from apps.queues.models import Callback, CallbackTry, Offer, QueueEntry

logger = logging.getLogger(__name__)

Status = Callback.Status
PATIENCE = timedelta(seconds=5)  # what is under way is left alone for so long
NOBODY_TAKES_IT = timedelta(seconds=30)  # a try whose operators all declined is closed after this
ROUND = 200


@transaction.atomic
def cancel(callback: Callback, *, why: str, to_entry: str = QueueEntry.Status.EXPIRED) -> bool:
    """Make no (further) try; one that runs is called off, its lines end. False when it is over already.

    A conversation that has begun is not touched: the callback is done then.
    """
    entry = places.lock(callback.entry_id)
    row = rows.locked(Callback.objects.filter(pk=callback.pk))
    if row.status not in Callback.OPEN:
        return False
    attempt = row.tries.open().select_related("call__client").first()
    if attempt is not None:
        rows.close_try(attempt, why)
        rows.free(entry)
    rows.end(row, Status.CANCELLED, why, to_entry=to_entry)
    if attempt is not None:
        calls.close(attempt.call, Call.Outcome.NO_ANSWER if attempt.dialled_at else Call.Outcome.REFUSED)
    return True


@transaction.atomic
def supersede(entry: QueueEntry) -> bool:
    """An operator talks with this caller: a callback that the same number waits for in this queue is not needed."""
    if entry.kind != QueueEntry.Kind.LIVE:
        return False
    row = Callback.objects.open().filter(queue=entry.queue_id, number=entry.call.customer_number).first()
    return row is not None and cancel(
        row, why="The caller called again and was answered.", to_entry=QueueEntry.Status.MOVED
    )


@transaction.atomic
def expire(callback: Callback) -> bool:
    """Its time is over. False when a try is running, or it is over already."""
    places.lock(callback.entry_id)
    row = rows.locked(Callback.objects.filter(pk=callback.pk))
    return row.status == Status.WAITING and rows.end(row, Status.EXPIRED, "Nobody could be reached in time.")


@transaction.atomic
def reschedule(callback: Callback, *, at: datetime, by: User | None = None) -> Callback:
    """Make the next try at `at`, a moment within the calling hours. The time after which it is given up moves along.

    Raises Refused for a callback that is over or being called, the past, and a moment outside the hours.
    """
    row, now = _waiting(callback), clock.now()
    if at < now:
        raise Refused("That moment is over. Choose a later one.", fields={"next_try_at": ["Choose a later moment."]})
    return _plan(row, at, by)


@transaction.atomic
def call_now(callback: Callback, *, by: User | None = None) -> Callback:
    """Before all others in the line, as soon as an operator is free. Raises Refused as `reschedule`."""
    row = _waiting(callback)
    QueueEntry.objects.filter(pk=row.entry_id).update(front=True)
    return _plan(row, clock.now(), by)


def _plan(row: Callback, at: datetime, by: User | None) -> Callback:
    """The next try of a locked row at `at`. Raises Refused outside the calling hours."""
    facts = rows.calling_hours(row.queue)
    if not opening.is_open(facts, at) and not facts.closed_now:
        following = opening.next_opening(facts, at)
        hint = f" They begin again on {following.astimezone(facts.time_zone):%-d %B at %H:%M}." if following else ""
        raise Refused(
            f"That is outside the calling hours of {row.queue}.{hint}", code="outside_hours",
            fields={"next_try_at": ["Outside the calling hours."]},
        )  # fmt: skip
    row.next_try_at = at
    row.expires_at = max(row.expires_at, at + timedelta(seconds=row.queue.callback_expires_seconds))
    row.save(update_fields=["next_try_at", "expires_at"])
    rows.note(row.call, row, "queues.callback_rescheduled", actor=by, due=at.isoformat())
    places.announce_change(row.entry)
    places.wake(row.queue_id)
    return row


def _waiting(callback: Callback) -> Callback:
    places.lock(callback.entry_id)
    row = rows.locked(Callback.objects.filter(pk=callback.pk))
    if row.status == Status.CALLING:
        raise Refused("This person is being called just now.", code="being_called")
    if row.status != Status.WAITING:
        raise Refused(f"This callback is over: {row.get_status_display()}.", code="over")
    return row


def sweep() -> None:
    """One round over what a lost report or a dead process left. Twice is once; one row's trouble stops no other."""
    now = clock.now()
    _each(expire, _too_late(at=now))
    _each(_superseded, _answered())
    _each(_orphaned, _without_a_place())
    _each(settle, _tries(before=now - PATIENCE))


_too_late = Prepared(lambda at: Callback.objects.waiting().filter(expires_at__lte=at)[:ROUND])
_without_a_place = Prepared(lambda: Callback.objects.open().exclude(entry__status__in=QueueEntry.OPEN)[:ROUND])


@Prepared
def _answered() -> QuerySet[Callback]:
    """Whose number talks with an operator of the same queue, because it called by itself."""
    answered = QueueEntry.objects.filter(
        kind=QueueEntry.Kind.LIVE, status=QueueEntry.Status.TALKING, queue=OuterRef("queue"),
        call__customer_number=OuterRef("number"),
    )  # fmt: skip
    return Callback.objects.open().filter(Exists(answered))[:ROUND]


@Prepared
def _tries(before: datetime) -> QuerySet[CallbackTry]:
    rows = CallbackTry.objects.open().filter(began_at__lt=before)
    return rows.select_related("callback__queue__client", "call__client")[:ROUND]


def _each(repair: Callable[[Any], object], found: Iterable[Any]) -> None:
    for row in found:
        try:
            repair(row)
        except DatabaseError:
            logger.exception("%s %s could not be put right; the next round tries again.", type(row).__name__, row.pk)


def _superseded(callback: Callback) -> None:
    cancel(callback, why="The caller called again and was answered.", to_entry=QueueEntry.Status.MOVED)


def _orphaned(callback: Callback) -> None:
    cancel(callback, why="Its place in the line was given up.")


@transaction.atomic
def settle(attempt: CallbackTry) -> bool:
    """Look at the rows of an open try and end it if nothing goes on there any more. True when it was ended."""
    entry = places.lock(attempt.callback.entry_id)
    call = Call.objects.select_related("client").get(pk=attempt.call_id)
    attempt.call = call
    customer = call.legs.filter(role=Leg.Role.CUSTOMER).order_by("-pk").first()
    if customer is not None and customer.is_open:
        _call_off(entry, customer)
        return False
    if customer is None and call.status == Call.Status.OPEN and _somebody_works_on(entry, attempt):
        return False
    why = callbacks.outcome_of(customer) if customer is not None else "no operator took it"
    ended = callbacks.fail(attempt, why)
    calls.close(call, Call.Outcome.NO_ANSWER if attempt.dialled_at else Call.Outcome.REFUSED)
    return ended


def _somebody_works_on(entry: QueueEntry, attempt: CallbackTry) -> bool:
    """An operator's phone rings, or did a moment ago: the next one may take it up."""
    if entry.status == QueueEntry.Status.TALKING:
        return attempt.call.legs.open().filter(role=Leg.Role.OPERATOR).exists()
    if Offer.objects.ringing().filter(entry=entry).exists():
        return True
    last = Offer.objects.filter(entry=entry, leg__call=attempt.call).order_by("-decided_at").first()
    since = last.decided_at if last is not None and last.decided_at else attempt.began_at
    return since > clock.now() - NOBODY_TAKES_IT


def _call_off(entry: QueueEntry, customer: Leg) -> None:
    """The customer's phone rings, and no operator is reserved for them any more: stop it."""
    if entry.status == QueueEntry.Status.WAITING and customer.answered_at is None:
        calls.hang_up_leg(customer, by=f"Queue {entry.queue}")
