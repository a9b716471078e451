"""Recordings: who started them, when they paused, and how long they are.

in-progress <-> paused -> processing -> completed
     +-----------------> (stopped by the API) ... | absent, where nothing was recorded
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..media import Stretch
from ..names import new_sid, rfc2822
from .calls import Report

if TYPE_CHECKING:
    from .calls import Call
    from .conferences import Conference
    from .network import Network

PROCESSING_SECONDS = 1.0
RUNNING = {"in-progress", "paused"}


@dataclass
class Wanted:
    """How to record."""

    source: str
    channels: int = 1
    track: str = "both"
    report: Report | None = None


class Recording:
    def __init__(self, network: Network, wanted: Wanted, *, call: Call, conference: Conference | None = None) -> None:
        self.network, self.call, self.conference = network, call, conference
        self.sid = new_sid("RE")
        self.source, self.channels, self.track = wanted.source, wanted.channels, wanted.track
        self.report = wanted.report or Report()
        self.status = "in-progress"
        self.created = self.updated = self.started = network.clock.now()
        self.on_ready: list[Callable[[], None]] = []
        self.stretches: list[Stretch] = []
        self._since = self.started
        self.skips = False
        self.deleted = False

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    @property
    def seconds(self) -> int:
        return round(sum(seconds for _, seconds in self.stretches))

    @property
    def position(self) -> float:
        """Seconds that are recorded by now."""
        done = sum(seconds for _, seconds in self.stretches)
        if not self.running or (self.status == "paused" and self.skips):
            return done
        return done + self.network.clock.now() - self._since

    @property
    def url(self) -> str:
        account = self.network.settings.account_sid
        return f"{self.network.public_url}/2010-04-01/Accounts/{account}/Recordings/{self.sid}"

    def pause(self, behaviour: str = "silence") -> None:
        """Record silence, or nothing at all (`skip`), until resumed."""
        if self.status == "in-progress":
            self._close_stretch()
            self.skips = behaviour == "skip"
            self._become("paused")

    def resume(self) -> None:
        if self.status == "paused":
            self._close_stretch()
            self._become("in-progress")

    def stop(self, *, absent: bool = False, keep: float | None = None) -> None:
        """End it; `keep` trims it to so many seconds. The file is ready a second later."""
        if not self.running:
            return
        self.network.recordings.running.discard(self)
        self._close_stretch()
        self._trim(keep)
        if self in self.call.recordings:
            self.call.recordings.remove(self)
        if absent or not self.stretches:
            self.stretches = []
            self._become("absent")
            self.tell("absent")
            return
        self._become("processing")
        self.network.clock.later(PROCESSING_SECONDS, self._ready)

    def wav(self, channels: int) -> bytes:
        return self.network.media.wav(self, channels)

    def mp3(self) -> bytes:
        return self.network.media.mp3(self)

    def tell(self, event: str) -> None:
        """The recording status callback, where this event was asked for."""
        if not self.report.url or event not in self.report.events:
            return
        params = {
            "AccountSid": self.network.settings.account_sid,
            "CallSid": self.call.sid,
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": event,
            "RecordingChannels": str(self.channels),
            "RecordingStartTime": rfc2822(self.started) or "",
            "RecordingSource": self.source,
            "RecordingTrack": self.track,
        }
        if event == "completed":
            params["RecordingDuration"] = str(self.seconds)
        if self.conference is not None:
            params["ConferenceSid"] = self.conference.sid
        kind = f"recording.{event}"
        self.network.webhooks.tell(self.report.url, self.report.method, params, kind=kind, sid=self.sid)

    def _ready(self) -> None:
        self._become("completed")
        self.tell("completed")
        for action in self.on_ready:
            action()

    def _become(self, status: str) -> None:
        self.status = status
        self.updated = self.network.clock.now()
        self.call.note(f"recording.{status.replace('-', '_')}", recording=self.sid)

    def _close_stretch(self) -> None:
        now = self.network.clock.now()
        lasted, self._since = now - self._since, now
        silent = self.status == "paused"
        if lasted > 0 and not (silent and self.skips):
            self.stretches.append((not silent, lasted))

    def _trim(self, keep: float | None) -> None:
        if keep is None:
            return
        kept: list[Stretch] = []
        for sounds, seconds in self.stretches:
            if keep > 0:
                kept.append((sounds, min(seconds, keep)))
            keep -= seconds
        self.stretches = kept


class Recordings:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Recording] = {}
        self.running: set[Recording] = set()

    def start(self, wanted: Wanted, *, call: Call, conference: Conference | None = None) -> Recording:
        """Begin to record a call (or a conference, in whose name its first participant's call stands)."""
        recording = Recording(self.network, wanted, call=call, conference=conference)
        self.rows[recording.sid] = recording
        self.running.add(recording)
        if conference is None:
            call.recordings.append(recording)
            if wanted.source == "OutboundAPI":
                call.whole_recording = recording
        data: dict[str, Any] = {"recording": recording.sid, "source": recording.source, "channels": recording.channels}
        call.note("recording.started", **data)
        recording.tell("in-progress")
        return recording

    def of_whole_call(self, call: Call) -> dict[str, str]:
        """What the call's last callback says of a recording made by Record=true."""
        recording = call.whole_recording
        if recording is None:
            return {}
        found = {"RecordingUrl": recording.url, "RecordingSid": recording.sid}
        return found | {"RecordingDuration": str(recording.seconds)}

    def clear(self) -> None:
        self.rows.clear()
        self.running.clear()
