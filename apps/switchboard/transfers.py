"""Transfers: an operator brings somebody into a call. `transfer_rules` says what follows, here it is carried out.

Every step holds the call's row, so that two buttons pressed at once, or a button and a report of the carrier, meet in
one order; the later of them finds the transfer decided and is told so.
"""

from __future__ import annotations

from django.db import transaction

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg, Transfer
from apps.core import clock
from apps.core.models import User
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import services as queues
from apps.queues.models import Queue
from apps.switchboard import handover, lines, meeting, ringing, transfer_rules
from apps.switchboard.transfer_rules import Step

Kind, Status = Transfer.Kind, Transfer.Status
_ENDS = {state.BUSY: Status.REFUSED, state.NO_ANSWER: Status.NO_ANSWER}


@transaction.atomic
def begin(
    call: Call,
    *,
    by: User,
    kind: str,
    operator: Operator | None = None,
    queue: Queue | None = None,
    number: str = "",
) -> Transfer | None:
    """Bring an operator, somebody of a queue, or an outside number into `call`; exactly one of them is given.

    Warm: the customer hears music while the two talk. Blind: they hear it until somebody answers, and the operator is
    free at once; a queue takes them like any caller (None is returned, there is nobody to watch). Add: nobody is put
    on hold. Raises Refused with what to do, and nothing has changed then.
    """
    call = lines.lock_call(call)
    mine = lines.leg_of(call, by)
    if Transfer.objects.open().filter(call=call).exists():
        raise Refused("A transfer is under way. Finish it or call it off first.", code="transferring")
    if operator is not None and operator == mine.operator:
        raise Refused("You cannot transfer a call to yourself.", fields={"operator": ["That is you."]})
    handover.refuse_inside(call, "transferred")
    _refuse_strangers(call, operator, queue)
    if kind == Kind.BLIND and queue is not None:
        _send_to(call, mine, queue)
        return None
    transfer = Transfer.objects.create(
        call=call, kind=kind, by=mine.operator, operator=operator, destination=queue.destination if queue else None,
        number=ringing.outside(call, number) if number else "",
    )  # fmt: skip
    if not ringing.ring(transfer):
        raise Refused(f"Nobody of {queue} is free. Send the caller there to wait, or try again.", code="nobody_free")
    calls.record(
        call, "switchboard.transfer_begun", by=str(mine.operator), to=transfer.target, how=transfer.get_kind_display()
    )
    if kind != Kind.ADD:
        _put_on_hold(call)
    if kind == Kind.BLIND:
        handover.step_out(call, mine)
    calls.changed(call)
    return transfer


def _refuse_strangers(call: Call, operator: Operator | None, queue: Queue | None) -> None:
    if operator is not None and operator.team.client_id != call.client_id:
        raise Refused(f"{operator} works for another client.", fields={"operator": ["Of another client."]})
    if queue is None:
        return
    if queue.client_id != call.client_id:
        raise Refused(f"{queue} is a queue of another client.", fields={"queue": ["Of another client."]})


def _put_on_hold(call: Call) -> None:
    customer = handover.customer_of(call)
    if customer is not None and customer.joined_at is not None:
        meeting.set_hold(customer, on=True)


def _send_to(call: Call, mine: Leg, queue: Queue) -> None:
    """Blind, to a queue: the customer leaves the room and waits there like any caller."""
    if refusal := queues.turns_away(queue, clock.now()):
        raise refusal
    customer = handover.customer_of(call)
    if customer is None:
        raise Refused("The call is over.", code="over")
    calls.record(call, "switchboard.transfer_begun", by=str(mine.operator), to=queue.name, how=Kind.BLIND.label)
    for leg in [mine, *handover.others(call, mine)]:
        calls.hang_up_leg(leg, by=str(mine.operator))
        handover.done(call, leg)
    handover.send_away(call, customer, queue.destination)


@transaction.atomic
def decide(call: Call, news: str, *, by: User, note: str = "") -> Transfer:
    """What the two operators press: complete, join (three-way), canceled by who began; refused, message by the other.

    "completed" pressed by the colleague means that they take the call. Raises Refused when it is not theirs to say,
    nothing is under way any more, or it is too early.
    """
    call = lines.lock_call(call)
    transfer = under_way(call)
    if transfer is None:
        raise Refused("There is no transfer under way.", code="no_transfer")
    me = operators.for_user(by)
    party = transfer.leg is not None and me is not None and transfer.leg.operator_id == me.pk
    if news in (transfer_rules.REFUSED, transfer_rules.MESSAGE) and not party:
        raise Refused("Only who was asked can refuse the call.", code="not_yours")
    takes = party and news == transfer_rules.COMPLETE
    if takes and transfer.status == Status.RINGING:
        raise Refused("Answer first, then take the call.", code="too_early")
    if not party and (me is None or transfer.by_id != me.pk):
        raise Refused("Only who began the transfer can decide about it.", code="not_yours")
    if party and news in (transfer_rules.CANCELED, transfer_rules.JOIN):
        raise Refused("Only who began the transfer can do that.", code="not_yours")
    step = transfer_rules.follow(transfer.kind, transfer.status, news)
    if step is None:
        raise Refused("That is not possible at this moment of the transfer.", code="too_early")
    _take(transfer, step, note=note)
    return transfer


@transaction.atomic
def leave(call: Call, *, by: User) -> None:
    """The operator leaves a conversation in which others talk on. Raises Refused when nobody else is there."""
    call = lines.lock_call(call)
    mine = lines.leg_of(call, by)
    if under_way(call) is not None:
        raise Refused("A transfer is under way. Finish it or call it off first.", code="transferring")
    if not any(leg.joined_at for leg in handover.others(call, mine)):
        raise Refused("Nobody else is with the customer. Transfer the call, or hang up.", code="alone")
    handover.leave(call, mine)


