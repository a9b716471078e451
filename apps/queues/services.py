"""What can happen to a caller in a queue. `dispatch` and the answers to an offer live in rooms of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from apps.calls import services as calls
from apps.calls.models import Call
from apps.core import clock
from apps.core.models import User
from apps.core.prepared import Prepared
from apps.core.refused import Refused
from apps.hours import services as hours
from apps.notify import services as notify
from apps.operators import services as operators
from apps.operators.models import Operator, OperatorQuerySet
from apps.queues import callback_care, callbacks, forecast, places, strategies
from apps.queues.dispatcher import dispatch
from apps.queues.models import Callback, Membership, Queue, QueueEntry
from apps.queues.offers import accept, decline, end_conversation, miss, settle, withdraw, withdraw_all
from apps.queues.why import why

__all__ = [
    "QueueClosed", "QueueFull", "QueueUnstaffed", "abandon", "accept", "decline", "dispatch", "expected_wait_seconds",
    "finish", "join", "leave", "memberships_of", "miss", "move_to", "overdue", "overflow", "position", "requeue",
    "settle", "turns_away", "why", "withdraw",
]  # fmt: skip

Status = QueueEntry.Status


class QueueFull(Refused):
    """Every place is taken."""

    reason = "full"


class QueueClosed(Refused):
    """Outside the queue's hours, or switched off."""

    reason = "closed"


class QueueUnstaffed(Refused):
    """No member is signed in, and the queue passes such calls on."""

    reason = "unstaffed"


def join(call: Call, queue: Queue, *, front: bool = False) -> QueueEntry:
    """Give `call` a place in `queue`; `front` before all others. Joining the queue where it stands changes nothing.

    A place in another queue is given up for it. Raises QueueClosed, QueueFull or QueueUnstaffed, which the timeline
    notes: pass the call on. Raises Refused for a call that is over or talking.
    """
    try:
        return _join(call, queue, front=front)
    except (QueueFull, QueueClosed, QueueUnstaffed) as refusal:
        calls.record(
            call, "queues.turned_away", subject=f"queue:{queue.public_id}", queue=queue.name, why=refusal.sentence,
            reason=refusal.reason,
        )  # fmt: skip
        raise


@transaction.atomic
def _join(call: Call, queue: Queue, *, front: bool) -> QueueEntry:
    now = clock.now()
    row = Call.objects.select_for_update(no_key=True, of=("self",)).select_related("client").get(pk=call.pk)
    if row.status != Call.Status.OPEN:
        raise Refused("This call is over: it cannot join a queue.", code="call_over")
    held = QueueEntry.objects.open().filter(call=row).select_related("queue", "call__client").first()
    if held is not None and held.queue_id == queue.pk and held.status != Status.TALKING:
        return held
    if held is not None and held.status == Status.TALKING:
        raise Refused("This call is in a conversation. End or requeue it first.", code="talking")
    _check_open(queue, now)
    _warn_without_members(queue)
    ahead = _take_place(queue, front=front)
    if held is not None:
        _leave_line(held, Status.MOVED, "queues.moved", "The caller went to another queue.")
    promised = _promised_place(row, queue)
    entry = QueueEntry.objects.create(
        queue=queue, call=row, joined_at=now, place_at=promised.place_at if promised else now,
        front=front or bool(promised and promised.front), priority=promised.priority if promised else queue.priority,
    )  # fmt: skip
    places.record(entry, "queues.joined", position=ahead + 1, front=front)
    places.announce_change(entry)
    places.wake(queue.pk)
    return entry


def _promised_place(call: Call, queue: Queue) -> QueueEntry | None:
    """The place of the callback that this caller waits for here.

    Who calls again stands in that place, on the line now. The callback rests meanwhile and is cancelled once an
    operator answers; a caller who hangs up before is called back as promised.
    """
    return QueueEntry.objects.filter(
        queue=queue, callback__number=call.customer_number, callback__status__in=Callback.OPEN
    ).first()


