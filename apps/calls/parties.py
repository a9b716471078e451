"""Who is in a call's room, or is rung into it. A party is a line (`Leg`); `of` is how others read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.calls.models import Call, Leg, Room
from apps.core import numbers
from apps.core.refused import Refused
from apps.operators.models import Operator, Team


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a room. `voice`: all, muted (heard by nobody), or coach (heard by one party, `leg.coaches`, only)."""

    leg: Leg
    name: str
    is_here: bool
    since: datetime
    held_since: datetime | None
    voice: str

    @property
    def role(self) -> str:
        return self.leg.role


def of(call: Call) -> list[Party]:
    """The parties of `call` in the order of their coming; those who are rung are not here yet (`is_here`)."""
    legs = call.legs.parties().select_related("operator__user", "operator__team", "coaches", "room")
    return [_party(call, leg) for leg in legs]


def seen_by(call: Call, operator: Operator | None) -> list[Party]:
    """The same as an operator of the call sees them: who listens is left out where a team has it so.

    Whom the operator hears is always named.
    """
    found = of(call)
    unseen = any(
        party.leg.operator is not None and party.leg.operator.team.listening == Team.Listening.UNSEEN
        for party in found if party.role != Leg.Role.SUPERVISOR
    )  # fmt: skip
    mine = operator.pk if operator is not None else None
    hidden = [party for party in found if party.role == Leg.Role.SUPERVISOR and party.voice == "muted"]
    return [party for party in found if not (unseen and party in hidden and party.leg.operator_id != mine)]


def _party(call: Call, leg: Leg) -> Party:
    voice = "muted" if leg.muted else "coach" if leg.coaches_id else "all"
    return Party(
        leg, name_of(call, leg), leg.joined_at is not None, leg.joined_at or leg.created_at, leg.on_hold_since, voice
    )


def name_of(call: Call, leg: Leg) -> str:
    """How people call this party: the operator's or the customer's name, else the number."""
    if leg.operator is not None:
        return str(leg.operator)
    if leg.role == Leg.Role.CUSTOMER:
        return call.person.name if call.person else numbers.pretty(call.customer_number)
    return numbers.pretty(leg.address)


def room_of(call: Call) -> Room:
    """The room in which the conversation takes place. Raises Refused when there is none."""
    room = call.rooms.filter(ended_at__isnull=True).order_by("-n").first()
    if room is None or not call.legs.joined().filter(role=Leg.Role.CUSTOMER, room=room).exists():
        raise Refused("The customer is not connected.", code="not_connected")
    return room