def step_back(call: Call, *, by: User) -> bool:
    """Who was asked to take the call hangs up: that refuses it. False when `by` is somebody else."""
    transfer, me = under_way(call), operators.for_user(by)
    if transfer is None or transfer.leg is None or me is None or transfer.leg.operator_id != me.pk:
        return False
    step = transfer_rules.follow(transfer.kind, transfer.status, transfer_rules.REFUSED)
    if step is not None:
        _take(transfer, step)
    return True


def heard(call: Call, leg: Leg, news: str) -> bool:
    """Something happened to `leg`: a party of the open transfer came in or was lost, or its operator was.

    True when that was the transfer's business. The call is locked by the caller.
    """
    transfer = under_way(call)
    if transfer is None:
        return False
    if leg.pk == transfer.leg_id:
        step = transfer_rules.follow(transfer.kind, transfer.status, news)
        if step is not None and news in transfer_rules.DECISIONS and _asks_the_next(transfer):
            return True
    elif _is_of_initiator(leg, transfer) and news == transfer_rules.LOST:
        if any(other.pk != transfer.leg_id for other in handover.others(call, leg)):
            return False
        step = transfer_rules.follow(transfer.kind, transfer.status, transfer_rules.INITIATOR_GONE)
        if step is not None:
            handover.done(call, leg)
    else:
        return False
    if step is not None:
        _take(transfer, step)
    return step is not None


def _is_of_initiator(leg: Leg, transfer: Transfer) -> bool:
    """Whether this line was lost to who began the transfer; lines that were ended on purpose are not lost."""
    return leg.operator_id is not None and leg.operator_id == transfer.by_id and leg.hang_up_asked_at is None


def news_of(leg: Leg) -> str:
    """What the end of a party's line means: refused, no answer, or lost."""
    return _ENDS.get(leg.status, Status.LOST)


def close(call: Call) -> None:
    """The call is over, and with it what was under way."""
    transfer = under_way(call)
    step = transfer and transfer_rules.follow(transfer.kind, transfer.status, transfer_rules.CUSTOMER_GONE)
    if transfer is not None and step:
        _take(transfer, step)


def _asks_the_next(transfer: Transfer) -> bool:
    """Of a queue the next free member is rung, as long as nobody has talked about it."""
    if transfer.destination is None or transfer.status != Status.RINGING:
        return False
    _free_party(transfer)
    try:
        return ringing.ring(transfer)
    except Refused:
        return False


def _take(transfer: Transfer, step: Step, *, note: str = "") -> None:
    """Carry out one step of the rules."""
    call, ends = transfer.call, step.status not in Transfer.OPEN
    transfer.status, transfer.kind, transfer.note = Status(step.status), Kind(step.kind), note or transfer.note
    transfer.ended_at = clock.now() if ends else None
    transfer.save(update_fields=["status", "kind", "note", "ended_at"])
    calls.record(
        call, "switchboard.transfer_changed", to=transfer.target, status=transfer.get_status_display(),
        note=f"“{note}”" if note else "",
    )  # fmt: skip
    if step.leaves == "party":
        _free_party(transfer)
    if step.customer == "hold":
        _put_on_hold(call)
    elif step.customer == "back":
        handover.take_off_hold(call)
    elif step.customer == "connect":
        _connect(transfer)
    elif step.customer == "return":
        _return(transfer)
    if step.status == Status.JOINED and transfer.leg is not None:
        handover.stay(transfer.leg)
    if step.leaves == "initiator" and (mine := lines.leg_of_operator(call, transfer.by)):
        handover.step_out(call, mine)
    calls.changed(call)


def _connect(transfer: Transfer) -> None:
    """Those in the room are with the customer now. Who takes over leads; who only joins does not."""
    call, leg = transfer.call, transfer.leg
    if transfer.status == Status.COMPLETED and leg is not None:
        handover.give(call, leg)
    else:
        handover.take_off_hold(call)


def _free_party(transfer: Transfer) -> None:
    leg = transfer.leg
    if leg is None:
        return
    if leg.is_open:
        calls.hang_up_leg(leg, by="The switchboard")
    if leg.engagement is not None:
        handover.free(transfer.call, leg.engagement, was_in=False)


def _return(transfer: Transfer) -> None:
    """Nobody took the customer of a blind transfer: their operator is rung again, in the end the queue has them."""
    call, first = transfer.call, transfer.by
    if transfer.kind == Kind.BLIND and first is not None and _rings_again(call, first):
        calls.record(call, "switchboard.brought_back", where=f"{first} is rung again")
        return
    handover.bring_back(call)


def _rings_again(call: Call, first: Operator) -> bool:
    try:
        with transaction.atomic():
            wrap = Engagement.objects.open().filter(operator=first, purpose=Engagement.Purpose.WRAP_UP)
            if wrap.filter(call_ref=call.public_id).exists():
                operators.finish_wrap_up(first)
            return ringing.ring(Transfer.objects.create(call=call, kind=Kind.RETURN, operator=first))
    except Refused:
        return False


def under_way(call: Call) -> Transfer | None:
    """The open transfer of `call`."""
    rows = Transfer.objects.open().filter(call=call)
    wanted = (
        "leg__operator__user", "leg__engagement__operator__team__client", "by__user", "by__team__client",
        "operator__user", "operator__team__client", "destination",
    )  # fmt: skip
    found = rows.select_related(*wanted).first()
    if found is not None:
        found.call = call
        if found.leg is not None:
            found.leg.call = call
    return found