@transaction.atomic
def move_to(entry: QueueEntry, queue: Queue, *, by: User | None = None) -> QueueEntry:
    """Take a waiting caller to another queue, with the time waited so far; the new place. Twice is once.

    What the caller hears is the switchboard's business. Raises Refused when they do not wait on the line any more or
    the queue is another client's, and as `join` when it takes nobody.
    """
    row, now = places.lock(entry.pk), clock.now()
    if row.status == Status.MOVED:
        row = QueueEntry.objects.in_line().filter(call=row.call, queue=queue).first() or row
    if row.queue_id == queue.pk and row.status in places.IN_LINE:
        return row
    if row.status not in places.IN_LINE or row.kind != QueueEntry.Kind.LIVE:
        raise Refused("This caller does not wait on the line any more.", code="not_waiting")
    if queue.client_id != row.queue.client_id:
        raise Refused(f"{queue} is a queue of another client.", fields={"queue": ["Of another client."]})
    _check_open(queue, now)
    _take_place(queue, front=row.front)
    _leave_line(row, Status.MOVED, "queues.moved", f"The caller was moved to {queue}.", by=by)
    moved = QueueEntry.objects.create(
        queue=queue, call=row.call, joined_at=now, place_at=row.place_at, front=row.front, priority=queue.priority
    )
    places.record(moved, "queues.joined", position=position(moved), front=moved.front)
    places.announce_change(moved)
    places.wake(queue.pk)
    return moved


def _check_open(queue: Queue, at: datetime) -> None:
    if not queue.active:
        raise QueueClosed(f"The queue {queue} is switched off. Switch it on, or send its calls elsewhere.")
    if queue.schedule is not None and not hours.is_open(queue.schedule, at):
        raise QueueClosed(f"The queue {queue} is closed at this hour.")
    if queue.when_unstaffed == "overflow" and not _members(queue).signed_in().exists():
        raise QueueUnstaffed(f"Nobody of {queue} is signed in.")


def _members(queue: Queue) -> OperatorQuerySet:
    return Operator.objects.filter(memberships__queue=queue, memberships__active=True)


def _warn_without_members(queue: Queue) -> None:
    if queue.when_unstaffed != "overflow" and not _members(queue).exists():
        notify.warn(
            f"queue-without-members:{queue.public_id}",
            f"A caller waits in {queue}, which has no members. Add operators to it, or let it pass calls on.",
            client=queue.client,
        )


def turns_away(queue: Queue, at: datetime) -> Refused | None:
    """Why the queue would not take a caller at `at`, as `join` would say it; None when it would. Changes nothing."""
    try:
        _check_open(queue, at)
        _check_full(queue)
    except (QueueFull, QueueClosed, QueueUnstaffed) as refusal:
        return refusal
    return None


def _check_full(queue: Queue) -> None:
    """Raise QueueFull when no caller more may wait. Callbacks hold no line, so they take no place."""
    line = QueueEntry.objects.filter(queue=queue, status__in=places.UNANSWERED, kind=QueueEntry.Kind.LIVE)
    if line.count() >= queue.max_size:
        raise QueueFull(f"All {queue.max_size} places of {queue} are taken.")


