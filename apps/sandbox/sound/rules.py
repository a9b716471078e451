"""Who hears whom. Pure; the carrier's captions and the engine's mixer both go by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """How a leg takes part in what is said. `room` "" is alone; `coach` is the one leg that hears it, "" everybody."""

    leg: str
    room: str = ""
    muted: bool = False
    hold: bool = False
    coach: str = ""


def reaches(speaker: Voice, listener: Voice) -> bool:
    """Whether `listener` hears what `speaker` says.

    Both are in one room and neither is on hold; the muted are heard by nobody (that is a monitor), a coach by the
    coached leg only, though it hears everybody.
    """
    return (
        bool(speaker.room)
        and speaker.room == listener.room
        and speaker.leg != listener.leg
        and not (speaker.muted or speaker.hold or listener.hold)
        and speaker.coach in ("", listener.leg)
    )


def heard_by(listener: Voice, others: Iterable[Voice]) -> list[Voice]:
    """Those of `others` whom `listener` hears, in their order."""
    return [speaker for speaker in others if reaches(speaker, listener)]
