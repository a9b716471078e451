"""The world of a phone story: the real site, the real sandbox carrier over HTTP, and people who use them.

Time stands still until `world.advance(seconds)`, which moves our clock and the carrier's together, runs the sweepers
that are due and the tasks that were sent. `world.settle()` lets everything happen that needs no time.
"""

from __future__ import annotations

from typing import Any

import requests

from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.models import Event
from apps.integrations import services as integrations
from apps.operators.models import Operator
from apps.queues.models import QueueEntry
from tests.support.sandbox import Sandbox
from tests.support.site import Site
from tests.support.tasks import Beat, drain

MOBILE = "+14155550123"


class World:
    """All that a story needs. People are made by `caller`, `operator` and `person_in_the_house`."""

    def __init__(self, site: Site, sandbox: Sandbox) -> None:
        self.site, self.sandbox = site, sandbox
        self.beat = Beat()
        self._desks: list[OperatorInStory] = []

    def caller(self, number: str = MOBILE) -> Caller:
        return Caller(self, number)

    def operator(self, operator: Operator) -> OperatorInStory:
        desk = OperatorInStory(self, operator)
        self._desks.append(desk)
        return desk

    def settle(self) -> None:
        """Until nothing is left to do at this moment: no task waits, no webhook is out."""
        for _round in range(200):
            ran = drain()
            quiet = self.sandbox.advance(0)
            if not ran and not quiet["in_flight"] and not drain():
                return
        raise AssertionError("The world does not come to rest: something keeps sending tasks.")

    def advance(self, seconds: int, *, step: int = 1) -> None:
        """Let `seconds` pass, `step` at a time, for us and for the carrier."""
        self.settle()
        for _second in range(0, seconds, step):
            clock.advance(step)
            self.sandbox.advance(step)
            self.beat.tick()
            self.settle()

    def until(self, what: Any, *, within: int = 60) -> None:
        """Let time pass second by second until `what()` holds; AssertionError after `within` seconds of story time."""
        self.settle()
        for _second in range(within):
            if what():
                return
            self.advance(1)
        assert what(), f"It did not happen within {within} s."

    def put_off_sweepers(self) -> None:
        """From here on no sweeper runs: what holds now holds without them."""
        self.beat._entries = {}

    @property
    def call(self) -> Call:
        """The story's newest call, as it is in the database now."""
        return Call.objects.latest("started_at", "pk")

    @property
    def entry(self) -> QueueEntry:
        return QueueEntry.objects.latest("joined_at", "pk")

    def timeline(self, call: Call | None = None) -> list[str]:
        """The kinds of the call's events in order, those without effect left out."""
        events = Event.objects.of_call((call or self.call).public_id).filter(applied=True)
        return list(events.values_list("kind", flat=True))


class Caller:
    """A person with a telephone."""

    def __init__(self, world: World, number: str) -> None:
        self.world, self.number = world, number
        self.sid = ""

    def dials(self, number: str) -> Caller:
        self.sid = self.world.sandbox.post("/sandbox/calls", {"from": self.number, "to": number})["sid"]
        self.world.settle()
        return self

    def presses(self, keys: str) -> None:
        self.world.sandbox.post(f"/sandbox/calls/{self.sid}/press", {"digits": keys})
        self.world.settle()

    def says(self, words: str) -> None:
        self.world.sandbox.post(f"/sandbox/calls/{self.sid}/say", {"text": words})
        self.world.settle()

    def hangs_up(self) -> None:
        self.world.sandbox.post(f"/sandbox/calls/{self.sid}/hangup", {})
        self.world.settle()

    @property
    def phone(self) -> dict[str, Any]:
        return self.world.sandbox.get(f"/sandbox/calls/{self.sid}")

    @property
    def heard(self) -> str:
        """All that was said to this phone, in order."""
        return " ".join(heard.get("text") or heard.get("url") or "" for heard in self.phone["heard"])

    def hears(self, text: str, *, within: int = 30) -> None:
        """`text` is said to this phone, now or within so many seconds."""
        self.world.until(lambda: text.lower() in self.heard.lower(), within=within)

    @property
    def where(self) -> str:
        return self.phone["where"]

    @property
    def is_connected(self) -> bool:
        return self.phone["status"] == "in-progress"

    @property
    def leg(self) -> Leg:
        return Leg.objects.get(sid=self.sid)


class OperatorInStory:
    """An operator at a desk whose device is registered; commands go through the API, as the page's do."""

    def __init__(self, world: World, operator: Operator) -> None:
        self.world, self.operator = world, operator
        self.user = operator.user
        _key, secret = integrations.make_key(f"story {operator.pk}", operator.user)
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {secret}"

    def asks(self, method: str, path: str, **body: Any) -> requests.Response:
        """A request to our API with this person's rights."""
        return self._session.request(method, f"{self.world.site.url}/api/v1/{path}", json=body or None, timeout=20)

    def commands(self, path: str, **body: Any) -> dict[str, Any]:
        reply = self.asks("POST", path, **body)
        assert reply.ok, f"{path}: {reply.status_code} {reply.text}"
        self.world.settle()
        return reply.json() if reply.content else {}

    def opens_desk(self) -> OperatorInStory:
        """The page is open and its device registered; not available yet."""
        self.device("register")
        return self

    def becomes_available(self) -> OperatorInStory:
        self.opens_desk()
        self.commands("operators/me/presence", status="available")
        return self

    def device(self, action: str, **body: Any) -> dict[str, Any]:
        reply = self.world.sandbox.post(f"/sandbox/devices/{self.operator.identity}/{action}", body)
        self.world.settle()
        return reply

    @property
    def ringing(self) -> bool:
        return any(call["state"] == "ringing" for call in self._device_calls())

    @property
    def talking(self) -> bool:
        return any(call["state"] == "open" for call in self._device_calls())

    def _device_calls(self) -> list[dict[str, Any]]:
        devices = self.world.sandbox.get("/sandbox/devices")
        return [call for device in devices if device["identity"] == self.operator.identity for call in device["calls"]]

    def rings(self, *, within: int = 5) -> None:
        self.world.until(lambda: self.ringing, within=within)

    def answers(self) -> None:
        self.rings()
        self.device("answer")

    def declines(self) -> None:
        self.rings()
        self.device("reject")

    def hangs_up(self) -> None:
        """The button on the desk: ends the customer's line."""
        self.commands(f"calls/{self.world.call.public_id}/hangup")

    def loses_the_tab(self) -> None:
        """The browser dies: the carrier drops the device and the line that it had."""
        if self.talking:
            self.device("hangup")
        self.device("unregister")

    def calls_out(self, number: str) -> Call:
        """Dials from the desk."""
        placed = self.commands("calls", to=number)
        self.device("connect", params={"token": placed["connect_token"]})
        return Call.objects.get(public_id=placed["call"]["id"])

    @property
    def busy_with(self) -> str:
        """The purpose of the open engagement, or nothing."""
        engagement = self.operator.engagements.open().first()
        return engagement.purpose if engagement else ""

    @property
    def presence(self) -> str:
        self.operator.refresh_from_db()
        return self.operator.presence
