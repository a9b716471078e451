"""Who is in a room: the carrier's conference reports."""

from __future__ import annotations

from apps.calls import services as calls
from apps.calls.models import Call, Leg, Room
from apps.campaigns import previews
from apps.carrier.incoming import CarrierEvent
from apps.carrier.webhook import UnknownSubject
from apps.core import clock
from apps.core.nudges import nudge
from apps.operators.models import Engagement, Operator
from apps.recordings import services as recordings
from apps.switchboard import consent, lines, transfer_rules, transfers
from apps.switchboard.ringing import RING_SECONDS


def report(event: CarrierEvent, room: Room) -> None:
    """A conference report. The room learns its carrier id from the first one; late ones repeat what is known."""
    event.call_ref = room.call.public_id
    if not room.conference_sid and event.conference_sid:
        Room.objects.filter(pk=room.pk, conference_sid="").update(conference_sid=event.conference_sid)
    kind = event.conference_event
    if kind == "conference-end":
        Room.objects.filter(pk=room.pk, ended_at__isnull=True).update(ended_at=clock.now())
    if kind not in {"participant-join", "participant-leave"}:
        return
    leg = Leg.objects.filter(sid=event.call_sid, call=room.call_id).select_related("call__client", "operator").first()
    if leg is None:
        raise UnknownSubject("No line of ours is in this room.")
    if kind == "participant-join":
        _joined(leg, room)
    elif Leg.objects.filter(pk=leg.pk, room=room, joined_at__isnull=False).update(joined_at=None, on_hold_since=None):
        calls.record(leg.call, "calls.parted", subject=f"leg:{leg.public_id}", role=leg.get_role_display())
        calls.changed(leg.call)


def _joined(leg: Leg, room: Room) -> None:
    call = lines.lock(leg)
    if leg.room_id != room.pk or leg.joined_at is not None:
        return
    Leg.objects.filter(pk=leg.pk).update(joined_at=clock.now())
    calls.record(call, "calls.joined", subject=f"leg:{leg.public_id}", role=leg.get_role_display())
    calls.changed(call)
    if leg.role == Leg.Role.CUSTOMER:
        consent.heard(call)
    desk_call = call.direction == Call.Direction.OUTBOUND and leg.role == Leg.Role.OPERATOR
    if desk_call and not call.legs.filter(role=Leg.Role.CUSTOMER).exists():
        _ring_customer(call, room)
    _record_if_met(call, room)
    transfers.heard(call, leg, transfer_rules.ANSWERED)
    # Who was to be heard by this line only, and came in before it, waits muted for it.
    for coach in leg.coached_by.filter(room=room, joined_at__isnull=False):
        nudge("apps.calls.tasks.steer", coach.pk)
    if leg.coaches_id is not None:
        nudge("apps.calls.tasks.steer", leg.pk)


def _ring_customer(call: Call, room: Room) -> None:
    """The desk is there: the customer is dialled, a campaign's contact only if they still may be."""
    preview = previews.of_call(call)
    if call.colleague is not None:
        _ring_colleague(call, call.colleague, room)
    elif preview is None:
        calls.add_leg(call, role=Leg.Role.CUSTOMER, address=call.customer_number, ring_seconds=45, room=room)
    elif not previews.dial(preview, call, room):
        calls.close(call, Call.Outcome.REFUSED)


def _ring_colleague(call: Call, colleague: Operator, room: Room) -> None:
    """The one who was called stands in the customer's place: the call ends with their line."""
    held = Engagement.objects.open().filter(operator=colleague, call_ref=call.public_id).first()
    calls.add_leg(
        call, role=Leg.Role.CUSTOMER, address=colleague.ring_address, ring_seconds=RING_SECONDS, operator=colleague,
        engagement=held, room=room,
    )  # fmt: skip


def _record_if_met(call: Call, room: Room) -> None:
    """Once customer and operator are both in the room the customer's line is recorded, if the client wants it.

    Colleagues among themselves are not.
    """
    inside = {leg.role: leg for leg in call.legs.filter(room=room, joined_at__isnull=False)}
    if call.client.record_calls and call.colleague_id is None and {Leg.Role.CUSTOMER, Leg.Role.OPERATOR} <= set(inside):
        customer = inside[Leg.Role.CUSTOMER]
        customer.call = call
        recordings.start(customer)
