"""Sound behind a small interface. Here there is none: prompts take their time, recordings are tones."""

from __future__ import annotations

import array
import math
import re
import struct
from collections.abc import Sequence
from typing import Protocol

RATE = 8000
TONES = (440, 620)  # hertz per channel; whole periods in a second, so that seconds join without a click
_IN_URL = re.compile(r"(?:[?&]seconds=|[-_])(\d+)(?:s\.(?:wav|mp3|ulaw)$|$)")

Stretch = tuple[bool, float]  # sounding or silent, and for how many seconds


class Media(Protocol):
    def say_seconds(self, text: str) -> float:
        """How long it takes to read this aloud."""

    def play_seconds(self, url: str) -> float:
        """How long this file sounds."""

    def wav(self, stretches: Sequence[Stretch], channels: int) -> bytes:
        """The recording as a file."""


class ClockMedia:
    """Clock only: 0.06 s a letter, at least a second; a file takes what its name says (`music-30s.wav`), else 5 s."""

    def say_seconds(self, text: str) -> float:
        return max(1.0, round(0.06 * len(text), 2))

    def play_seconds(self, url: str) -> float:
        match = _IN_URL.search(url)
        return float(match.group(1)) if match else 5.0

    def wav(self, stretches: Sequence[Stretch], channels: int) -> bytes:
        """16-bit PCM at 8 kHz: another tone in each channel, nothing where the recording was paused."""
        sounding, silent = _second(channels), bytes(RATE * 2 * channels)
        parts = []
        for sounds, seconds in stretches:
            size = round(seconds * RATE) * 2 * channels
            second = sounding if sounds else silent
            parts.append((second * (size // len(second) + 1))[:size])
        return _wav(b"".join(parts), channels)


def mp3(seconds: float) -> bytes:
    """A valid MP3 of that length at 32 kbit/s, 8 kHz mono; silent, for want of an encoder."""
    frame = bytes.fromhex("ffe348c0") + bytes(284)  # MPEG 2.5 layer III, 576 samples
    return frame * max(1, round(seconds * RATE / 576))


def _second(channels: int) -> bytes:
    samples = array.array("h")
    for i in range(RATE):
        samples.extend(round(8000 * math.sin(2 * math.pi * tone * i / RATE)) for tone in TONES[:channels])
    return samples.tobytes()


def _wav(data: bytes, channels: int) -> bytes:
    block = 2 * channels
    shape = struct.pack("<HHIIHH", 1, channels, RATE, RATE * block, block, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", len(shape)) + shape
    return head + struct.pack("<4sI", b"data", len(data)) + data
