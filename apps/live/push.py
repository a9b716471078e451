"""Nudges to the live pages: what may have changed, never what it is now.

One thread of this process publishes them in Valkey, several changes in one message. The caller never waits and never
fails. While Valkey is away the changes are kept, and go out when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterable

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from apps.live.touched import Topic, Touched

CHANNEL = "live"
PAUSE_SECONDS = 0.02
AGAIN_SECONDS = 0.25

logger = logging.getLogger(__name__)


def valkey() -> Redis:
    """A connection of one's own. A server that went away without a word is missed within seconds."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=5)


class Postman:
    """Collects changes and sends them on from a loop of its own, so that its connection lasts."""

    def __init__(self) -> None:
        self._changes = Touched()
        self._lock = threading.Lock()
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._complained = False

    def post(self, client_id: int, topics: Iterable[Topic]) -> None:
        """Tell every web process that `topics` of this client may have changed."""
        with self._lock:
            self._changes.add(client_id, topics)
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
        line = valkey()
        while True:
            await wake.wait()
            wake.clear()
            with self._lock:
                changes, self._changes = self._changes, Touched()
            try:
                await line.publish(CHANNEL, changes.dumps())
                self._complained = False
                # What happens meanwhile goes out together.
                await asyncio.sleep(PAUSE_SECONDS)
            except (RedisError, OSError) as error:
                if not self._complained:
                    logger.warning("Live pages are not nudged: Valkey is out of reach (%s).", type(error).__name__)
                self._complained = True
                with self._lock:
                    self._changes.merge(changes)
                wake.set()
                await asyncio.sleep(AGAIN_SECONDS)


post = Postman().post
