"""The line to one page: frames out at once or never, frames in only of one size and not too many."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from . import codec
from .jitter import Jitter

# A binary message of 160 bytes from the server, as websockets write its length.
HEAD = b"\x82\x7e" + codec.FRAME.to_bytes(2, "big")
SEND_BUFFER = 16 * 1024  # of the system: two seconds. A page that does not read is not told the past
FROZEN_SECONDS = 30.0
FLOOD = 150  # frames in a second; a page has 50 to say
SILENCE = HEAD + codec.QUIET_ULAW


@dataclass(frozen=True)
class Admission:
    """A token's worth: one page of this origin may be this leg's ear and mouth, until then."""

    leg: str
    origin: str
    until: float


class Line:
    def __init__(self, leg: str, inbox: Jitter, socket_: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self.leg, self._inbox, self._socket, self._transport = leg, inbox, socket_, transport
        self._loop = asyncio.get_running_loop()
        self._frozen_since: float | None = None
        self._closing: asyncio.Task[bool] | None = None
        self._second, self._frames = 0.0, 0
        if (raw := transport.get_extra_info("socket")) is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def send(self, heard: bytes) -> None:
        """20 ms to the page. Written past the websocket's own queue: a frame waits for nobody and is never split."""
        if self._closing is not None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size():
            self._wait_for_page()
            return
        self._frozen_since = None
        self._transport.write(SILENCE if heard is codec.QUIET else HEAD + codec.encode(heard))

    async def receive(self) -> None:
        """Take the page's frames until it leaves or misbehaves."""
        async for message in self._socket:
            if message.type is not WSMsgType.BINARY or len(message.data) != codec.FRAME:
                self.close(4400, f"A frame is {codec.FRAME} bytes of mu-law.")
            elif self._floods():
                self.close(4429, f"More than {FLOOD} frames in a second.")
            elif self._closing is None:
                self._inbox.put(message.data)
        if self._closing is not None:
            await self._closing

    def close(self, code: int, why: str) -> None:
        """Say goodbye; what comes in after it is not heard."""
        if self._closing is None:
            self._closing = self._loop.create_task(self._socket.close(code=code, message=why.encode(), drain=False))

    def _floods(self) -> bool:
        now = self._loop.time()
        if now - self._second > 1:
            self._second, self._frames = now, 0
        self._frames += 1
        return self._frames > FLOOD

    def _wait_for_page(self) -> None:
        now = self._loop.time()
        self._frozen_since = self._frozen_since or now
        if now - self._frozen_since > FROZEN_SECONDS:
            self._transport.abort()
