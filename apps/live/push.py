"""Nudges to the live pages: what may have changed, never what it is now.

One thread of this process hands them to the channel layer, several changes in one message. The caller never waits and
never fails: without Valkey a nudge is lost, and the pages' heartbeat finds the change a few seconds later.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterable

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

GROUP = "live"
PAUSE_SECONDS = 0.04

logger = logging.getLogger(__name__)


class Postman:
    """Collects changes and sends them on from a loop of its own, so that its connection lasts."""

    def __init__(self) -> None:
        self._changes: dict[int, set[str]] = {}
        self._lock = threading.Lock()
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._complained = False

    def post(self, client_id: int, topics: Iterable[str]) -> None:
        """Tell every web process that `topics` of this client may have changed."""
        with self._lock:
            self._changes.setdefault(client_id, set()).update(topics)
            # A forked worker inherits this object, but not its thread.
            if self._process != os.getpid():
                self._process = os.getpid()
                self._loop = asyncio.new_event_loop()
                self._wake = asyncio.Event()
                threading.Thread(target=self._run, args=(self._loop, self._wake), daemon=True, name="live-push").start()
            loop, wake = self._loop, self._wake
        if loop is not None and wake is not None:
            loop.call_soon_threadsafe(wake.set)

    def _run(self, loop: asyncio.AbstractEventLoop, wake: asyncio.Event) -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._deliver(wake))

    async def _deliver(self, wake: asyncio.Event) -> None:
        layer = get_channel_layer()
        while True:
            await wake.wait()
            wake.clear()
            with self._lock:
                changes, self._changes = self._changes, {}
            message = {
                "type": "live.nudge",
                "changes": [[client, sorted(topics)] for client, topics in changes.items()],
            }
            try:
                await layer.group_send(GROUP, message)
                self._complained = False
            except (RedisError, OSError) as error:
                if not self._complained:
                    logger.warning("Live pages are not nudged: Valkey is out of reach (%s).", type(error).__name__)
                self._complained = True
            # What happens meanwhile goes out together.
            await asyncio.sleep(PAUSE_SECONDS)


post = Postman().post
