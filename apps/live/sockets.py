from __future__ import annotations

import asyncio
from collections.abc import Callable

BACKLOG = 32
Frame = str | bytes  # text, or packed text


class Socket:
    """One browser's line: frames wait here, so that a browser that does not read delays nobody but itself."""

    def __init__(self) -> None:
        self.outbox: asyncio.Queue[Frame] = asyncio.Queue(BACKLOG)

    def push(self, frame: Frame, *, whole: Callable[[], Frame]) -> None:
        """Add a frame. When too many wait, they are thrown away for the `whole` picture of this moment."""
        if self.outbox.full():
            while not self.outbox.empty():
                self.outbox.get_nowait()
            frame = whole()
        self.outbox.put_nowait(frame)
