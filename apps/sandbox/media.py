"""Sound behind a small interface. Here it takes only time: prompts last, recordings are tones. Studio has the other."""

from __future__ import annotations

import array
import math
import re
import struct
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .exchange.calls import Call
    from .exchange.recordings import Recording

RATE = 8000
TONES = (440, 620)  # hertz per channel; whole periods in a second, so that seconds join without a click
KEY_SECONDS = 0.5
_IN_URL = re.compile(r"(?:[?&]seconds=|[-_])(\d+)(?:s\.(?:wav|mp3|ulaw)$|$)")

Stretch = tuple[bool, float]  # sounding or silent, and for how many seconds


class Silent(Exception):
    """There is no sound for this; the text says why."""


@dataclass(frozen=True)
class Sound:
    """What a verb plays: for how long, and `file`, its mu-law, where there is real sound.

    `tail` seconds more pass before what follows, so that the engine, which begins a moment later, is not cut off.
    `why` says in words why nothing sounds although it should.
    """

    seconds: float
    file: Path | None = None
    tail: float = 0.0
    why: str = ""

    def told(self) -> dict[str, Any]:
        """What goes into the entry of what a phone heard; nothing where nobody expects sound."""
        if self.why:
            return {"sounds": False, "why": self.why}
        return {"sounds": True} if self.file is not None else {}


class Playing:
    """A sound on its way into a leg's ear; times 0 is without end."""

    def __init__(self, sound: Sound, times: int, since: float) -> None:
        self.sound, self.times, self.since = sound, times, since


class Media(Protocol):
    @property
    def sockets(self) -> str:
        """The address of the sound's websockets; "" without sound."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """What must run as long as the carrier does."""

    async def admit(self, call: Call, origin: str) -> dict[str, Any]:
        """The one-time `url` where a page of this origin is the call's ear and mouth. Raises Silent."""

    def say_seconds(self, text: str) -> float:
        """How long it takes to read this aloud, roughly."""

    async def spoken(self, text: str, language: str) -> Sound:
        """This text, read aloud."""

    async def fetched(self, url: str) -> Sound:
        """This file."""

    def made(self, name: str, digits: str = "") -> Sound:
        """What the carrier makes itself: music, ringing, beep, keys."""

    async def ready(self, call: Call) -> None:
        """Wait, not long, until the page that wants to hear this call does."""

    def speak(self, call: Call, text: str, language: str = "en-US") -> dict[str, Any]:
        """The person on this phone says so; it is spoken for them. Returns what `Sound.told` says of it."""

    def beep(self, call: Call) -> None:
        """A short tone into this ear."""

    def touch(self) -> None:
        """Something changed about who hears what."""

    def wav(self, recording: Recording, channels: int) -> bytes:
        """The recording as a file."""

    def mp3(self, recording: Recording) -> bytes:
        """The same as MP3. Raises Silent."""

    def erase(self, recording: Recording) -> None:
        """The recording was deleted."""


class ClockMedia:
    """Clock only: 0.06 s a letter, at least a second; a file takes what its name says (`music-30s.wav`), else 5 s."""

    sockets = ""

    def say_seconds(self, text: str) -> float:
        return max(1.0, round(0.06 * len(text), 2))

    def play_seconds(self, url: str) -> float:
        match = _IN_URL.search(url)
        return float(match.group(1)) if match else 5.0

    def running(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def admit(self, call: Call, origin: str) -> dict[str, Any]:
        raise Silent("This sandbox runs without sound; what is said is written.")

    async def spoken(self, text: str, language: str) -> Sound:
        return Sound(self.say_seconds(text))

    async def fetched(self, url: str) -> Sound:
        return Sound(self.play_seconds(url))

    def made(self, name: str, digits: str = "") -> Sound:
        return Sound(KEY_SECONDS * len(digits))

    async def ready(self, call: Call) -> None:
        """Nobody hears it."""

    def speak(self, call: Call, text: str, language: str = "en-US") -> dict[str, Any]:
        return {}

    def beep(self, call: Call) -> None:
        """Nobody hears it."""

    def touch(self) -> None:
        """Nobody hears anything."""

    def wav(self, recording: Recording, channels: int) -> bytes:
        """16-bit PCM at 8 kHz: another tone in each channel, nothing where the recording was paused."""
        sounding, silent = _second(channels), bytes(RATE * 2 * channels)
        parts = []
        for sounds, seconds in recording.stretches:
            size = round(seconds * RATE) * 2 * channels
            second = sounding if sounds else silent
            parts.append((second * (size // len(second) + 1))[:size])
        return write_wav(b"".join(parts), channels)

    def mp3(self, recording: Recording) -> bytes:
        """A valid MP3 of that length at 32 kbit/s, 8 kHz mono; silent, for want of an encoder."""
        frame = bytes.fromhex("ffe348c0") + bytes(284)  # MPEG 2.5 layer III, 576 samples
        return frame * max(1, round(sum(seconds for _, seconds in recording.stretches) * RATE / 576))

    def erase(self, recording: Recording) -> None:
        """There is no file."""


def write_wav(pcm: bytes, channels: int) -> bytes:
    """16-bit PCM at 8000 Hz as a WAV file."""
    block = 2 * channels
    shape = struct.pack("<HHIIHH", 1, channels, RATE, RATE * block, block, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(pcm)) + b"WAVEfmt " + struct.pack("<I", len(shape)) + shape
    return head + struct.pack("<4sI", b"data", len(pcm)) + pcm


def _second(channels: int) -> bytes:
    samples = array.array("h")
    for i in range(RATE):
        samples.extend(round(8000 * math.sin(2 * math.pi * tone * i / RATE)) for tone in TONES[:channels])
    return samples.tobytes()
