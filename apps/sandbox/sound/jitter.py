"""Frames that come unevenly over a socket, given out one a tick."""

from __future__ import annotations

from collections import deque

DEEPEST = 6  # frames kept; what is older is dropped, so that nobody hears the past after a stall
LOW_WATER = 3  # a queue that never falls below this for a second is a frame too deep
WATCHED = 50  # ticks


class Jitter:
    """Begins with the first frame; after it ran dry it waits for two, so a line that needs a reserve gets one.

    A queue that stays deep (the sender's clock is faster than ours) loses a frame a second.
    """

    def __init__(self) -> None:
        self.underruns = self.dropped = 0
        self._frames: deque[bytes] = deque()
        self._flows, self._needed = False, 1
        self._least, self._ticks = DEEPEST, 0

    def put(self, frame: bytes) -> None:
        if len(self._frames) >= DEEPEST:
            self._frames.popleft()
            self.dropped += 1
        self._frames.append(frame)

    def take(self) -> bytes | None:
        """The next frame; None is silence."""
        if self._flows and not self._frames:
            self.underruns += 1
            self._flows, self._needed = False, 2
        if not self._flows and len(self._frames) < self._needed:
            return None
        self._flows = True
        self._trim()
        return self._frames.popleft()

    def _trim(self) -> None:
        self._least = min(self._least, len(self._frames))
        self._ticks += 1
        if self._ticks >= WATCHED:
            if self._least >= LOW_WATER:
                self._frames.popleft()
                self.dropped += 1
            self._least, self._ticks = DEEPEST, 0
