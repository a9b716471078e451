"""<Record>: a beep, then whatever the phone says, until silence, a key, the limit or a hang-up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..clock import Mailbox
from ..exchange.recordings import Recording, Wanted
from ..names import new_sid
from .document import Node
from .gather import Spoken
from .outcome import Jump

if TYPE_CHECKING:
    from .runner import Runner

KEYS = "1234567890*#"


class Recorder:
    """The place of a call that is being recorded by the verb."""

    where = "record"

    def __init__(self, runner: Runner, node: Node, action: str, recording: Recording) -> None:
        self.runner, self.node, self.action, self.recording = runner, node, action, recording
        self.box = Mailbox(runner.clock)
        self.words: list[str] = []
        self.heard_voice = False
        self.spoken_until = runner.clock.now()
        runner.call.on_voice.append(self.voice)

    def leave(self, reason: str) -> None:
        self.finish()
        if reason == "hangup":
            call, network = self.runner.call, self.runner.network
            params = network.voice_params(call) | self.result("hangup")
            network.webhooks.tell(self.action, self.node.get("method", "POST"), params, kind="record", sid=call.sid)

    def key(self, digit: str) -> bool:
        if digit in self.node.get("finishOnKey", KEYS):
            self.box.put(digit)
            return True
        return False

    def speech(self, text: str) -> bool:
        self.words.append(text)
        now = self.runner.clock.now()
        self.spoken_until = max(self.spoken_until, now) + self.runner.network.media.say_seconds(text)
        self.box.put(Spoken(text))
        return True

    def voice(self, speaking: bool) -> None:
        """A voice on the line begins or ceases: while it lasts, no silence is running."""
        self.heard_voice = True
        self.spoken_until = math.inf if speaking else self.runner.clock.now()
        self.box.put(Spoken(""))

    def finish(self, *, absent: bool = False, keep: float | None = None) -> None:
        if self.voice in self.runner.call.on_voice:
            self.runner.call.on_voice.remove(self.voice)
        if self.node.flag("transcribe") or self.node.get("transcribeCallback"):
            self.recording.on_ready.append(self._transcribed)
        self.recording.stop(absent=absent, keep=keep)

    def result(self, digits: str) -> dict[str, str]:
        recording = self.recording
        found = {"RecordingUrl": recording.url, "RecordingSid": recording.sid}
        return found | {"RecordingDuration": str(recording.seconds), "Digits": digits}

    def _transcribed(self) -> None:
        url, recording = self.node.get("transcribeCallback"), self.recording
        if not url:
            return
        network, call, sid = self.runner.network, self.runner.call, new_sid("TR")
        # What was only said into the microphone nobody here can write down.
        written = 2 < recording.seconds < 120 and bool(self.words or not self.heard_voice)
        params = network.voice_params(call) | {
            "TranscriptionSid": sid,
            "TranscriptionText": " ".join(self.words) if written else "",
            "TranscriptionStatus": "completed" if written else "failed",
            "TranscriptionUrl": recording.url.replace("/Recordings/" + recording.sid, "/Transcriptions/" + sid),
            "RecordingSid": recording.sid,
            "RecordingUrl": recording.url,
        }
        address = self.runner.address(url)
        network.webhooks.tell(address, "POST", params, kind="record.transcribed", sid=recording.sid)


async def record(runner: Runner, node: Node) -> Jump | None:
    action = runner.address(node.get("action"))
    wanted = Wanted("RecordVerb", report=runner.report(node, "recordingStatusCallback"), track="inbound")
    if node.flag("playBeep", True):
        runner.call.beep("record")
    place = Recorder(runner, node, action, runner.network.recordings.start(wanted, call=runner.call))
    runner.call.places.append(place)
    runner.network.changed(runner.call)
    key, silent_end = await _until_over(runner, node, place)
    runner.call.places.remove(place)
    began, trims = place.recording.started, node.get("trim", "trim-silence") == "trim-silence"
    if silent_end and not place.words and not place.heard_voice:
        place.finish(absent=True)
        return None  # nothing was recorded: the document goes on
    place.finish(keep=place.spoken_until - began if silent_end and trims else None)
    return Jump(place.action, node.get("method", "POST"), place.result(key), kind="record")


async def _until_over(runner: Runner, node: Node, place: Recorder) -> tuple[str, bool]:
    """The key that ended it, and whether silence did."""
    limit = 120 if node.flag("transcribe") or node.get("transcribeCallback") else 3600
    over_at = runner.clock.now() + node.number("maxLength", limit)
    quiet = node.number("timeout", 5)
    while True:
        now = runner.clock.now()
        silence_at = place.spoken_until + quiet if quiet else over_at
        until = min(over_at, silence_at)
        if now >= until:
            return "", silence_at < over_at
        item = await place.box.get(until - now)
        if isinstance(item, str):
            return item, False
