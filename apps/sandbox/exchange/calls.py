"""One leg: a call between the network and one phone.

    queued -> ringing -> in-progress -> completed
       |         +-----> busy | no-answer | failed | canceled
       +-> canceled (no callbacks at all)

Everything here is synchronous: an interruption, a hang-up or an answer has happened when the method returns, and the
coroutine that ran on the call can never take another step. Only documents (twiml/) run as tasks.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..media import Playing, Sound
from ..names import iso, new_sid, rfc2822

if TYPE_CHECKING:
    from ..clock import Timer
    from ..lines.line import Line
    from .network import Network
    from .recordings import Recording

FINAL = {"completed", "busy", "no-answer", "failed", "canceled"}
HEARD_KEPT = 500

log = logging.getLogger("sandbox")


class Place(Protocol):
    """Where a call is while a verb holds it: a queue, a conference, a dialled bridge, a gather, a recording."""

    @property
    def where(self) -> str:
        """One word for it."""

    def leave(self, reason: str) -> None:
        """The call goes away: `hangup` or `redirect`. Must not wait for anything."""

    def key(self, digit: str) -> bool:
        """A key was pressed; True when somebody listened."""

    def speech(self, text: str) -> bool:
        """The phone said something; True when somebody listened."""


@dataclass
class Documents:
    """Where a call's documents come from."""

    url: str = ""
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    twiml: str = ""
    extra: dict[str, str] = field(default_factory=dict)  # only in the first request (a browser's connect() params)


@dataclass
class Report:
    """Who wants to hear of a call's progress."""

    url: str = ""
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)


