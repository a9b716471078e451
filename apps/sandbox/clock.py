"""The carrier's time: one heap of timers, moved by the wall clock or by hand.

In manual mode nothing happens by itself: `advance` fires what is due in order and returns only when the network is
quiet, that is when every webhook sent because of it was answered and nobody has anything left to do at this instant.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Any

REAL, MANUAL = "real", "manual"


class Timer:
    """Something that will happen; `cancel` makes it not happen."""

    __slots__ = ("action", "due")

    def __init__(self, due: float, action: Callable[[], Any]) -> None:
        self.due = due
        self.action: Callable[[], Any] | None = action

    def cancel(self) -> None:
        self.action = None

    def fire(self) -> None:
        action, self.action = self.action, None
        if action is not None:
            action()


class Clock:
    """Seconds since the epoch, timers, and the knowledge of whether anything is still under way."""

    def __init__(self, mode: str = REAL) -> None:
        self.mode = mode
        self.in_flight = 0
        self._offset = 0.0
        self._manual_now = float(int(time.time()))
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._advancing = asyncio.Lock()

    def now(self) -> float:
        return self._manual_now if self.mode == MANUAL else time.time() + self._offset

    @property
    def pending(self) -> int:
        """How many timers are still to come."""
        return sum(1 for _, _, timer in self._heap if timer.action is not None)

    def set_mode(self, mode: str, now: float | None = None) -> None:
        """Switch between real and manual; time goes on from where it stands unless `now` says otherwise."""
        standing = self.now() if now is None else now
        self.mode = mode
        self._manual_now = standing
        self._offset = standing - time.time() if mode == REAL else 0.0
        if mode == REAL and abs(self._offset) < 1.0:
            self._offset = 0.0
        self._arm()

    def later(self, seconds: float, action: Callable[[], Any]) -> Timer:
        """Call `action` after so many seconds of carrier time."""
        timer = Timer(self.now() + max(0.0, seconds), action)
        heapq.heappush(self._heap, (timer.due, next(self._order), timer))
        self._arm()
        return timer

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        over = asyncio.get_running_loop().create_future()
        timer = self.later(seconds, lambda: resolve(over))
        try:
            await over
        finally:
            timer.cancel()

    def clear(self) -> None:
        """Forget every timer."""
        self._heap.clear()
        self._arm()

    def wait_for(self, task: asyncio.Task[Any]) -> None:
        """The task is on its way through the real world (a webhook): manual time stands still until it is done."""
        self.in_flight += 1
        self._idle.clear()
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[Any]) -> None:
        self.in_flight -= 1
        if not self.in_flight:
            self._idle.set()

    async def advance(self, seconds: float) -> None:
        """Move manual time; returns when quiet. In real mode it only waits until nothing is in flight."""
        async with self._advancing:
            await self.settle()
            if self.mode != MANUAL:
                return
            target = self._manual_now + max(0.0, seconds)
            while self._heap and self._heap[0][0] <= target:
                due, _, timer = heapq.heappop(self._heap)
                if timer.action is None:
                    continue
                self._manual_now = max(self._manual_now, due)
                timer.fire()
                await self.settle()
            self._manual_now = target

    async def settle(self) -> None:
        """Wait until no webhook is in flight and no task could run right now."""
        loop = asyncio.get_running_loop()
        ready = getattr(loop, "_ready", None)  # a loop without it is given a generous number of turns instead
        turns = 0
        while True:
            await asyncio.sleep(0)
            if self.in_flight:
                await self._idle.wait()
                turns = 0
                continue
            turns += 1
            if (ready is not None and not ready) or (ready is None and turns > 50):
                return

    def _arm(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if self.mode == MANUAL or not self._heap:
            return
        delay = max(0.0, self._heap[0][0] - self.now())
        self._wake = asyncio.get_running_loop().call_later(delay, self._fire_due)

    def _fire_due(self) -> None:
        self._wake = None
        now = self.now() + 0.001
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2].fire()
        self._arm()


def resolve(future: asyncio.Future[None]) -> None:
    """Let whoever waits for it go on, unless they do already."""
    if not future.done():
        future.set_result(None)


class Mailbox:
    """Where a waiting verb receives keys, speech and news; one reader."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None

    def put(self, item: Any) -> None:
        self._items.append(item)
        self._nudge()

    async def get(self, timeout: float | None = None) -> Any:
        """The next item, or None after `timeout` seconds of carrier time."""
        if self._items:
            return self._items.pop(0)
        self._waiter = asyncio.get_running_loop().create_future()
        timer = None if timeout is None else self._clock.later(timeout, self._nudge)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()
        return self._items.pop(0) if self._items else None

    def _nudge(self) -> None:
        if self._waiter is not None:
            resolve(self._waiter)
