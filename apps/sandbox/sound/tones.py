"""What the carrier makes itself: beep, ringing tone, keys, and music for those who brought none. All mu-law."""

from __future__ import annotations

import array
import math
import sys
from collections.abc import Iterable
from functools import cache

from . import codec

KEYS = {
    key: (low, high)
    for row, low in zip(("123A", "456B", "789C", "*0#D"), (697, 770, 852, 941), strict=True)
    for key, high in zip(row, (1209, 1336, 1477, 1633), strict=True)
}
KEY_SECONDS, KEY_PAUSE = 0.16, 0.34  # together the half second that a key takes
CHORDS = ((261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7))


def tone(pitches: Iterable[float], seconds: float, loudness: float = 0.2) -> bytes:
    """16-bit PCM of these pitches together, with soft edges; `loudness` of each, 1 being the loudest."""
    size, edge = round(seconds * codec.RATE), 0.005 * codec.RATE
    steps = [2 * math.pi * pitch / codec.RATE for pitch in pitches]
    samples = array.array("h", bytes(2 * size))
    for n in range(size):
        shape = min(1.0, n / edge, (size - n) / edge)
        value = shape * loudness * sum(math.sin(step * n) for step in steps)
        samples[n] = round(32_000 * max(-1.0, min(1.0, value)))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def pause(seconds: float) -> bytes:
    return bytes(codec.WIDTH * round(seconds * codec.RATE))


@cache
def beep() -> bytes:
    return codec.encode(tone((880,), 0.4))


@cache
def ringing() -> bytes:
    """Two seconds of ringing in six, as in North America."""
    return codec.encode(tone((440, 480), 2.0, 0.08) + pause(4.0))


@cache
def keys(digits: str) -> bytes:
    """Half a second a key; `w` and whatever is no key is a pause."""
    sounds = (
        tone(KEYS[digit], KEY_SECONDS) + pause(KEY_PAUSE) if digit in KEYS else pause(0.5) for digit in digits.upper()
    )
    return codec.encode(b"".join(sounds))


@cache
def music() -> bytes:
    """Eight seconds of four quiet chords, to be looped."""
    return codec.encode(b"".join(tone(chord, 1.9, 0.05) + pause(0.1) for chord in CHORDS))