class Call:
    def __init__(
        self,
        network: Network,
        *,
        from_: str,
        to: str,
        direction: str,
        parent: Call | None = None,
        documents: Documents | None = None,
        report: Report | None = None,
        params: dict[str, str] | None = None,
    ) -> None:
        self.network = network
        self.sid = new_sid("CA")
        self.from_, self.to, self.direction = from_, to, direction
        self.parent_sid = parent.sid if parent else None
        self.documents = documents or Documents()
        self.report = report or Report()
        self.params = params or {}
        self.status = "queued" if direction == "outbound-api" else "ringing"
        self.created = self.updated = network.clock.now()
        self.started: float | None = None
        self.ended: float | None = None
        self.number_sid: str | None = None
        self.token = ""  # the leave to show this caller's number when the call is forwarded
        self.application_sid: str | None = None
        self.answered_by: str | None = None
        self.queue_ms = 0
        self.sip_code: int | None = None
        self.time_limit = 14_400
        self.detection: Any = None
        self.line: Line | None = None
        self.places: list[Place] = []
        self.heard: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.recordings: list[Recording] = []
        self.whole_recording: Recording | None = None  # the one that Record=true asked for
        self.cookies: dict[str, str] = {}
        self.mic_muted = False
        self.sounds: list[Playing] = []  # what is played into its ear: the last one is heard
        self.mouth: Playing | None = None  # what is spoken in its person's place
        self.on_voice: list[Callable[[bool], Any]] = []  # its person began or ceased to speak
        self.partner: Call | None = None  # the other end of a bridge
        self.program: Callable[[Call], Coroutine[Any, Any, Any]] | None = None
        self.on_answer: list[Callable[[], Any]] = []
        self.on_end: list[Callable[[], Any]] = []
        self.script: Any = None
        self._sequence = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._timers: list[Timer] = []

    # What it is

    @property
    def open(self) -> bool:
        return self.status not in FINAL

    @property
    def talking(self) -> bool:
        return self.status == "in-progress"

    @property
    def seconds(self) -> int | None:
        """Billed seconds; None where nobody answered."""
        if self.started is None or self.ended is None:
            return None
        return max(0, round(self.ended - self.started))

    @property
    def where(self) -> str:
        if not self.open:
            return "ended"
        if self.places:
            return self.places[0].where
        return "prompt" if self.talking else "ringing"

    # Its life

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run documents on this call; when they are over, so is the call."""

        async def run() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("a document broke the sandbox")
                self.note("sandbox.error")
            if self.open:
                self.end("completed")

        self.spawn(run())

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task that dies with whatever runs on the call now."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def interrupt(self, reason: str) -> None:
        """Stop the running document at once and take the call out of wherever it is."""
        current = asyncio.current_task()
        for task in list(self._tasks):
            if task is not current:
                task.cancel()
        while self.places:
            self.places.pop().leave(reason)
        self.sounds.clear()

    def redirect(self, work: Coroutine[Any, Any, Any]) -> None:
        """Replace what runs on the call (REST update, dequeue)."""
        self.interrupt("redirect")
        self.note("call.redirected")
        self.start(work)

    def ring(self) -> None:
        if self.status in ("queued", "ringing"):
            self.status = "ringing"
            self.updated = self.network.clock.now()
            self.note("call.ringing")
            self.tell("ringing")

    def answer(self) -> None:
        """The far end took the call (outbound) or the network did (inbound)."""
        if self.status not in ("queued", "ringing"):
            return
        self.status = "in-progress"
        self.started = self.updated = self.network.clock.now()
        self.note("call.answered")
        self._timers.append(self.network.clock.later(self.time_limit, lambda: self.end("completed")))
        if self.line is not None:
            self.line.answered()
        self.tell("answered")
        for action in self.on_answer:
            action()

    def end(self, status: str, *, sip_code: int | None = None, by: str = "network") -> None:
        """Hang up. Listeners, places, recordings and callbacks follow before this returns."""
        if not self.open:
            return
        silent = self.status == "queued" and status == "canceled"
        self.status, self.sip_code = status, sip_code
        self.ended = self.updated = self.network.clock.now()
        self.network.live.pop(self.sid, None)
        for timer in self._timers:
            timer.cancel()
        self.note("call.ended", status=status, by=by)
        self.interrupt("hangup")
        for recording in list(self.recordings):
            recording.stop()
        if self.line is not None:
            self.line.ended()
        if not silent:
            self.tell("completed")
        for action in self.on_end:
            action()

    def limit(self, seconds: int) -> None:
        """End the call so many seconds from now (TimeLimit given later)."""
        self._timers.append(self.network.clock.later(seconds, lambda: self.end("completed")))

    def after(self, seconds: float, action: Callable[[], Any]) -> Timer:
        """A timer that dies with the call."""
        timer = self.network.clock.later(seconds, action)
        self._timers.append(timer)
        return timer

    # Sound

    def press(self, digits: str) -> bool:
        """Keys from the phone, one after the other; True when somebody listened to any of them."""
        taken = False
        for digit in digits:
            if digit in "wW" or not self.open:
                continue
            heeded = any(place.key(digit) for place in reversed(self.places[:]))
            self.note("call.pressed", digit=digit, taken=heeded)
            taken = taken or heeded
        return taken

    def speak(self, text: str) -> None:
        """The phone says something: whoever can hear it does."""
        self.note("call.said", text=text)
        for place in reversed(self.places[:]):
            if place.speech(text):
                break
        told = self.network.media.speak(self, text)
        for other in self.network.audience(self):
            other.hear("Speech", text=text, by=self.sid, **told)

    def voice(self, speaking: bool) -> None:
        """The line says that there is a voice on it now, or no longer."""
        for listener in list(self.on_voice):
            listener(speaking)

    def play(self, sound: Sound, times: int = 1) -> Playing:
        """Into its ear, over whatever it hears, until `stop`."""
        playing = Playing(sound, times, self.network.clock.now())
        self.sounds.append(playing)
        self.network.media.touch()
        return playing

    def stop(self, playing: Playing | None) -> None:
        """What was played before is heard again. Nothing happens when it does not play."""
        if playing in self.sounds:
            self.sounds.remove(playing)
            self.network.media.touch()

    def beep(self, where: str) -> None:
        self.hear("Beep", where=where)
        self.network.media.beep(self)

    def hear(self, verb: str, **what: Any) -> None:
        """Something reaches this phone's ear."""
        entry = {"at": iso(self.network.clock.now()), "verb": verb} | what
        self.heard.append(entry)
        del self.heard[:-HEARD_KEPT]
        if self.line is not None:
            self.line.heard(entry)
        self.network.changed(self)

    # Words about it

    def note(self, kind: str, **data: Any) -> None:
        """A fact for the ledger and for this call's own list of events."""
        entry = self.network.fact(kind, call=self.sid, **data)
        self.events.append({"at": entry["at"], "kind": kind} | data)
        self.network.changed(self)

    def tell(self, event: str) -> None:
        """The status callback for initiated, ringing, answered or completed, where it was asked for."""
        if not self.report.url or event not in self.report.events:
            return
        clock = self.network.clock
        params = self.network.voice_params(self) | {
            "Timestamp": rfc2822(clock.now()) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
        }
        self._sequence += 1
        if event == "initiated":
            params["CallStatus"] = "initiated"
        if event == "completed":
            params["CallDuration"] = str(self.seconds or 0)
            if self.status == "completed":
                params["Duration"] = str(math.ceil((self.seconds or 0) / 60))
            if self.sip_code:
                params["SipResponseCode"] = str(self.sip_code)
            if self.answered_by:
                params["AnsweredBy"] = self.answered_by
            params |= self.network.recordings.of_whole_call(self)
        self.network.webhooks.tell(self.report.url, self.report.method, params, kind=f"call.{event}", sid=self.sid)
