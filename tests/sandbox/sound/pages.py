"""The two who speak to the engine: the carrier, who gives orders, and pages that say and hear tones."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import aiohttp

from apps.sandbox.sound import codec

from .ears import sine

SECRET, PAGE = "the-carriers-word", "http://127.0.0.1:8100"


class Carrier:
    """The one who gives orders."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url
        self.events: list[dict[str, Any]] = []
        self._asked = 0

    async def comes(self) -> Carrier:
        headers = {"Authorization": f"Bearer {SECRET}"}
        self.socket = await self.http.ws_connect(f"{self.url}/carrier", headers=headers)
        return self

    async def orders(self, do: str, **what: Any) -> str:
        """ "" when it was done, else why not."""
        self._asked += 1
        await self.socket.send_json({"id": self._asked, "do": do} | what)
        while True:
            said = await asyncio.wait_for(self.socket.receive_json(), 5)
            if said.get("id") == self._asked:
                return said.get("error", "")
            self.events.append(said)

    async def until(self, **event: Any) -> None:
        while event not in self.events:
            self.events.append(await asyncio.wait_for(self.socket.receive_json(), 5))

    async def told_meanwhile(self) -> list[dict[str, Any]]:
        """What has come by now."""
        told = []
        with contextlib.suppress(TimeoutError):
            while True:
                told.append(await self.socket.receive_json(timeout=0.01))
        return told

    async def leg(self, name: str, room: str = "one", hears: Any = None, says: Any = None, **how: Any) -> str:
        voice = {"room": room, "muted": False, "hold": False, "coach": ""} | how
        return await self.orders("leg", leg=name, voice=voice, hears=hears, says=says)

    async def admits(self, leg: str, token: str, *, origin: str = PAGE, seconds: float = 60) -> str:
        return await self.orders("admit", leg=leg, token=token, origin=origin, seconds=seconds)

    async def page(self, leg: str, *, tone: str = "") -> Page:
        """A page that is in this leg, saying its tone."""
        token = f"token-{leg}-{self._asked}"
        assert await self.admits(leg, token) == ""
        return await Page(self.http, self.url, tone).enters(token)

    async def status(self) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/status") as reply:
            return await reply.json()


class Page:
    """A browser's page: for each frame that it hears it says one, in the engine's own time."""

    def __init__(self, http: aiohttp.ClientSession, url: str, tone: str = "") -> None:
        self.http, self.url = http, url
        self._voice = sine(tone, 1) if tone else b""
        self._at = 0

    async def enters(self, token: str, origin: str = PAGE) -> Page:
        url = f"{self.url}/media?token={token}"
        self.socket = await self.http.ws_connect(url, headers={"Origin": origin} if origin else {})
        return self

    async def talks(self, frames: int = 30) -> bytes:
        """Say so many frames, and return what was heard meanwhile as PCM."""
        heard = b""
        for _ in range(frames):
            heard += codec.decode(await asyncio.wait_for(self.socket.receive_bytes(), 5))
            if self._voice:
                await self.socket.send_bytes(self._voice[self._at : self._at + codec.FRAME])
                self._at = (self._at + codec.FRAME) % len(self._voice)
        return heard

    def freezes(self, *, buffer: int) -> None:
        """Read nothing any more; the system keeps so many bytes for it."""
        self._keeps(buffer)
        self._transport.pause_reading()

    def wakes(self) -> None:
        self._keeps(200_000)
        self._transport.resume_reading()

    def _keeps(self, size: int) -> None:
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    @property
    def _transport(self) -> Any:
        return self.socket._response.connection.transport

    async def is_sent_away(self) -> tuple[int | None, str]:
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 5)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return message.data, message.extra or ""
