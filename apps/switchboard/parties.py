"""Who is in a call's room, and what is done to each: the conference under transfers, listening in and taking over.

A party is a line (`Leg`) in the call's present room, or rung into it. `of` is how others read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.calls import services as calls
from apps.calls.models import Call, Leg, Room
from apps.carrier.verbs import Verb
from apps.core import numbers
from apps.core.refused import Refused
from apps.recordings import services as recordings
from apps.switchboard import documents, words


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a room. `voice`: all, muted (heard by nobody), or coach (heard by one party, `coaches`, only)."""

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
    legs = call.legs.parties().select_related("operator__user", "coaches", "room")
    return [_party(call, leg) for leg in legs]


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


def answered(call: Call, leg: Leg) -> list[Verb]:
    """A party who was rung picks up: into the room, if the conversation goes on."""
    if leg.room is None or leg.room.ended_at is not None:
        return words.good_bye(words.CALLER_GONE, call.language)
    return documents.in_room(leg)


@transaction.atomic
def set_hold(call: Call, leg: Leg, *, on: bool) -> None:
    """Take a party out of the conversation with music, or back. While the customer is away the recording rests."""
    calls.set_hold(leg, on=on)
    if leg.role == Leg.Role.CUSTOMER:
        recordings.set_pause(leg, on=on)
