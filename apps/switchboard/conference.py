"""What is done to one party of a conversation: hold, mute, remove. The customer is a party like the others."""

from __future__ import annotations

import uuid

from django.db import transaction

from apps.calls import parties
from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.core.models import User
from apps.core.refused import Refused
from apps.switchboard import handover, lines, meeting, transfers


@transaction.atomic
def set_hold(call: Call, party: uuid.UUID, *, by: User, on: bool) -> Call:
    """Take a party out of the conversation, with music, or back in. Twice is once."""
    call, leg, _mine = _theirs(call, party, by)
    if leg.role == Leg.Role.CUSTOMER:
        refuse_during_transfer(call)
    meeting.set_hold(leg, on=on)
    return call


@transaction.atomic
def set_mute(call: Call, party: uuid.UUID, *, by: User, on: bool) -> Call:
    """Let the others hear a party, or not. Twice is once."""
    call, leg, _mine = _theirs(call, party, by)
    calls.set_voice(leg, muted=on)
    return call


@transaction.atomic
def remove(call: Call, party: uuid.UUID, *, by: User) -> Call:
    """End a party's line; the others talk on. Raises Refused for the customer and for oneself."""
    call, leg, mine = _theirs(call, party, by)
    if leg.role == Leg.Role.CUSTOMER:
        raise Refused("Without the customer the call is over. Hang up instead.", code="customer")
    if leg.pk == mine.pk:
        raise Refused("To go yourself, leave the call.", code="yourself")
    transfer = transfers.under_way(call)
    if transfer is not None and transfer.leg_id == leg.pk:
        raise Refused("The transfer to them is under way. Call it off instead.", code="transferring")
    calls.record(call, "switchboard.removed", by=str(mine.operator), party=parties.name_of(call, leg))
    calls.hang_up_leg(leg, by=str(mine.operator))
    if leg.operator is not None:
        handover.done(call, leg)
    calls.changed(call)
    return call


def refuse_during_transfer(call: Call) -> None:
    """Raise Refused while the customer waits for the end of a consultation."""
    if call.transfers.open().exclude(kind="add").exists():
        raise Refused("You are asking a colleague. Call that off, or make it a three-way.", code="transferring")


def _theirs(call: Call, party: uuid.UUID, by: User) -> tuple[Call, Leg, Leg]:
    """The call (held), the party, and the line of who asks. Raises Refused when either is not in the call."""
    call = lines.lock_call(call)
    mine = lines.leg_of(call, by)
    rows = call.legs.talking().filter(joined_at__isnull=False, public_id=party)
    leg = rows.select_related("operator__user", "operator__team__client", "room").first()
    if leg is None:
        raise Refused("This party is not in the call (any more).", code="gone")
    leg.call = call
    return call, leg, mine
