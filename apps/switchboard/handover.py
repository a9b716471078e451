"""A conversation goes from one to another: who leads it, who leaves it, and where a customer goes whom nobody took.

All of it under the call's lock, which the caller holds.
"""

from __future__ import annotations

from django.conf import settings

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.core import clock
from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.operators import services as operators
from apps.operators.models import Engagement
from apps.queues import filing
from apps.queues import services as queues
from apps.queues.models import QueueEntry
from apps.recordings import services as recordings
from apps.switchboard import meeting

Purpose = Engagement.Purpose
# What holds an operator for a call that no queue offered them: the switchboard frees them when it is over.
OURS = (Purpose.DESK_CALL, Purpose.CONSULT)


def customer_of(call: Call) -> Leg | None:
    """The customer's line, while it is up."""
    return call.legs.open().filter(role=Leg.Role.CUSTOMER, hang_up_asked_at__isnull=True).first()


def refuse_inside(call: Call, what: str) -> None:
    """Raise Refused for a call between colleagues, where there is no customer to do this with."""
    if call.colleague_id is not None:
        raise Refused(f"A call between colleagues cannot be {what}. Hang up and call again.", code="inside")


def give(call: Call, leg: Leg) -> None:
    """The party on `leg` leads the conversation from here on, heard by all; the customer comes off hold.

    An operator is the call's operator then. Who led it before stays in the room until `leave`.
    """
    calls.set_voice(leg)
    if leg.operator is not None:
        stay(leg)
        calls.answer(call, leg.operator)
        calls.record(call, "switchboard.taken_over", operator=str(leg.operator))
    take_off_hold(call)


def stay(leg: Leg) -> None:
    """A colleague who was asked is one of the call's operators from here on."""
    if leg.operator is not None:
        Leg.objects.filter(pk=leg.pk).update(role=Leg.Role.OPERATOR)
        leg.role = Leg.Role.OPERATOR


def take_off_hold(call: Call) -> None:
    """The customer hears the room again; nothing when they are not on hold."""
    customer = customer_of(call)
    if customer is not None and customer.on_hold_since is not None and customer.status == state.IN_PROGRESS:
        meeting.set_hold(customer, on=False)


def leave(call: Call, leg: Leg) -> None:
    """An operator leaves those who talk on; of these an operator leads, if there is one."""
    step_out(call, leg)
    for other in others(call, leg):
        if other.operator is not None and other.joined_at is not None:
            give(call, other)
            return
    take_off_hold(call)


def step_out(call: Call, leg: Leg) -> None:
    """An operator is done with the call, which goes on without them: their line ends, their wrap-up begins."""
    calls.hang_up_leg(leg, by=str(leg.operator))
    calls.record(call, "switchboard.left", operator=str(leg.operator))
    done(call, leg)


def done(call: Call, leg: Leg) -> None:
    """The operator of `leg`, whose line ends, is not in the call any more: into wrap-up, out of the queue's books."""
    entry = call.queue_entries.filter(status=QueueEntry.Status.TALKING, operator=leg.operator).first()
    if entry is not None:
        queues.finish(entry)
    held = Engagement.objects.open().filter(operator=leg.operator, call_ref=call.public_id, purpose__in=OURS).first()
    if held is not None:
        free(call, held, was_in=leg.answered_at is not None)


def free(call: Call, engagement: Engagement, *, was_in: bool = True) -> None:
    """Release an operator whom the call held; who took part in a conversation files it first.

    For as long as the call's last queue says, or the house for calls from the desk.
    """
    operators.release(engagement)
    if was_in and call.answered_at is not None and call.colleague_id is None:
        queue = filing.queue_of(call)
        seconds = queue.wrap_up_seconds if queue else settings.DESK_WRAP_UP_SECONDS
        released = queue is not None and queue.wrap_up_until_released
        operators.wrap_up(engagement.operator, seconds, call.public_id, until_released=released)


def free_all(call: Call) -> None:
    """The call is over: everybody whom the switchboard held for it is free. Those of a queue are freed by the queue."""
    for engagement in Engagement.objects.open().filter(
        call_ref=call.public_id, purpose__in=(*OURS, Purpose.MONITORING)
    ):
        leg = call.legs.filter(operator=engagement.operator).order_by("created_at").last()
        took_part = engagement.purpose in OURS and leg is not None and leg.answered_at is not None
        free(call, engagement, was_in=took_part)


def others(call: Call, leg: Leg) -> list[Leg]:
    """Who talks in the call besides the customer and `leg`, or is rung to."""
    rows = call.legs.talking().exclude(pk=leg.pk).exclude(role=Leg.Role.CUSTOMER)
    return list(rows.select_related("operator__user", "operator__team__client"))


def bring_back(call: Call) -> None:
    """The customer is alone with the music. Back to the front of the call's queue; without one, an honest good-bye."""
    customer = customer_of(call)
    if customer is None:
        return
    last = call.queue_entries.select_related("queue__destination").order_by("-joined_at").first()
    where = f"to the front of {last.queue}" if last else "there is no queue to wait in"
    calls.record(call, "switchboard.brought_back", where=where)
    try:
        if last is not None:
            queues.join(call, last.queue, front=True)
    except Refused:
        # Closed or full meanwhile: the queue's own way on for such callers.
        send_away(call, customer, last.queue.destination)
    else:
        send_away(call, customer, None)


def send_away(call: Call, customer: Leg, destination: Destination | None) -> None:
    """The customer leaves the room, for `destination` or for wherever the rows say."""
    call.heading = destination
    call.save(update_fields=["heading"])
    call.rooms.filter(ended_at__isnull=True).update(ended_at=clock.now())
    Leg.objects.filter(pk=customer.pk).update(room=None, joined_at=None, on_hold_since=None)
    recordings.set_pause(customer, on=False)
    calls.redirect_leg(customer, callbacks.resume(customer.public_id, "here"))