def _take_place(queue: Queue, *, front: bool) -> int:
    """Hold the queue's door until commit and count who is in line; how many stand before the newcomer.

    The door is an advisory lock of its own: dispatch holds the queue's row, and waiting for it here with the call
    locked could close a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('queues.door'), %s)", [queue.pk % 2**31])
    _check_full(queue)
    line = QueueEntry.objects.filter(queue=queue, status__in=places.UNANSWERED)
    return line.filter(front=True).count() if front else _due(line, clock.now()).count()


@transaction.atomic
def abandon(entry: QueueEntry) -> bool:
    """The caller hung up in line. False when they were not in line any more (an operator was faster)."""
    return _leave_line(places.lock(entry.pk), Status.ABANDONED, "queues.abandoned", "The caller hung up.")


@transaction.atomic
def overflow(entry: QueueEntry) -> bool:
    """The wait is over its limit: the place is given up, the caller goes elsewhere. False when not in line any more."""
    return _leave_line(places.lock(entry.pk), Status.OVERFLOWED, "queues.overflowed", "The call was passed on.")


def _leave_line(entry: QueueEntry, to: str, kind: str, why: str, *, by: User | None = None) -> bool:
    """Also for a caller whom a phone rings for: it stops. The event is written in any case."""
    moved = places.move(entry, to, only_from=places.UNANSWERED, ended_at=clock.now())
    places.record(entry, kind, actor=by, waited=places.waited_seconds(entry), applied=moved)
    if moved:
        withdraw_all(entry, why)
    return moved


@transaction.atomic
def finish(entry: QueueEntry) -> bool:
    """The conversation is over: the operator goes into wrap-up (`Queue.wrap_up_seconds`). False when it was before."""
    row, now = places.lock(entry.pk), clock.now()
    if not places.move(row, Status.ANSWERED, only_from=(Status.TALKING,), ended_at=now):
        return False
    offer = end_conversation(row)
    began = offer.decided_at if offer and offer.decided_at else row.answered_at or now
    places.record(
        row, "queues.finished", operator=str(row.operator or ""), seconds=round((now - began).total_seconds())
    )
    if offer is not None:
        operators.wrap_up(
            offer.operator, row.queue.wrap_up_seconds, row.call.public_id,
            until_released=row.queue.wrap_up_until_released,
        )  # fmt: skip
    return True


@transaction.atomic
def requeue(entry: QueueEntry) -> bool:
    """The operator was lost in mid-conversation: the caller waits again, before all others. False when not talking.

    The wait counts anew from here. What the caller hears is the switchboard's business.
    """
    row = places.lock(entry.pk)
    lost = row.operator
    if not places.move(
        row, Status.WAITING, only_from=(Status.TALKING,), front=True, operator=None, place_at=clock.now()
    ):
        return False
    offer = end_conversation(row)
    if offer is not None and offer.leg is not None and offer.leg.is_open:
        calls.hang_up_leg(offer.leg, by=f"Queue {row.queue}")
    places.record(row, "queues.requeued", operator=str(lost or "The operator"))
    places.wake(row.queue_id)
    return True


@transaction.atomic
def leave(call: Call) -> bool:
    """The call is over: close whatever place it still has, as abandoned or as finished. False when it has none."""
    entry = QueueEntry.objects.open().filter(call=call).select_related("callback").first()
    if entry is None:
        return False
    if entry.is_promised:
        attempt = callbacks.running(call)
        return attempt is not None and callback_care.settle(attempt)
    return abandon(entry) or finish(entry)


def position(entry: QueueEntry) -> int:
    """The caller's place in line, 1 = next; 0 when not in line. Who asks for a callback keeps it meanwhile.

    Callbacks that are not due yet stand behind nobody and before nobody.
    """
    if entry.status not in places.UNANSWERED:
        return 0
    now, ageing = clock.now(), entry.queue.ageing_seconds
    mine = strategies.effective_priority(entry.priority, (now - entry.place_at).total_seconds(), ageing)
    earlier = Q(place_at__lt=entry.place_at) | Q(place_at=entry.place_at, pk__lt=entry.pk)
    before = Q(front=entry.front) & (Q(effective__gt=mine) | Q(effective=mine) & earlier)
    if not entry.front:
        before |= Q(front=True)
    line = QueueEntry.objects.filter(queue=entry.queue_id, status__in=places.UNANSWERED).ranked(now)
    return _due(line.filter(before), now).count() + 1


def _due(line: QuerySet[QueueEntry], at: datetime) -> QuerySet[QueueEntry]:
    return line.exclude(kind=QueueEntry.Kind.CALLBACK, callback__next_try_at__gt=at)


def expected_wait_seconds(entry: QueueEntry) -> int | None:
    """How long the caller will probably wait still, in seconds; None when nothing can be said (`forecast`)."""
    return forecast.wait_seconds(entry.queue, position(entry), clock.now())


def overdue(at: datetime) -> list[QueueEntry]:
    """Callers whose wait is over their queue's limit at `at`, longest first. A phone that rings may ring on.

    The switchboard gives up their place (`overflow`) and takes them to the queue's overflow.
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


def memberships_of(operator: Operator) -> QuerySet[Membership]:
    """The queues that the operator is a member of, by name; `active` are those that they serve now."""
    rows = Membership.objects.filter(operator=operator, queue__active=True)
    return rows.select_related("queue").order_by("queue__name")
