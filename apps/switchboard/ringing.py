"""Who is rung for a transfer: the operator asked for, the next free member of a queue, or an outside number."""

from __future__ import annotations

from apps.calls import parties
from apps.calls import services as calls
from apps.calls.models import Call, Leg, Transfer
from apps.carrier import policy
from apps.carrier.models import PhoneNumber
from apps.core import numbers
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues.models import Queue

RING_SECONDS = 25


def ring(transfer: Transfer) -> bool:
    """Ring the transfer's target, or the next of a queue's members. False when a queue has nobody (else) to ask.

    Raises Refused for an operator who cannot take it now and for a number that may not be dialled.
    """
    call = transfer.call
    if transfer.number:
        leg = calls.add_leg(
            call, role=Leg.Role.EXTERNAL, address=transfer.number, caller_id=_shown(call), ring_seconds=RING_SECONDS,
            room=parties.room_of(call),
        )  # fmt: skip
    else:
        chosen = transfer.operator or _next_member(transfer)
        if chosen is None:
            return False
        leg = _ring_operator(call, chosen)
    transfer.leg = leg
    transfer.save(update_fields=["leg"])
    return True


def outside(call: Call, typed: str) -> str:
    """The number to bring into `call`, as a person types it, in E.164 form.

    Raises Refused for what is no number, must not be dialled, or is on the line already.
    """
    policy.refuse_emergency(typed)
    number = destinations.checked_number(call.client, typed)
    sentence = ""
    if call.legs.open().filter(address=number).exists():
        sentence = "That number is in this call already."
    elif PhoneNumber.objects.active().filter(client=call.client_id, number=number).exists():
        sentence = "That is a line of your own. Choose the queue or the colleague behind it."
    if sentence:
        raise Refused(sentence, code="own_number", fields={"number": [sentence]})
    return number


def _ring_operator(call: Call, operator: Operator) -> Leg:
    refuse_absent(operator)
    held = operators.engage(operator, Engagement.Purpose.CONSULT, call_ref=call.public_id)
    return calls.add_leg(
        call, role=Leg.Role.CONSULT, address=operator.ring_address, ring_seconds=RING_SECONDS,
        operator=operator, engagement=held, room=parties.room_of(call),
    )  # fmt: skip


def refuse_absent(operator: Operator) -> None:
    """Raise Refused when this operator does not take calls now. Being busy is found out by `engage`."""
    if operator.presence != Operator.Presence.AVAILABLE:
        raise Refused(
            f"{operator} is {operator.get_presence_display()}. Choose somebody else, or take a message.",
            code="not_available",
        )
    if not operator.can_be_rung:
        raise Refused(f"The desk of {operator} cannot ring now. Choose somebody else.", code="not_reachable")


def next_ready(queue: Queue, *, but: list[int]) -> Operator | None:
    """The member of `queue` who has been free the longest."""
    rows = Operator.objects.ready().filter(memberships__queue=queue, memberships__active=True).exclude(pk__in=but)
    return rows.select_related("user", "team__client").order_by("idle_since").first()


def _next_member(transfer: Transfer) -> Operator | None:
    asked = transfer.call.legs.filter(role=Leg.Role.CONSULT, created_at__gte=transfer.begun_at)
    but = [pk for pk in (*asked.values_list("operator", flat=True), transfer.by_id) if pk is not None]
    return next_ready(Queue.objects.get(destination=transfer.destination), but=but)


def _shown(call: Call) -> str:
    """The caller id for an outside number: the customer's own, where the carrier let us know who they are."""
    incoming = call.direction == Call.Direction.INBOUND and call.legs.exclude(call_token="").exists()
    return (
        call.customer_number
        if incoming and numbers.validate_e164.regex.match(call.customer_number)
        else call.our_number
    )
