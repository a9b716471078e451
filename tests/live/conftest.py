import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.db import connections
from django.test import Client as Browser

from apps.live.hub import get_hub
from apps.live.pictures import read
from callcenter.asgi import application


class Loop:
    """An event loop in a thread of its own, as a web process has one, so that tests stay plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def stop(self) -> None:
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        await get_hub().stop()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The sockets' thread has a database connection of its own.
        await database_sync_to_async(connections.close_all)()


class Line:
    """A browser's socket to a live page, signed in as a user."""

    def __init__(self, loop: Loop, path: str, user: Any = None) -> None:
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
        if user is not None:
            browser = Browser()
            browser.force_login(user)
            headers.append((b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode()))
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        # Not channels.testing: it imports daphne, which we do not have.
        self._socket = ApplicationCommunicator(application, scope)
        self._loop = loop
        self.frames: list[dict[str, Any]] = []
        self._send({"type": "websocket.connect"})
        assert self._receive()["type"] == "websocket.accept"

    def next(self, kind: str, *, where: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """The next frame of this kind for which `where` holds; all that come are kept in `frames`."""
        deadline = monotonic() + 6
        while monotonic() < deadline:
            frame = self.any()
            if frame["type"] == kind and where(frame):
                return frame
        raise AssertionError(f"No such {kind} frame came, but {[frame['type'] for frame in self.frames]}.")

    def any(self) -> dict[str, Any]:
        """The next frame, whatever it is."""
        event = self._receive()
        self.frames.append(read(event.get("text") or event["bytes"]))
        return self.frames[-1]

    def holds_back_after(self, frames: int) -> None:
        """The line is full with so many frames that the browser did not read: the server must wait then."""
        self._socket.output_queue._maxsize = frames

    def says(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self._send({"type": "websocket.receive", "text": text})

    def is_closed(self) -> int:
        """The code with which the server closes; frames before it are passed over."""
        while True:
            event = self._receive()
            if event["type"] == "websocket.close":
                return event["code"]

    def leave(self) -> None:
        self._send({"type": "websocket.disconnect", "code": 1000})
        self._loop.run(self._socket.wait(timeout=5))

    def _send(self, event: dict[str, Any]) -> None:
        self._loop.run(self._socket.send_input(event))

    def _receive(self) -> dict[str, Any]:
        return self._loop.run(self._socket.receive_output(timeout=5))


@pytest.fixture
def loop(transactional_db):
    loop = Loop()
    yield loop
    loop.stop()


@pytest.fixture
def line(loop):
    """Opens lines; all are closed at the end."""
    lines: list[Line] = []

    def _open(path: str, user: Any = None) -> Line:
        lines.append(Line(loop, path, user))
        return lines[-1]

    yield _open
    for each in lines:
        each.leave()
