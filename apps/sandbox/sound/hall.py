"""Everybody who is on the phone: `tick` moves all of it by 20 ms. No clock, no sockets, no files.

A leg says what its microphone and a line spoken for it say; it hears the clip that is played to it, else (not on hold)
everybody who reaches it by the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import codec
from .jitter import Jitter
from .rules import Voice, reaches

LOUD = 350  # rms of 16-bit samples from which a voice counts as speaking
SPEAKS_AFTER, SILENT_AFTER = 3, 30  # ticks
BYTES_A_FRAME = codec.FRAME  # mu-law has a byte a sample


@dataclass(slots=True)
class Track:
    """A clip on its way: `clip` names it, `sound` is mu-law, `times` how often (0: without end), `at` the next byte."""

    clip: str
    sound: bytes
    times: int = 1
    at: int = 0

    def take(self) -> bytes | None:
        """The next frame as PCM; None when it is over."""
        size = len(self.sound)
        left = size * self.times - self.at if self.times else BYTES_A_FRAME
        if not size or left <= 0:
            return None
        begin = self.at % size
        self.at += BYTES_A_FRAME
        frame = self.sound[begin : begin + BYTES_A_FRAME]
        while len(frame) < BYTES_A_FRAME:  # over the seam
            frame += self.sound[: BYTES_A_FRAME - len(frame)]
        if left < BYTES_A_FRAME:
            frame = frame[:left] + codec.QUIET_ULAW[left:]
        return codec.decode(frame)


@dataclass(slots=True)
class Leg:
    voice: Voice
    inbox: Jitter = field(default_factory=Jitter)
    hears: Track | None = None  # played to its ear
    says: Track | None = None  # spoken in its place
    said: bytes = codec.QUIET  # of the last tick, as PCM
    heard: bytes = codec.QUIET
    heard_on_record: bytes = codec.QUIET  # without what a coach whispers
    speaking: bool = False
    _loud: int = 0

    def speak(self) -> bool:
        """Take this tick's frame from the mouth; True when it began or ceased to speak."""
        frame = self.inbox.take()
        self.said = codec.QUIET if frame is None else codec.decode(frame)
        if self.says is not None:
            line = self.says.take()
            if line is None:
                self.says = None
            else:
                self.said = codec.add(self.said, line, codec.WIDTH)
        return self._judge()

    def _judge(self) -> bool:
        loud = self.said is not codec.QUIET and codec.rms(self.said, codec.WIDTH) > LOUD
        if loud == self.speaking:
            self._loud = 0
            return False
        self._loud += 1
        if self._loud < (SPEAKS_AFTER if loud else SILENT_AFTER):
            return False
        self._loud, self.speaking = 0, loud
        return True


@dataclass(slots=True)
class Recorder:
    """Writes what a leg says and hears (two channels, or both in one), what it says alone, or what a room says."""

    write: Callable[[bytes], None]
    leg: str = ""
    room: str = ""
    channels: int = 1
    track: str = "both"  # both, inbound (what the leg says) or outbound
    paused: bool = False
    skips: bool = False  # a pause leaves no gap

    def silence(self) -> bytes:
        return codec.QUIET * self.channels


class Hall:
    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.recorders: dict[str, Recorder] = {}
        self.turned: list[tuple[str, bool]] = []  # legs that began or ceased to speak in the last tick

    def tick(self) -> None:
        """20 ms: everybody speaks, everybody hears, the recorders write."""
        self.turned = [(name, leg.speaking) for name, leg in self.legs.items() if leg.speak()]
        rooms: dict[str, list[Leg]] = {}
        for leg in self.legs.values():
            if leg.voice.room:
                rooms.setdefault(leg.voice.room, []).append(leg)
        for leg in self.legs.values():
            self._listen(leg, rooms.get(leg.voice.room, ()))
        for recorder in self.recorders.values():
            self._record(recorder, rooms)

    def _listen(self, leg: Leg, others: list[Leg] | tuple[()]) -> None:
        if leg.hears is not None:
            frame = leg.hears.take()
            if frame is not None:
                leg.heard = leg.heard_on_record = frame
                return
            leg.hears = None
        everybody, public = codec.QUIET, codec.QUIET
        for other in others:
            if other.said is not codec.QUIET and reaches(other.voice, leg.voice):
                everybody = _with(everybody, other.said)
                if not other.voice.coach:
                    public = _with(public, other.said)
        leg.heard, leg.heard_on_record = everybody, public

    def _record(self, recorder: Recorder, rooms: dict[str, list[Leg]]) -> None:
        if recorder.paused:
            if not recorder.skips:
                recorder.write(recorder.silence())
            return
        if recorder.room:
            frame = codec.QUIET
            for leg in rooms.get(recorder.room, ()):
                if not (leg.voice.muted or leg.voice.hold or leg.voice.coach):
                    frame = _with(frame, leg.said)
            recorder.write(frame)
            return
        leg = self.legs.get(recorder.leg)
        if leg is None:
            recorder.write(recorder.silence())
            return
        said = codec.QUIET if recorder.track == "outbound" else leg.said
        heard = codec.QUIET if recorder.track == "inbound" else leg.heard_on_record
        recorder.write(codec.interleave(said, heard) if recorder.channels == 2 else _with(said, heard))


def _with(sound: bytes, more: bytes) -> bytes:
    if sound is codec.QUIET:
        return more
    return sound if more is codec.QUIET else codec.add(sound, more, codec.WIDTH)
