"""Ears for tests: which of a few tones are in a sound, by Goertzel's filter."""

from __future__ import annotations

import array
import math

from apps.sandbox.sound import codec
from apps.sandbox.sound.hall import Hall, Leg, Track
from apps.sandbox.sound.rules import Voice

# Whole periods in 20 ms, so that frames join without a click and one tone is nothing in another's filter.
TONES = {"A": 400, "B": 700, "C": 1100, "D": 1700, "music": 2300, "prompt": 2900}


def strength(pcm: bytes, hertz: float) -> float:
    """How loud one pitch is in 16-bit PCM at 8000 Hz, 1 being a full sine."""
    samples = array.array("h", pcm)
    if not samples:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hertz / codec.RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample / 32_768 + factor * last - before
    power = last**2 + before**2 - factor * last * before
    return 2 * math.sqrt(max(0.0, power)) / len(samples)


def tones_in(pcm: bytes, *, gate: float = 0.02) -> str:
    """The names of the tones that are heard, in the order of TONES."""
    return " ".join(name for name, hertz in TONES.items() if strength(pcm, hertz) > gate)


def sine(name: str, seconds: float, loudness: float = 0.2) -> bytes:
    """A tone as a phone sends it: mu-law."""
    step = 2 * math.pi * TONES[name] / codec.RATE
    samples = (round(32_767 * loudness * math.sin(step * n)) for n in range(round(seconds * codec.RATE)))
    return codec.encode(array.array("h", samples).tobytes())


class Party:
    """Legs A, B, C, D, each of which says its tone all the time."""

    def __init__(self, *names: str) -> None:
        self.hall = Hall()
        for name in names:
            self.hall.legs[name] = Leg(Voice(name, room="one"), says=Track("voice", sine(name, 1), times=0))

    def change(self, name: str, **how: object) -> None:
        voice = self.hall.legs[name].voice
        fields = {each: getattr(voice, each) for each in Voice.__slots__}
        self.hall.legs[name].voice = Voice(**fields | how)

    def play(self, name: str, tone: str, *, seconds: float = 1, times: int = 1) -> None:
        self.hall.legs[name].hears = Track(tone, sine(tone, seconds), times)

    def listen(self, seconds: float = 0.2) -> dict[str, bytes]:
        """What each hears in that time, as PCM."""
        ears = dict.fromkeys(self.hall.legs, b"")
        for _ in range(round(seconds / codec.FRAME_SECONDS)):
            self.hall.tick()
            for name, leg in self.hall.legs.items():
                ears[name] += leg.heard
        return ears

    def hears(self, seconds: float = 0.2) -> dict[str, str]:
        return {name: tones_in(pcm) for name, pcm in self.listen(seconds).items()}
