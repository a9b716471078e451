"""What a line's end means for its call. Called after each move and again by the sweeper: doing it twice is harmless."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg, Transfer
from apps.core import clock
from apps.core.prepared import OneOf, Prepared
from apps.ivr import services as ivr
from apps.ivr.models import Visit
from apps.operators.models import Engagement
from apps.queues import callbacks
from apps.queues import services as queues
from apps.queues.models import CallbackTry, QueueEntry
from apps.switchboard import handover, transfers

_UNANSWERED = {
    state.BUSY: Call.Outcome.BUSY,
    state.FAILED: Call.Outcome.FAILED,
    state.NO_ANSWER: Call.Outcome.NO_ANSWER,
}


# One writer at a time per call. What is read of the line with it is final once the line has ended.
_held = Prepared(
    lambda keys: (
        Leg.objects.filter(pk=OneOf(keys))
        .order_by()
        .select_related("call__client", "operator")
        .select_for_update(of=("call",))
    )
)


def leg_moved(leg_id: int) -> None:
    """Look at a line that moved and do what follows from its end."""
    with transaction.atomic():
        [leg] = _held(keys=[leg_id])
        if leg.is_open:
            return
        if leg.role == Leg.Role.CUSTOMER:
            _customer_left(leg.call, leg)
        elif leg.role == Leg.Role.OPERATOR:
            _operator_left(leg.call, leg)
        else:
            _party_left(leg.call, leg)


# What stands around calls that has to end with them. Around most there is nothing: one question finds that out.
_around = Prepared(
    lambda calls: (
        Call.objects.filter(pk=OneOf(calls))
        .order_by()
        .values_list(
            Exists(QueueEntry.objects.open().filter(call=OuterRef("pk"))),
            Exists(Visit.objects.open().filter(call=OuterRef("pk"))),
            Exists(Transfer.objects.open().filter(call=OuterRef("pk"))),
            Exists(Engagement.objects.open().filter(call_ref=OuterRef("public_id"))),
        )
    )
)


def _customer_left(call: Call, leg: Leg) -> None:
    """The call ends with the customer's line."""
    outcome = _outcome(call, leg)
    [(waits, in_menu, is_transferred, is_held)] = _around(calls=[call.pk])
    if waits and (entry := call.queue_entries.open().select_related("queue", "callback").first()):
        if entry.is_promised:
            # The call in which it was asked for ends here; a try that ends without a conversation led to nothing.
            if attempt := callbacks.running(call):
                callbacks.fail(attempt, callbacks.outcome_of(leg))
        elif entry.status == QueueEntry.Status.TALKING:
            queues.finish(entry)
        else:
            queues.abandon(entry)
    if in_menu and (visit := call.visits.open().first()):
        ivr.end(visit, "hung up")
    if calls.close(call, outcome) and (is_transferred or is_held):
        _over(call)


def _over(call: Call) -> None:
    transfers.close(call)
    handover.free_all(call)


def _outcome(call: Call, leg: Leg) -> str:
    if call.answered_at is not None:
        return Call.Outcome.ANSWERED
    if call.direction == Call.Direction.OUTBOUND:
        return _UNANSWERED.get(leg.status) or call.fate or Call.Outcome.NO_ANSWER
    if call.fate == Call.Outcome.CALLBACK:
        return call.fate
    if entry := call.queue_entries.on_the_line().select_related("queue").first():
        waited = (clock.now() - entry.joined_at).total_seconds()
        short = waited < entry.queue.short_abandon_seconds
        return Call.Outcome.SHORT_ABANDONED if short else Call.Outcome.ABANDONED
    if call.legs.filter(role=Leg.Role.EXTERNAL, answered_at__isnull=False).exists():
        return Call.Outcome.OVERFLOW
    return call.fate or Call.Outcome.ABANDONED


def _operator_left(call: Call, leg: Leg) -> None:
    """An operator's line ended: on purpose, or lost with the customer still there."""
    if call.status == Call.Status.OVER:
        _over(call)
        return
    if transfers.heard(call, leg, transfers.news_of(leg)):
        return
    customer = call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
    entry = call.queue_entries.filter(status=QueueEntry.Status.TALKING, operator=leg.operator).first()
    if attempt := callbacks.running(call):
        if entry is not None:
            _called_back_for_nothing(call, leg, customer, attempt)
        return  # else one of those who were rung: the offer says what follows
    if customer is None and call.direction == Call.Direction.OUTBOUND and not _has_a_queue(call):
        if calls.close(call, _desk_call_outcome(call)):
            _over(call)
        return
    if customer is None or customer.hang_up_asked_at is not None:
        return
    was_lost = leg.hang_up_asked_at is None and leg.answered_at is not None
    if handover.others(call, leg):
        if was_lost:
            Leg.objects.filter(pk=leg.pk).update(hang_up_asked_at=clock.now())  # dealt with
            handover.leave(call, leg)
        return
    if was_lost or _is_alone(call, leg):
        _lost(call, leg, customer, entry)


def _is_alone(call: Call, leg: Leg) -> bool:
    """Whether the customer is left in the room with nobody coming: by a mistake, or a removal of the last other."""
    there = call.legs.joined().filter(role=Leg.Role.CUSTOMER).exists()
    return there and not call.transfers.open().exists() and not handover.others(call, leg)


def _lost(call: Call, leg: Leg, customer: Leg, entry: QueueEntry | None) -> None:
    """Nobody is with the customer any more: the queue has them again; a call from the desk ends."""
    calls.record(call, "switchboard.operator_lost", operator=str(leg.operator))
    if entry is not None:
        queues.requeue(entry)
        handover.send_away(call, customer, None)
        return
    handover.done(call, leg)
    if call.queue_entries.exists():
        handover.bring_back(call)
    else:
        calls.hang_up_leg(customer, by=str(leg.operator))


def _party_left(call: Call, leg: Leg) -> None:
    """A colleague, an outside number or a supervisor is not there any more."""
    if leg.engagement is not None:
        handover.free(call, leg.engagement, was_in=leg.joined_at is not None and leg.role != Leg.Role.SUPERVISOR)
    if call.status == Call.Status.OVER or transfers.heard(call, leg, transfers.news_of(leg)):
        return
    customer = handover.customer_of(call)
    if leg.role == Leg.Role.EXTERNAL and customer is not None and _is_alone(call, leg):
        calls.hang_up_leg(customer, by="The outside number")


def _has_a_queue(call: Call) -> bool:
    """Whether operators were offered this outgoing call: then a lost one is not the end of it."""
    if hasattr(call, "callback_try"):
        return True
    return hasattr(call, "campaign_attempt") and not hasattr(call, "preview")


def _called_back_for_nothing(call: Call, leg: Leg, customer: Leg | None, attempt: CallbackTry) -> None:
    """The operator of a callback left before the customer answered: that phone stops, another try comes."""
    if customer is not None:
        calls.hang_up_leg(customer, by=str(leg.operator))
        return
    callbacks.fail(attempt, "the operator left")
    calls.close(call, Call.Outcome.NO_ANSWER)


def _desk_call_outcome(call: Call) -> str:
    """The customer's line ended as well, and the report of the operator's came first."""
    customer = call.legs.filter(role=Leg.Role.CUSTOMER).last()
    return _outcome(call, customer) if customer is not None else Call.Outcome.NO_ANSWER
