from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any

BACKLOG = 32
Frame = str | bytes  # text, or packed text
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]  # of the server; waits while it has no room


class Socket:
    """One browser's line. A frame goes to the server at once, without a task or a turn of the event loop.

    Frames wait here only while the server has no room because the browser does not read: it delays nobody but itself.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._backlog: deque[Frame] = deque()
        self._waiting: asyncio.Task[None] | None = None

    def push(self, frame: Frame, *, whole: Callable[[], Frame]) -> None:
        """Send a frame. When too many wait, they are thrown away for the `whole` picture of this moment."""
        if self._waiting is None:
            self._begin(frame)
        elif len(self._backlog) < BACKLOG:
            self._backlog.append(frame)
        else:
            self._backlog.clear()
            self._backlog.append(whole())

    def close(self) -> None:
        """Forget what waits."""
        if self._waiting is not None:
            self._waiting.cancel()

    def _begin(self, frame: Frame) -> None:
        sending = self._sending(frame)
        try:
            wanted = sending.send(None)
        except StopIteration:
            return  # the server took it, as nearly always
        except GONE:
            return  # the consumer is told of it by the server
        self._waiting = asyncio.create_task(self._go_on(sending, wanted))

    async def _go_on(self, sending: Coroutine[Any, Any, None], wanted: Any) -> None:
        try:
            await _rest(sending, wanted)
            while self._backlog:
                await self._sending(self._backlog.popleft())
        except GONE:
            self._backlog.clear()
        finally:
            self._waiting = None

    def _sending(self, frame: Frame) -> Coroutine[Any, Any, None]:
        return self._send({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})


# What an ASGI server raises for a line that the browser has left, and uvicorn for one that it is closing itself.
GONE = (OSError, RuntimeError)


@coroutine
def _rest(begun: Coroutine[Any, Any, None], wanted: Any) -> Generator[Any, Any, None]:
    """Await a coroutine whose first step has been taken; `wanted` is what it waits for."""
    try:
        yield wanted
        yield from begun
    finally:
        begun.close()
