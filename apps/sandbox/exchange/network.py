"""The telephone network: everything that exists in it, and the ways in and out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..clock import Clock
from ..faults import Faults
from ..lines.devices import Devices
from ..lines.phones import Phones
from ..media import ClockMedia, Media
from ..names import is_number, iso
from ..records import Book
from ..settings import Settings
from ..sound.rules import Voice, reaches
from ..twiml.runner import Runner
from ..webhooks import Webhooks
from .calls import Call
from .conferences import Conferences
from .messages import Messages
from .notices import Notices
from .numbers import Applications, Numbers
from .queues import Queues
from .recordings import Recordings


class Network:
    def __init__(self, settings: Settings, *, clock_mode: str = "real", ledger: Path | None = None) -> None:
        self.settings = settings
        self.clock = Clock(clock_mode)
        self.media: Media = ClockMedia()  # a Studio takes its place where there is real sound
        self.journal, self.ledger = Book(), Book(ledger)
        self.webhooks = Webhooks(self.clock, settings.auth_token, self.journal)
        self.public_url = ""  # where this phone company is reached; for links to recordings
        self.watchers: list[Callable[[str, Any], None]] = []
        self.calls: dict[str, Call] = {}
        self.live: dict[str, Call] = {}  # those of them that are not over
        self.conferences = Conferences(self)
        self.queues = Queues(self)
        self.recordings = Recordings(self)
        self.messages = Messages(self)
        self.notices = Notices(self)
        self.numbers = Numbers(self)
        self.applications = Applications(self)
        self.phones = Phones(self)
        self.devices = Devices(self)
        self._next_dial = 0.0

    def may_show(self, number: str, token: str) -> bool:
        """Whether a call may show `number`: one of the account's, or a caller's whose token comes along."""
        forwarded = token and any(call.token == token and call.from_ == number for call in self.calls.values())
        return bool(forwarded) or self.numbers.by_number(number) is not None

    # Calls come into being

    def incoming(self, *, from_: str, to: str, line: Callable[[Call], Any], heard: bool = False) -> Call:
        """A phone dials one of the account's numbers: its voice URL is asked what to do.

        With `heard` the network waits a moment first, until the page that rings can hear what comes.
        """
        number = self.numbers.by_number(to)
        call = Call(self, from_=from_, to=to, direction="inbound")
        call.token = secrets.token_urlsafe(24)
        if number is not None:
            call.documents, call.report = number.voice(), number.report()
            call.number_sid = number.sid
        self._begin(call, line)
        if number is None or not call.documents.url:
            call.hear("Error", text="The number you have dialled is not in service.")
            call.end("failed", sip_code=404)
            return call
        call.start(self._first(call, heard))
        return call

    async def _first(self, call: Call, heard: bool) -> None:
        if heard:
            await self.media.ready(call)
        await Runner(call).visit_first()

    def from_device(self, identity: str, params: dict[str, str], line: Callable[[Call], Any]) -> Call:
        """A browser device connects: the TwiML app's voice URL gets its parameters as form fields."""
        application = self.applications.rows.get(self.settings.app_sid)
        call = Call(self, from_=f"client:{identity}", to=params.get("To", ""), direction="inbound", params=params)
        call.application_sid = self.settings.app_sid
        if application is not None:
            call.documents, call.report = application.voice(), application.report()
        call.documents.extra = {name: value for name, value in params.items() if name != "To"}
        self._begin(call, line)
        if not call.documents.url:
            call.hear("Error", text="The application has no voice URL.")
            call.end("failed", sip_code=404)
            return call
        call.start(Runner(call).visit_first())
        return call

    def place(self, call: Call, *, timeout: int) -> None:
        """Dial out; `call.program` says what shall run when the leg is answered.

        `timeout` is how long it rings, in seconds, exactly: the five seconds that Twilio adds are left out.
        """
        self._begin(call, self.line_for)
        wait = 0.0
        if call.direction == "outbound-api" and self.settings.calls_per_second:
            now = self.clock.now()
            at = max(now, self._next_dial)
            self._next_dial = at + 1 / self.settings.calls_per_second
            wait = at - now
            call.queue_ms = round(wait * 1000)
        if call.direction == "outbound-api":
            call.after(wait, lambda: self._dial(call, timeout))
        else:
            self._dial(call, timeout)

    def line_for(self, call: Call) -> Any:
        """The phone behind an address: a browser device or a telephone."""
        return self.devices.line(call) if call.to.startswith("client:") else self.phones.line(call)

    def _begin(self, call: Call, line: Callable[[Call], Any]) -> None:
        self.calls[call.sid] = self.live[call.sid] = call
        call.line = line(call)
        call.note("call.created", **{"from": call.from_, "to": call.to, "direction": call.direction})

    def _dial(self, call: Call, timeout: int) -> None:
        if not call.open:
            return
        call.note("call.initiated")
        call.tell("initiated")
        call.on_answer.append(lambda: self._answered(call))
        silence = call.after(timeout, lambda: None if call.talking else call.end("no-answer", sip_code=487))
        call.on_answer.append(silence.cancel)
        if call.line is not None:
            call.line.ring()

    def _answered(self, call: Call) -> None:
        if call.program is not None:
            call.start(call.program(call))

    def runner(self, call: Call, **situation: Any) -> Runner:
        """Whoever reads documents to this call."""
        return Runner(call, **situation)

    # Sound and words

    def voice(self, call: Call) -> Voice:
        """How this call takes part in what is said right now, for the rules of who hears whom."""
        if not call.talking:
            return Voice(call.sid)
        if call.partner is not None:
            return Voice(call.sid, room=min(call.sid, call.partner.sid), muted=call.mic_muted)
        return self.conferences.voice(call)

    def audience(self, speaker: Call) -> list[Call]:
        """Who hears this call's microphone right now."""
        voice = self.voice(speaker)
        return [other for other in self._near(speaker) if reaches(voice, self.voice(other))]

    def heard_by(self, listener: Call) -> list[Call]:
        """Whose microphones this call hears right now."""
        voice = self.voice(listener)
        return [other for other in self._near(listener) if reaches(self.voice(other), voice)]

    def _near(self, call: Call) -> list[Call]:
        """Those who could be in one room with it."""
        if call.partner is not None:
            return [call.partner]
        here = self.conferences.of(call)
        return [each.call for each in here.conference.present] if here is not None else []

    def voice_params(self, call: Call) -> dict[str, str]:
        """The standard parameters of every voice request."""
        params = {
            "CallSid": call.sid,
            "AccountSid": self.settings.account_sid,
            "From": call.from_,
            "To": call.to,
            "Caller": call.from_,
            "Called": call.to,
            "CallStatus": call.status,
            "ApiVersion": "2010-04-01",
            "Direction": call.direction,
        }
        for side, address in (("From", call.from_), ("To", call.to), ("Caller", call.from_), ("Called", call.to)):
            if is_number(address):
                params |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": ""}
                params[f"{side}Country"] = "US" if address.startswith("+1") else ""
        if call.token:
            params["CallToken"] = call.token
        if call.parent_sid:
            params["ParentCallSid"] = call.parent_sid
        if call.application_sid:
            params["ApplicationSid"] = call.application_sid
        return params

    def fact(self, kind: str, **data: Any) -> dict[str, Any]:
        """Write down what really happened."""
        self.media.touch()
        return self.ledger.add({"kind": kind, "at": iso(self.clock.now())} | data)

    def changed(self, call: Call) -> None:
        """Somebody may be looking."""
        for watcher in self.watchers:
            watcher("call", call)

    def devices_changed(self) -> None:
        for watcher in self.watchers:
            watcher("devices", None)

    # The whole

    async def reset(self, *, numbers: bool = False) -> None:
        """Hang up everything without a word and forget it; open browser tabs stay, and numbers unless told."""
        self.webhooks.faults = Faults()
        self.webhooks.muted = True
        for call in list(self.calls.values()):
            call.end("completed")
        self.devices.forget_headless()
        await self.clock.settle()
        self.webhooks.muted = False
        self.calls.clear()
        for room in (self.conferences, self.queues, self.recordings, self.messages, self.notices, self.phones):
            room.clear()
        if numbers:
            self.numbers.rows.clear()
        self.clock.clear()
        self.journal.clear()
        self.ledger.clear()
        self._next_dial = 0.0

    async def close(self) -> None:
        await self.webhooks.close()
        self.ledger.close()
        await asyncio.sleep(0)
