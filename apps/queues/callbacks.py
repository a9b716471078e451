"""Callbacks, from the first try to the last. What the caller says in the dialogue before is `asking`.

Exactly once: a try is a row of its own, unique per callback while it is open, written with its call before the carrier
is asked; the customer's line is added once, with the operator's answer (or first, by the queue's setting). A line whose
answer was lost stays open until the carrier says what became of it, and so does the try: nothing is dialled meanwhile.

Lock order as everywhere here: call, entry, callback, try. An entry names the call of its latest try.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from apps.calls import outgoing, state
from apps.calls import services as calls
from apps.calls.models import Call, Leg, Room
from apps.carrier.models import PhoneNumber
from apps.core import clock
from apps.core.refused import Refused
from apps.hours import opening
from apps.notify import services as notify
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.people import services as people
from apps.queues import callback_rows as rows
from apps.queues import places
from apps.queues.models import Callback, CallbackTry, Offer, QueueEntry

Status = Callback.Status
calling_hours = rows.calling_hours
RING_SECONDS = 40  # how long a customer's phone rings
BUSY_HERE = timedelta(seconds=30)  # no line free: the next try
CLOSED_BY_HAND = timedelta(minutes=10)  # nobody knows when it opens: look again
UNCLEAR = timedelta(minutes=5)  # the house cannot dial at all
_TRANSIENT = {"limit_reached": BUSY_HERE, "closed_by_hand": CLOSED_BY_HAND}
_FINAL_REFUSALS = {"do_not_call", "bad_number", "forbidden_number", "forbidden_country", "emergency_number"}


class CannotTry(Refused):
    """This callback cannot be tried now, whoever the operator is. Give it to `put_off` and go on with the next."""


def running(call: Call) -> CallbackTry | None:
    """The open try that `call` is, if it is one."""
    found = CallbackTry.objects.open().filter(call=call)
    return found.select_related("callback__queue__client", "callback__entry", "call__client").first()


@transaction.atomic
def begin_try(entry: QueueEntry, operator: Operator, engagement: Engagement) -> Leg | None:
    """Have `operator`, held by `engagement`, serve this callback: their line, to be rung after commit.

    For the dispatcher, which holds call and entry, and the limits (`limits.hold`). The first operator opens the
    try and its call; when others must be asked (the first declined, or all ring at once) the same try goes on. None:
    the customer is called first, the operator's line follows with their answer (`customer_answered`). Raises CannotTry.
    """
    callback = rows.locked(Callback.objects.filter(entry=entry))
    attempt = callback.tries.open().select_related("call__client").first()
    if callback.status == Status.WAITING:
        attempt = _open_try(callback, entry)
    if attempt is None and callback.status != Status.DONE:
        raise CannotTry("This callback is over.", code="over")
    call = attempt.call if attempt is not None else entry.call
    entry.call = call
    operators.tie(engagement, call.public_id)
    customer = _customer(call)
    if attempt is not None and callback.queue.callback_first == "customer" and not _talks(customer):
        if customer is None:
            _dial(attempt, calls.open_room(call))
        return None
    return ring(entry, operator, engagement)


def _open_try(callback: Callback, entry: QueueEntry) -> CallbackTry:
    now = clock.now()
    _check_hours(callback, now)
    asked_in = callback.call
    ours = PhoneNumber.objects.active().filter(client=callback.queue.client, number=asked_in.our_number)
    try:
        call = outgoing.place(
            callback.queue.client, to=callback.number, caller_id=asked_in.our_number if ours.exists() else "",
            person=people.find_by_number(callback.queue.client, callback.number) or asked_in.person,
        )  # fmt: skip
    except Refused as refusal:
        raise CannotTry(refusal.sentence, code=refusal.code) from refusal
    call.language = asked_in.language
    call.save(update_fields=["language"])
    if not rows.move(callback, Status.CALLING, only_from=(Status.WAITING,)):
        raise CannotTry("Somebody else calls this person back already.", code="over")
    n = (callback.tries.aggregate(last=Max("n"))["last"] or 0) + 1
    attempt = CallbackTry.objects.create(callback=callback, n=n, call=call, began_at=now)
    QueueEntry.objects.filter(pk=entry.pk).update(call=call)
    rows.note(call, callback, "queues.callback_begun", n=n)
    rows.note(asked_in, callback, "queues.callback_begun", n=n)
    return attempt


def _check_hours(callback: Callback, at: datetime) -> None:
    facts = rows.calling_hours(callback.queue)
    if facts.closed_now:
        raise CannotTry("It is closed by hand.", code="closed_by_hand")
    if not opening.is_open(facts, at):
        raise CannotTry("It is outside the calling hours.", code="outside_hours")


@transaction.atomic
def put_off(entry: QueueEntry, refusal: CannotTry) -> None:
    """`begin_try` could not: the next try is later, or there is none, by what the reason is."""
    callback, now = rows.locked(Callback.objects.filter(entry=entry)), clock.now()
    if callback.status != Status.WAITING or refusal.code == "over":
        return
    if refusal.code in _FINAL_REFUSALS:
        rows.end(callback, Status.CANCELLED, refusal.sentence)
        return
    pause = _TRANSIENT.get(refusal.code, UNCLEAR)
    due = rows.next_open(callback, now + (timedelta() if refusal.code == "outside_hours" else pause))
    if pause is UNCLEAR and refusal.code != "outside_hours":
        notify.warn(
            f"callback-cannot-be-made:{callback.queue.public_id}",
            f"A callback from {callback.queue} cannot be made. {refusal.sentence}", client=callback.queue.client,
        )  # fmt: skip
    rows.wait_until(callback, due, refusal.sentence)


@transaction.atomic
def dial_customer(attempt: CallbackTry, room: Room) -> bool:
    """The operator has answered: dial the customer into `room`, once. False when the number may not be dialled."""
    if _customer(attempt.call) is not None:
        return True
    try:
        _dial(attempt, room)
    except Refused as refusal:
        fail(attempt, refusal.sentence)
        return False
    return True


def _dial(attempt: CallbackTry, room: Room) -> Leg:
    attempt.dialled_at = clock.now()
    attempt.save(update_fields=["dialled_at"])
    try:
        return calls.add_leg(
            attempt.call, role=Leg.Role.CUSTOMER, address=attempt.callback.number, ring_seconds=RING_SECONDS, room=room
        )
    except Refused as refusal:
        raise CannotTry(refusal.sentence, code=refusal.code) from refusal


@transaction.atomic
def customer_answered(attempt: CallbackTry) -> None:
    """Customer first: they are on the line, so the operators who are reserved for them ring now."""
    entry = places.lock(attempt.callback.entry_id)
    reserved = Offer.objects.ringing().filter(entry=entry, leg__isnull=True)
    for offer in reserved.select_related("operator", "engagement"):
        offer.leg = ring(entry, offer.operator, offer.engagement)
        offer.offered_at = clock.now()
        offer.save(update_fields=["leg", "offered_at"])
    places.wake(entry.queue_id)


def ring(entry: QueueEntry, operator: Operator, engagement: Engagement) -> Leg:
    """The operator's line for this caller: rung after commit."""
    return calls.add_leg(
        entry.call, role=Leg.Role.OPERATOR, address=operator.ring_address, operator=operator,
        engagement=engagement, ring_seconds=entry.queue.ring_seconds,
    )  # fmt: skip


