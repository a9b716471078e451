"""Into the room and out of the conversation: what a party of a call hears. Who they are, says `calls.parties`."""

from __future__ import annotations

from django.db import transaction

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.carrier.verbs import Verb
from apps.recordings import services as recordings
from apps.switchboard import documents, words


def answered(call: Call, leg: Leg) -> list[Verb]:
    """A party who was rung picks up: into the room, if the conversation goes on."""
    if leg.room is None or leg.room.ended_at is not None:
        return words.good_bye(words.CALLER_GONE, call.language)
    return documents.in_room(leg)


@transaction.atomic
def set_hold(leg: Leg, *, on: bool) -> None:
    """Take a party out of the conversation with music, or back. While the customer is away the recording rests."""
    calls.set_hold(leg, on=on)
    if leg.role == Leg.Role.CUSTOMER:
        recordings.set_pause(leg, on=on)
