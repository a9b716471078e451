"""Queues of waiting callers, as <Enqueue> and the REST API see them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ..clock import Mailbox, resolve
from ..names import new_sid

if TYPE_CHECKING:
    from .calls import Call
    from .network import Network


class Entry:
    """A caller's place in a queue; also the place that holds the call. `box` tells the Enqueue verb what comes next."""

    def __init__(self, queue: Queue, call: Call) -> None:
        self.queue, self.call = queue, call
        self.since = queue.network.clock.now()
        self.waited: int | None = None
        self.box = Mailbox(queue.network.clock)
        self.bridged = False
        self.action: tuple[str, str] | None = None  # address and method of the Enqueue action
        self.dialler_gone: asyncio.Future[None] | None = None

    @property
    def where(self) -> str:
        return "dial" if self.bridged else "queue"

    @property
    def position(self) -> int:
        return self.queue.entries.index(self) + 1 if self in self.queue.entries else 0

    @property
    def seconds(self) -> int:
        return self.waited if self.waited is not None else int(self.queue.network.clock.now() - self.since)

    def params(self) -> dict[str, str]:
        """What a request for the wait document says of the place."""
        queue = self.queue
        return {
            "QueuePosition": str(self.position),
            "QueueSid": queue.sid,
            "QueueTime": str(self.seconds),
            "AvgQueueTime": str(queue.average_wait),
            "CurrentQueueSize": str(len(queue.entries)),
            "MaxQueueSize": str(queue.max_size),
        }

    def result(self, word: str) -> dict[str, str]:
        """What the Enqueue action is told."""
        return {"QueueResult": word, "QueueSid": self.queue.sid, "QueueTime": str(self.seconds)}

    def leave(self, reason: str) -> None:
        was_bridged = self.bridged
        self.queue.remove(self, reason)
        self.box.put("gone")
        if was_bridged:
            word = "redirected-from-bridged" if reason == "redirect" else "bridged"
        else:
            word = "redirected" if reason == "redirect" else "hangup"
        self.unbridge()
        if self.action is not None:
            url, method = self.action
            params = self.call.network.voice_params(self.call) | self.result(word)
            self.call.network.webhooks.tell(url, method, params, kind="enqueue.action", sid=self.call.sid)

    def unbridge(self) -> None:
        """Part from whoever dialled the queue, and let them know."""
        self.bridged = False
        partner, self.call.partner = self.call.partner, None
        if partner is not None and partner.partner is self.call:
            partner.partner = None
        if self.dialler_gone is not None:
            resolve(self.dialler_gone)

    def key(self, digit: str) -> bool:
        return False

    def speech(self, text: str) -> bool:
        return False


class Queue:
    def __init__(self, network: Network, friendly_name: str, max_size: int) -> None:
        self.network = network
        self.sid = new_sid("QU")
        self.friendly_name, self.max_size = friendly_name, max_size
        self.created = self.updated = network.clock.now()
        self.entries: list[Entry] = []
        self.diallers: list[asyncio.Future[None]] = []
        self._waits: list[int] = []

    @property
    def average_wait(self) -> int:
        return round(sum(self._waits) / len(self._waits)) if self._waits else 0

    @property
    def full(self) -> bool:
        return len(self.entries) >= self.max_size

    def put(self, call: Call) -> Entry:
        entry = Entry(self, call)
        self.entries.append(entry)
        call.note("queue.entered", queue=self.sid, name=self.friendly_name, position=len(self.entries))
        for dialler in self.diallers:
            resolve(dialler)  # each looks again; the first takes the caller
        return entry

    def remove(self, entry: Entry, reason: str) -> None:
        """Take a caller out; nothing happens when the caller is out already."""
        if entry not in self.entries:
            return
        entry.waited = entry.seconds
        self.entries.remove(entry)
        self._waits = [*self._waits[-99:], entry.waited]
        entry.call.note("queue.left", queue=self.sid, name=self.friendly_name, reason=reason, waited=entry.waited)

    async def head(self, timeout: float) -> Entry | None:
        """The first in the queue, waiting so many seconds for somebody to come."""
        clock = self.network.clock
        until = clock.now() + timeout
        while not self.entries and clock.now() < until:
            came: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.diallers.append(came)
            timer = clock.later(until - clock.now(), partial(resolve, came))
            try:
                await came
            finally:
                timer.cancel()
                if came in self.diallers:
                    self.diallers.remove(came)
        return self.entries[0] if self.entries else None


class Queues:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Queue] = {}

    def by_name(self, name: str) -> Queue | None:
        return next((row for row in self.rows.values() if row.friendly_name == name), None)

    def open(self, name: str, max_size: int | None = None) -> Queue:
        """The queue of this name, made when there is none."""
        queue = self.by_name(name)
        if queue is None:
            queue = Queue(self.network, name, max_size or self.network.settings.queue_size)
            self.rows[queue.sid] = queue
        return queue

    def clear(self) -> None:
        self.rows.clear()
