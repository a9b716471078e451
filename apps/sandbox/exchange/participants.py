"""A call in a conference: the place that holds it there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clock import resolve
from ..media import Playing
from ..twiml.outcome import Jump
from ..twiml.situations import LISTEN
from ..webhooks import WebhookFailed
from .calls import Report

if TYPE_CHECKING:
    from .calls import Call
    from .conferences import Conference

BAD_VERB = 13238


@dataclass
class Manner:
    """How a call takes part. `wait_url` None means the carrier's music, empty means silence."""

    muted: bool = False
    hold: bool = False
    beep: str = "true"
    start_on_enter: bool = True
    end_on_exit: bool = False
    label: str = ""
    wait_url: str | None = None
    wait_method: str = "POST"
    hold_url: str = ""
    hold_method: str = "GET"
    max_participants: int = 250
    coach: str = ""
    record: bool = False
    report: Report | None = None
    recording_report: Report | None = None

    def beeps(self, when: str) -> bool:
        """`when` is onEnter or onExit."""
        return self.beep.lower() in ("true", when.lower())


class Participant:
    def __init__(self, conference: Conference, call: Call, manner: Manner) -> None:
        self.conference, self.call, self.manner = conference, call, manner
        self.created = self.updated = conference.network.clock.now()
        self.joined = False
        self.coaching = bool(manner.coach)
        self.hangup_on_star = False
        self.farewell: tuple[str, str, dict[str, str]] | None = None  # the Dial action, should the call hang up
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sound: asyncio.Task[None] | None = None
        self._music: Playing | None = None

    @property
    def where(self) -> str:
        return "hold" if self.manner.hold else "conference"

    @property
    def status(self) -> str:
        if self.joined:
            return "connected"
        waiting = {"queued": "queued", "ringing": "ringing", "in-progress": "connecting", "completed": "complete"}
        return waiting.get(self.call.status, "failed")

    def leave(self, reason: str) -> None:
        self.stop_sound()
        self.conference.lose(self, "participant_hung_up" if reason == "hangup" else "participant_updated_via_api")
        if reason == "hangup" and self.farewell is not None:
            url, method, told = self.farewell
            network = self.call.network
            params = network.voice_params(self.call) | told
            network.webhooks.tell(url, method, params, kind="dial.action", sid=self.call.sid)

    def key(self, digit: str) -> bool:
        if digit == "*" and self.hangup_on_star:
            self.let_go()
            return True
        return False

    def speech(self, text: str) -> bool:
        return False

    def let_go(self, *, kicked: bool = False) -> None:
        """Out of the room; the call goes on after its Dial. Who is still being rung is rung no longer."""
        self.stop_sound()
        self.conference.lose(self, "participant_updated_via_api", kicked=kicked)
        self.release()
        if self.call.status in ("queued", "ringing"):
            self.call.end("canceled", by="api")

    def release(self) -> None:
        """The room holds the call no longer."""
        self.stop_sound()
        if self in self.call.places:
            self.call.places.remove(self)
        resolve(self.over)

    # What it hears when nobody speaks to it

    def wait_sound(self) -> None:
        """Until the conference starts: the wait document, music or silence."""
        if self.manner.wait_url:
            self._play(Jump(self.manner.wait_url, self.manner.wait_method, kind="conference.wait"), "conference")
        else:
            self._carriers_music("conference", silent=self.manner.wait_url is not None)

    def hold_sound(self) -> None:
        if self.manner.hold_url:
            self._play(Jump(self.manner.hold_url, self.manner.hold_method, kind="conference.hold"), "hold")
        else:
            self._carriers_music("hold")

    def announce(self, step: Jump) -> None:
        """Play a document over whatever this participant hears."""
        self.call.spawn(self._document(step, "announcement", ended=True))

    def stop_sound(self) -> None:
        if self._sound is not None:
            self._sound.cancel()
            self._sound = None
        self.call.stop(self._music)
        self._music = None

    def _carriers_music(self, where: str, *, silent: bool = False) -> None:
        self.stop_sound()
        music = self.call.network.media.made("music")
        self.call.hear("Silence" if silent else "Music", where=where, **music.told())
        if not silent:
            self._music = self.call.play(music, times=0)

    def _play(self, step: Jump, where: str) -> None:
        self.stop_sound()
        self._sound = self.call.spawn(self._document(step, where))

    async def _document(self, step: Jump, where: str, *, ended: bool = False) -> None:
        network = self.call.network
        runner = network.runner(self.call, verbs=LISTEN, where=where, main=False, refused=BAD_VERB, extra=self._told)
        try:
            await runner.visit(step)
        except WebhookFailed as failure:
            self.call.network.notices.add(self.call, failure.code, failure.text, failure.url)
            if ended:
                reason = {"AnnounceUrl": step.url, "ReasonAnnouncementFailed": failure.text}
                self.conference.tell("announcement-fail", "announcement", self, reason)
            return
        if ended:
            self.conference.tell("announcement-end", "announcement", self, {"AnnounceUrl": step.url})

    def _told(self) -> dict[str, str]:
        return {"ConferenceSid": self.conference.sid, "FriendlyName": self.conference.friendly_name}
