"""What people do to a live call. Each is one service of one transaction; the carrier is asked after commit."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction

from apps.calls import outgoing
from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.campaigns import previews
from apps.campaigns.models import Preview
from apps.carrier import callbacks, policy
from apps.core import numbers
from apps.core.models import User
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.people import services as people
from apps.people.models import Person
from apps.queues import services as queues
from apps.queues.models import Queue, QueueEntry
from apps.switchboard import conference, handover, lines, meeting, ringing, transfers

TOKEN_SECONDS = 60
_signer = TimestampSigner(salt="switchboard.connect")


@transaction.atomic
def place_desk_call(
    operator: Operator, *, to: str, caller_id: str = "", person: Person | None = None
) -> tuple[Call, str]:
    """Open a call from a desk to `to`, a number as a person types it.

    Returns the call and the one-time token with which the desk's device connects within a minute; the customer is
    dialled once the desk is in the room. Raises Refused: a forbidden number, no free line, an operator who is busy or
    signed out.
    """
    client = operator.team.client
    policy.refuse_emergency(to)
    try:
        number = numbers.normalise(to, client.country)
    except ValidationError as error:
        raise Refused(error.messages[0], code="invalid_number", fields={"to": error.messages}) from error
    if operator.presence == Operator.Presence.OFFLINE:
        raise Refused("You are signed out. Make yourself available first, then call.", code="offline")
    call = outgoing.place(
        client, to=number, caller_id=caller_id or operator.caller_id, operator=operator,
        person=person or people.find_by_number(client, number),
    )  # fmt: skip
    return call, _at_desk(call, operator)


def _at_desk(call: Call, operator: Operator) -> str:
    """The operator is taken for `call`, and their desk's line is expected in its room: the token for it."""
    engagement = operators.engage(operator, Engagement.Purpose.DESK_CALL, call_ref=call.public_id)
    room = calls.open_room(call)
    leg = calls.expect_leg(
        call, role=Leg.Role.OPERATOR, address=f"client:{operator.identity}", operator=operator, engagement=engagement
    )
    Leg.objects.filter(pk=leg.pk).update(room=room)
    return _signer.sign(str(leg.public_id))


@transaction.atomic
def call_colleague(operator: Operator, colleague: Operator) -> tuple[Call, str]:
    """Call a colleague from a desk; returns as `place_desk_call`. Nobody else can have them while it lasts.

    Raises Refused: oneself, one of another client, one who is not there or busy, an operator who is signed out.
    """
    if colleague.pk == operator.pk:
        raise Refused("You cannot call yourself.", fields={"colleague": ["That is you."]})
    if colleague.team.client_id != operator.team.client_id:
        raise Refused(f"{colleague} works for another client.", fields={"colleague": ["Of another client."]})
    if operator.presence == Operator.Presence.OFFLINE:
        raise Refused("You are signed out. Make yourself available first, then call.", code="offline")
    ringing.refuse_absent(colleague)
    call = outgoing.place_inside(operator, colleague)
    # Two who call each other at once wait for each other's row in one order.
    held: dict[int, str] = {}
    for each in sorted((operator, colleague), key=lambda row: row.pk):
        if each.pk == operator.pk:
            held[each.pk] = _at_desk(call, each)
        else:
            operators.engage(each, Engagement.Purpose.CONSULT, call_ref=call.public_id)
    return call, held[operator.pk]


@transaction.atomic
def call_previewed(preview: Preview) -> tuple[Call, str]:
    """Call the contact that the operator looks at, from their desk; returns as `place_desk_call`, refuses as it and
    `previews.take_for_call` do."""
    taken = previews.take_for_call(preview)
    campaign, contact = taken.target.campaign, taken.target.contact
    call, token = place_desk_call(taken.operator, to=taken.number, caller_id=campaign.caller_id, person=contact.person)
    previews.called(taken, call)
    return call, token


def redeem(token: str, *, identity: str) -> Leg | None:
    """The desk's line that `token` was made for, if it is young, `identity` owns it and nobody used it; else None."""
    try:
        public_id = _signer.unsign(token, max_age=TOKEN_SECONDS)
    except BadSignature:
        return None
    leg = Leg.objects.filter(public_id=public_id, sid__isnull=True).select_related("call__client", "operator").first()
    return leg if leg and leg.operator and leg.operator.identity == identity else None


@transaction.atomic
def hang_up(call: Call, *, by: User) -> None:
    """End the conversation: the customer's line is ended, and with it the call. Twice is once.

    Who was only asked to take the call ends their own part of it, and the customer goes back.
    """
    call = Call.objects.select_for_update(of=("self",)).select_related("client").get(pk=call.pk)
    if call.status == Call.Status.OVER:
        return
    if transfers.step_back(call, by=by):
        return
    customer = call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
    if customer is not None:
        calls.hang_up_leg(customer, by=by.display_name)
        return
    for leg in call.legs.open():
        calls.hang_up_leg(leg, by=by.display_name)
    calls.close(call, Call.Outcome.NO_ANSWER)


@transaction.atomic
def set_hold(call: Call, *, on: bool) -> Call:
    """Put the customer on hold with music, or take them back; the recording pauses meanwhile. Twice is once."""
    call = lines.lock_call(call)
    leg = handover.customer_of(call)
    if leg is None:
        raise Refused("The call is over.", code="over")
    handover.refuse_inside(call, "put on hold")
    conference.refuse_during_transfer(call)
    meeting.set_hold(leg, on=on)
    return call


@transaction.atomic
def move_caller(entry: QueueEntry, queue: Queue, *, by: User) -> QueueEntry:
    """Take a waiting caller to another queue: the place now, the line after commit. Twice is once."""
    moved = queues.move_to(entry, queue, by=by)
    leg = moved.call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
    if leg is not None and entry.status != QueueEntry.Status.MOVED and moved.pk != entry.pk:
        calls.redirect_leg(leg, callbacks.resume(leg.public_id, "here"))
    return moved
