"""The engine's state and its clock: what the carrier told it, and 20 ms after 20 ms of sound out of it.

The carrier describes each leg and each recording as it should be, whole; an engine that was restarted is simply told
again. Nothing here decides about calls: without an engine they go on in silence.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import codec
from .hall import Hall, Leg, Recorder, Track
from .lines import Admission, Line
from .rules import Voice
from .tape import Tape

CLIPS_KEPT = 64
STALL_SECONDS = 0.4  # time that was lost for longer than this is not made up for
LATE_SECONDS = 0.02
MEASURED = 3000  # ticks: a minute

Told = dict[str, Any]


class Refused(Exception):
    """The carrier asked for something that cannot be; the text says why."""


class Engine:
    def __init__(self, *, cap: int) -> None:
        self.cap = cap
        self.hall = Hall()
        self.lines: dict[str, Line] = {}  # the page that is connected, by leg
        self.admissions: dict[str, Admission] = {}  # by token
        self.report: Callable[[Told], None] = lambda event: None  # to the carrier
        self._clips: OrderedDict[str, bytes] = OrderedDict()
        self._playing: dict[str, dict[str, str | None]] = {}  # the clips last told, by leg: those over stay over
        self._tapes: dict[str, Tape] = {}
        self._lateness: deque[float] = deque(maxlen=MEASURED)

    # What the carrier tells

    def obey(self, told: Told) -> None:
        """Carry out one message of the carrier. Raises Refused."""
        orders = {
            "leg": self._leg,
            "gone": self._gone,
            "admit": self._admit,
            "record": self._record,
            "recorded": self._recorded,
        }
        order = orders.get(str(told.get("do")))
        if order is None:
            raise Refused(f"There is no order {told.get('do')!r}.")
        try:
            order(told)
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error

    def clear(self) -> None:
        """The carrier is gone, and with it all its calls."""
        for name in list(self.hall.legs):
            self._gone({"leg": name})
        for name in list(self.hall.recorders):
            self._recorded({"recording": name})
        self.admissions.clear()

    def _leg(self, told: Told) -> None:
        name = told["leg"]
        voice = Voice(name, **told["voice"])
        leg = self.hall.legs.get(name)
        if leg is None:
            if len(self.hall.legs) >= self.cap:
                raise Refused(f"All {self.cap} lines with sound are in use.")
            leg = self.hall.legs[name] = Leg(voice)
            self._playing[name] = {"hears": None, "says": None}
        leg.voice = voice
        playing = self._playing[name]
        for side in ("hears", "says"):
            clip = told.get(side)
            if playing[side] != (clip["clip"] if clip else None):
                setattr(leg, side, self._track(clip) if clip else None)
                playing[side] = clip["clip"] if clip else None

    def _gone(self, told: Told) -> None:
        name = told["leg"]
        self.hall.legs.pop(name, None)
        self._playing.pop(name, None)
        self.admissions = {token: each for token, each in self.admissions.items() if each.leg != name}
        if line := self.lines.pop(name, None):
            line.close(4410, "The call is over.")

    def _admit(self, told: Told) -> None:
        if told["leg"] not in self.hall.legs:
            raise Refused("There is no such leg.")
        now = asyncio.get_running_loop().time()
        self.admissions = {token: each for token, each in self.admissions.items() if each.until > now}
        self.admissions[told["token"]] = Admission(told["leg"], told["origin"], now + told["seconds"])

    def _record(self, told: Told) -> None:
        name = told["recording"]
        recorder = self.hall.recorders.get(name)
        if recorder is None:
            tape = self._tapes[name] = Tape(Path(told["file"]), told["channels"])
            wanted = {key: told[key] for key in ("leg", "room", "channels", "track")}
            recorder = self.hall.recorders[name] = Recorder(tape.write, **wanted)
        recorder.paused, recorder.skips = told["paused"], told["skips"]
        self._tapes[name].align(told["at"])

    def _recorded(self, told: Told) -> None:
        self.hall.recorders.pop(told["recording"], None)
        if tape := self._tapes.pop(told["recording"], None):
            tape.close()

    def _track(self, told: Told) -> Track:
        return Track(told["clip"], self._sound(told["file"]), told["times"], round(told["at"] * codec.RATE))

    def _sound(self, file: str) -> bytes:
        if file not in self._clips:
            self._clips[file] = Path(file).read_bytes()
            while len(self._clips) > CLIPS_KEPT:
                self._clips.popitem(last=False)
        self._clips.move_to_end(file)
        return self._clips[file]

    # The clock

    async def run(self) -> None:
        """Tick for ever."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += codec.FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))
            late = loop.time() - due
            self._lateness.append(late)
            if late > STALL_SECONDS:
                self._lose(round(late / codec.FRAME_SECONDS))
                due = loop.time()
            self.tick()

    def tick(self) -> None:
        self.hall.tick()
        for name, line in self.lines.items():
            line.send(self.hall.legs[name].heard)
        for name, speaking in self.hall.turned:
            self.report({"event": "voice", "leg": name, "speaking": speaking})

    def status(self, ticks: int = MEASURED) -> Told:
        """For health checks: how full, and how punctual in the last minute, or the last `ticks`."""
        late = sorted(list(self._lateness)[-ticks:])
        ticks = len(late)
        return {
            "legs": len(self.hall.legs),
            "connected": len(self.lines),
            "cap": self.cap,
            "recordings": len(self.hall.recorders),
            "ticks": ticks,
            "late_percent": round(100 * sum(each > LATE_SECONDS for each in late) / ticks, 2) if ticks else 0.0,
            "p99_ms": round(1000 * late[ticks * 99 // 100], 1) if ticks else 0.0,
        }

    def _lose(self, ticks: int) -> None:
        """So much time passed unseen: recordings are that much longer, in silence."""
        for recorder in self.hall.recorders.values():
            if not (recorder.paused and recorder.skips):
                recorder.write(recorder.silence() * ticks)
