"""<Record>: a beep, then whatever the phone says, until silence, a key, the limit or a hang-up."""

from __future__ import annotations

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
        self.spoken_until = runner.clock.now()

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

    def finish(self, *, absent: bool = False, keep: float | None = None) -> None:
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
        long_enough = 2 < recording.seconds < 120
        params = network.voice_params(call) | {
            "TranscriptionSid": sid,
            "TranscriptionText": " ".join(self.words) if long_enough else "",
            "TranscriptionStatus": "completed" if long_enough else "failed",
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
        runner.call.hear("Beep", where="record")
    place = Recorder(runner, node, action, runner.network.recordings.start(wanted, call=runner.call))
    runner.call.places.append(place)
    runner.network.changed(runner.call)
    key, silent_end = await _until_over(runner, node, place)
    runner.call.places.remove(place)
    began, trims = place.recording.started, node.get("trim", "trim-silence") == "trim-silence"
    if silent_end and not place.words:
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