@transaction.atomic
def reached(attempt: CallbackTry) -> bool:
    """Customer and operator are put through to each other: the callback is done. False when it was decided before."""
    entry, now = places.lock(attempt.callback.entry_id), clock.now()
    callback = attempt.callback
    if not rows.close_try(attempt, "reached"):
        return False
    rows.move(callback, Status.DONE, only_from=(Status.CALLING,), ended_at=now, fulfilled_by=attempt.call)
    QueueEntry.objects.filter(pk=entry.pk, answered_at__isnull=True).update(answered_at=now)
    for call in (attempt.call, callback.call):
        rows.note(call, callback, "queues.callback_reached", operator=str(entry.operator or ""), n=attempt.n)
    places.announce_change(entry)
    return True


@transaction.atomic
def fail(attempt: CallbackTry, why: str) -> bool:
    """The try led to nothing: its operators are free, the callback waits in its place for the next one, or is over.

    False when it was decided before. Ending the call is the caller's business.
    """
    entry, callback = places.lock(attempt.callback.entry_id), attempt.callback
    if not rows.close_try(attempt, why):
        return False
    rows.free(entry)
    for call in (attempt.call, callback.call):
        rows.note(call, callback, "queues.callback_failed", n=attempt.n, why=why)
    if not rows.move(callback, Status.WAITING, only_from=(Status.CALLING,)):
        return True
    if callback.tries.filter(dialled_at__isnull=False).count() >= callback.queue.callback_tries:
        rows.end(callback, Status.EXPIRED, f"{callback.queue.callback_tries} tries led to nothing.")
        return True
    pause = timedelta(seconds=callback.queue.callback_retry_seconds) if attempt.dialled_at else BUSY_HERE
    rows.wait_until(callback, rows.next_open(callback, clock.now() + pause), why)
    return True


def outcome_of(leg: Leg) -> str:
    """Why a customer's line that ended before the conversation led to nothing, in words."""
    words = {
        state.BUSY: "the line was busy", state.NO_ANSWER: "no answer", state.FAILED: "the carrier could not reach it",
        state.CANCELED: "called off", state.COMPLETED: "hung up before an operator was there",
    }  # fmt: skip
    return words.get(leg.status, "the line ended")


def _customer(call: Call) -> Leg | None:
    return call.legs.filter(role=Leg.Role.CUSTOMER).order_by("-pk").first()


def _talks(leg: Leg | None) -> bool:
    return leg is not None and leg.status == state.IN_PROGRESS
