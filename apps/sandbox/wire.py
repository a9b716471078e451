"""The carrier's line to the sound engine: tells it what changed, all of it anew after it was away."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable
from typing import Any

import aiohttp

from .media import Silent

AGAIN_SECONDS = 0.5
PATIENCE_SECONDS = 3.0
LOOK_SECONDS = 0.5  # a change that nobody told of is seen after so long
GATHER_SECONDS = 0.004  # changes of one moment go together

log = logging.getLogger("sandbox")

Told = dict[str, Any]


class Wire:
    """Compares `picture()` with what the engine was told, and tells it the difference.

    A picture is {"legs": {sid: order}, "recordings": {sid: order}}; the value `at` of orders and clips, where they
    stand by now, is no difference. `on_event` gets what the engine reports.
    """

    def __init__(self, url: str, secret: str, picture: Callable[[], Told], on_event: Callable[[Told], None]) -> None:
        self._url, self._secret = url, secret
        self._picture, self._on_event = picture, on_event
        self.refused: dict[str, str] = {}  # legs without sound, and why
        self._told: Told = {"legs": {}, "recordings": {}}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = itertools.count(1)
        self._asked: dict[int, tuple[str, asyncio.Future[None] | None]] = {}  # the leg, and who waits
        self._changed = asyncio.Event()
        self._telling = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self._socket is not None and not self._socket.closed

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def touch(self) -> None:
        self._changed.set()

    async def admit(self, leg: str, token: str, origin: str, seconds: float) -> None:
        """Let a page in. Raises Silent."""
        if not self.is_open:
            raise Silent("The sound engine does not answer. It is being started again; the call goes on as text.")
        done = asyncio.get_running_loop().create_future()
        order = {"do": "admit", "leg": leg, "token": token, "origin": origin, "seconds": seconds}
        try:
            await self._tell_changes()
            await self._send(order, waiting=done)
            await asyncio.wait_for(done, PATIENCE_SECONDS)
        except Silent as refusal:
            raise Silent(f"{self.refused.get(leg, refusal)} The call goes on as text.") from refusal
        except (TimeoutError, ConnectionError) as error:
            raise Silent("The sound engine does not answer. The call goes on as text.") from error

    async def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self._secret}"}
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.ws_connect(f"{self._url}/carrier", headers=headers, heartbeat=15) as socket:
                        await self._serve(socket)
                except (aiohttp.ClientError, ConnectionError, TimeoutError, OSError) as problem:
                    log.info("no sound engine: %s", problem)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._told, self.refused = {"legs": {}, "recordings": {}}, {}
        self._socket = socket
        telling = asyncio.get_running_loop().create_task(self._keep_telling())
        try:
            async for message in socket:
                self._hear(message.json())
        finally:
            telling.cancel()
            self._socket = None
            for _, waiting in self._asked.values():
                if waiting is not None and not waiting.done():
                    waiting.set_exception(Silent("The sound engine ended. It is being started again."))
            self._asked.clear()

    def _hear(self, said: Told) -> None:
        if "event" in said:
            self._on_event(said)
            return
        leg, waiting = self._asked.pop(said.get("id"), ("", None))
        if waiting is not None and not waiting.done():
            if said["ok"]:
                waiting.set_result(None)
            else:
                waiting.set_exception(Silent(said["error"]))
        elif not said["ok"]:
            log.warning("the sound engine refused: %s", said["error"])
            if leg:
                self.refused[leg] = said["error"]

    async def _keep_telling(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
            self._changed.clear()
            with contextlib.suppress(ConnectionError):  # the reader notices the end of the socket
                await self._tell_changes()

    async def _tell_changes(self) -> None:
        async with self._telling:  # what is older goes first
            await self._tell(self._picture())

    async def _tell(self, wanted: Told) -> None:
        told, self._told = self._told, wanted
        for sid in told["recordings"].keys() - wanted["recordings"].keys():
            await self._send({"do": "recorded", "recording": sid})
        gone = told["legs"].keys() - wanted["legs"].keys()
        for sid in gone:
            await self._send({"do": "gone", "leg": sid})
        if gone:  # lines are free: those who got none may try again
            told["legs"] = {leg: order for leg, order in told["legs"].items() if leg not in self.refused}
            self.refused.clear()
        for sid, order in wanted["legs"].items():
            if sid not in self.refused and _still(told["legs"].get(sid)) != _still(order):
                await self._send({"do": "leg", "leg": sid} | order, sid)
        for sid, order in wanted["recordings"].items():
            if _still(told["recordings"].get(sid)) != _still(order):
                await self._send({"do": "record", "recording": sid} | order)

    async def _send(self, order: Told, leg: str = "", waiting: asyncio.Future[None] | None = None) -> None:
        if self._socket is None:
            raise ConnectionError
        number = next(self._ids)
        self._asked[number] = (leg, waiting)
        await self._socket.send_json({"id": number} | order)


def _still(order: Told | None) -> Told | None:
    """An order without where things stand by now."""
    if order is None:
        return None
    return {name: _still(value) if isinstance(value, dict) else value for name, value in order.items() if name != "at"}
