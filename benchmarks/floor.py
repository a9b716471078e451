"""The people of a measurement: callers with scripts, operators at desks whose devices answer, one at the board.

Devices and pages are real sockets, as browsers open them. What happens is read from the sandbox's ledger while it is
written; a conversation ends when the caller hangs up, so many seconds after both came into the room.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
from django.conf import settings
from django.test import Client as Browser

from apps.carrier.client import get_port
from apps.core.models import User
from apps.live.diff import Picture, apply
from apps.live.pictures import read
from apps.operators.models import Operator
from benchmarks.books import Books, Line
from callcenter.demo import MAIN

LOOK_EVERY_S = 0.01
_callers = itertools.count()


class Floor:
    """Made outside of the loop (sessions are written); `async with floor:` opens all sockets.

    `books` is what the ledger said so far, `board` what the board's frames add up to.
    """

    def __init__(self, ledger: Path, staff: list[Operator], *, talk_seconds: float) -> None:
        self.books = Books()
        self.board: Picture = {}
        self.talk_seconds = talk_seconds
        self._ledger = ledger
        self._tasks: list[asyncio.Task[None]] = []
        self._ending: set[str] = set()
        self._registered = 0
        self._seats = [(get_port().device_token(each.identity, 7200), _cookie(each.user)) for each in staff]
        self._boss = _cookie(User.objects.get(username="admin"))

    async def __aenter__(self) -> Floor:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._start(self._read_ledger())
        self._start(self._watch_board(self._boss))
        for token, cookie in self._seats:
            self._start(self._sit_at_desk(cookie))
            self._start(self._mind_device(token))
        try:
            await self._until(lambda: self._registered == len(self._seats) and bool(self.board), "the desks are shut")
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    # Callers

    async def dial(self) -> None:
        """Somebody calls the main number and presses 1 as soon as the menu speaks."""
        script = [{"expect": "Thank you for calling"}, {"press": "1"}]
        number = f"+1646{next(_callers) % 10_000_000:07d}"
        await self._control("/sandbox/calls", {"from": number, "to": MAIN, "script": script})

    @property
    def open_calls(self) -> int:
        return sum(1 for line in self.books.callers if line.ended is None)

    async def keep_dialling(self, *, at_once: int, seconds: float) -> None:
        """A new caller whenever fewer than `at_once` are on the line, for so many seconds."""
        until = time.monotonic() + seconds
        dialled = len(self.books.callers)
        while time.monotonic() < until:
            ended = sum(1 for line in self.books.callers if line.ended is not None)
            missing = at_once - (dialled - ended)
            await asyncio.gather(*(self.dial() for _ in range(missing)))
            dialled += max(0, missing)
            await asyncio.sleep(LOOK_EVERY_S)

    async def dial_evenly(self, *, calls: int, per_second: float) -> None:
        """So many callers, evenly spread, whatever becomes of those before."""
        began = time.monotonic()
        for number in range(calls):
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            self._start(self.dial())

    async def drain(self, *, within: float) -> bool:
        """Wait until nobody is on the line any more; False after so many seconds."""
        until = time.monotonic() + within
        while self.open_calls and time.monotonic() < until:
            await asyncio.sleep(0.1)
        return not self.open_calls

    # What runs beside

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _until(self, ready: Any, problem: str, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not ready():
            for task in self._tasks:
                if task.done() and task.exception():
                    raise RuntimeError(f"Not started: {problem}.") from task.exception()
            if time.monotonic() > until:
                raise RuntimeError(f"Not started within {seconds:g} s: {problem}.")
            await asyncio.sleep(0.05)

    async def _control(self, path: str, body: dict[str, Any]) -> None:
        async with self._http.post(settings.CARRIER_BASE_URL + path, json=body) as reply:
            # 404, 400: the line ended by itself meanwhile.
            await reply.read()

    async def _read_ledger(self) -> None:
        with self._ledger.open(encoding="utf-8") as file:
            rest = ""
            while True:
                rest += file.read()
                *lines, rest = rest.split("\n")
                for line in lines:
                    self._heed(json.loads(line))
                await asyncio.sleep(LOOK_EVERY_S)

    def _heed(self, fact: dict[str, Any]) -> None:
        line = self.books.take(fact)
        if line is None or fact["kind"] != "conference.joined":
            return
        inside = [each for each in self.books.lines.values() if each.ended is None and fact["name"] in each.joined]
        caller = next((each for each in inside if each.incoming), None)
        if caller and len(inside) > 1 and caller.sid not in self._ending:
            self._ending.add(caller.sid)
            self._start(self._hang_up(caller))

    async def _hang_up(self, caller: Line) -> None:
        await asyncio.sleep(self.talk_seconds)
        await self._control(f"/sandbox/calls/{caller.sid}/hangup", {})

    async def _mind_device(self, token: str) -> None:
        """The operator's telephone: registered with a real token, it answers at once."""
        async with self._http.ws_connect(settings.CARRIER_BASE_URL + "/sandbox/device") as socket:
            await socket.send_json({"type": "register", "token": token})
            async for message in socket:
                said = json.loads(message.data)
                if said["type"] == "registered":
                    self._registered += 1
                elif said["type"] == "incoming":
                    await socket.send_json({"type": "accept", "callSid": said["callSid"]})

    async def _sit_at_desk(self, cookie: str) -> None:
        async with self._page("/ws/desk/", cookie) as socket:
            async for message in socket:
                if read(message.data)["type"] == "beat":
                    await socket.send_json({"type": "ping"})

    async def _watch_board(self, cookie: str) -> None:
        async with self._page("/ws/board/", cookie) as socket:
            async for message in socket:
                frame = read(message.data)
                tables = {name: value for name, value in frame.items() if name in ("queues", "operators", "calls")}
                if frame["type"] == "snapshot":
                    self.board = tables
                elif frame["type"] == "delta":
                    self.board = apply(self.board, tables)

    def _page(self, path: str, cookie: str) -> Any:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "Origin": settings.PUBLIC_BASE_URL}
        return self._http.ws_connect(settings.PUBLIC_BASE_URL + path, headers=headers)


def _cookie(user: User) -> str:
    """A session of this user, as signing in makes it."""
    browser = Browser()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


async def sample_memory(house: Any, peak: dict[str, dict[str, float]]) -> None:
    """Keep the highest memory of each part in `peak` until cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            for name, memory in (await asyncio.to_thread(house.memory)).items():
                known = peak.setdefault(name, memory)
                peak[name] = {key: max(known[key], memory[key]) for key in memory}
            await asyncio.sleep(2)
