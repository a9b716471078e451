"""Browsers that watch a board, hundreds of them in one process: as little work as possible for each frame.

They speak the websocket protocol themselves, because a library's work for each message would be counted as delay. For
the same reason they only note when something arrived, and read it once all are quiet: five hundred real browsers do not
wait for each other's reading.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import struct
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from apps.live.pictures import read

QUIET_S = 0.05  # without anything new, until what arrived is read


@dataclass
class Read:
    """A frame as it came once, read for all: `born` are the moments of the changes that it tells."""

    body: bytes
    frame: dict[str, Any]
    born: list[float] = field(default_factory=list)


class Frames:
    """Each frame is the same for all boards, so it is read once. What arrived waits here until all are quiet."""

    def __init__(self) -> None:
        self._known: dict[bytes, Read] = {}
        self._loop = asyncio.get_running_loop()
        self._arrived: list[tuple[Viewer, bytes, float]] = []
        self._last = 0.0

    def note(self, viewer: Viewer, data: bytes, at: float) -> None:
        """Have `viewer` read later what arrived now."""
        self._last = self._loop.time()
        if not self._arrived:
            self._loop.call_later(QUIET_S, self._read)
        self._arrived.append((viewer, data, at))

    def _read(self) -> None:
        left = self._last + QUIET_S - self._loop.time()
        if left > 0:
            self._loop.call_later(left, self._read)
            return
        arrived, self._arrived = self._arrived, []
        for viewer, data, at in arrived:
            viewer.read(data, at)

    def take(self, body: bytes, *, is_text: bool) -> Read:
        if body not in self._known:
            frame = read(body.decode() if is_text else body)
            put = frame.get("operators", {}).get("put", []) if frame.get("type") == "delta" else []
            put = [row for row in put if row["status"] in ("on_break", "held")]  # others show an older moment
            self._known[body] = Read(body, frame, [datetime.fromisoformat(row["since"]).timestamp() for row in put])
        return self._known[body]


class Viewer(asyncio.Protocol):
    """One browser. `stalled` never reads until `wake` is called."""

    def __init__(self, frames: Frames, host: str, cookie: str, path: str, *, stalled: bool = False) -> None:
        self._frames, self._host, self._cookie, self._path, self._stalled = frames, host, cookie, path, stalled
        self._buffer = bytearray()
        self._is_open = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.version = 0
        self.gaps = 0
        self.spared = 0  # versions that a later whole picture stood for
        self.bytes = 0
        self.tables: dict[str, dict[str, Any]] = {}
        self.heard: list[tuple[float, Read]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (for the type checker)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self._path} HTTP/1.1", f"Host: {self._host}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Origin: http://{self._host}",
            "Sec-WebSocket-Extensions: permessage-deflate", f"Cookie: {self._cookie}", "", "",
        ]  # fmt: skip
        transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        at = time.time()
        self.bytes += len(data)
        if self.ready.done():
            self._frames.note(self, data, at)
        else:
            self.read(data, at)

    def read(self, data: bytes, at: float) -> None:
        """Take in what arrived at that moment."""
        self._buffer += data
        if not self._is_open:
            head, found, _rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.partition(b"\r\n")[0] + b" ":
                self._fail(head.partition(b"\r\n")[0].decode())
                return
            del self._buffer[: len(head) + 4]
            self._is_open = True
        while (message := self._next()) is not None:
            self._take(*message, at)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the server closed the line ({error})")

    def wake(self) -> None:
        """Read what waited, and go on."""
        self._transport.resume_reading()

    def close(self) -> None:
        self._transport.close()

    def state(self) -> str:
        """A hash of what this board shows."""
        return digest({name: list(rows.values()) for name, rows in self.tables.items()})

    def send(self, body: bytes) -> None:
        """A frame to the server, masked as browsers must."""
        self._transport.write(b"\x82\xff" + struct.pack(">Q", len(body)) + b"\0\0\0\0" + body)

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        kind, body = buffer[0] & 0x0F, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return kind, body

    def _take(self, kind: int, body: bytes, at: float) -> None:
        if kind == 8:
            self._fail(f"closed with {int.from_bytes(body[:2], 'big')}")
        elif kind == 9:
            self._transport.write(bytes([0x8A, 0x80 | len(body)]) + b"\0\0\0\0" + body)
        elif kind in (1, 2):
            said = self._frames.take(body, is_text=kind == 1)
            self.heard.append((at, said))
            self._show(said.frame)

    def _show(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "snapshot":
            tables = {name: rows for name, rows in frame.items() if isinstance(rows, list)}
            self.tables = {name: {row["id"]: row for row in rows} for name, rows in tables.items()}
            self.spared += max(0, frame["version"] - self.version - 1) if self.version else 0
            self.version = frame["version"]
        elif frame["type"] == "delta":
            self.gaps += self.version + 1 != frame["version"]
            self.version = frame["version"]
            for name, change in frame.items():
                if isinstance(change, dict):
                    table = self.tables.setdefault(name, {})
                    table.update((row["id"], row) for row in change["put"])
                    for row_id in change["drop"]:
                        table.pop(row_id, None)
        if not self.ready.done():
            self.ready.set_result(None)
            if self._stalled:
                self._transport.pause_reading()

    def _fail(self, words: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(words))


def digest(tables: dict[str, list[dict[str, Any]]]) -> str:
    """The same for boards that show the same, whatever the order in which their rows came."""
    rows = {name: sorted(tables[name], key=lambda row: row["id"]) for name in sorted(tables)}
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


async def open_viewers(url: str, path: str, cookies: list[str], *, stalled: int = 0) -> list[Viewer]:
    """One board for each cookie, all shown their first picture; the last `stalled` of them stop reading then."""
    loop, frames, viewers = asyncio.get_running_loop(), Frames(), []
    parts = urlsplit(url)
    for number, cookie in enumerate(cookies):
        asleep = number >= len(cookies) - stalled
        viewer = Viewer(frames, parts.netloc, cookie, path, stalled=asleep)
        await loop.create_connection(lambda viewer=viewer: viewer, parts.hostname, parts.port)  # type: ignore[misc]
        viewers.append(viewer)
        if number % 20 == 19:
            await asyncio.wait_for(viewer.ready, 30)
    await asyncio.wait_for(asyncio.gather(*(viewer.ready for viewer in viewers)), 60)
    return viewers
