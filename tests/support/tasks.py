"""Celery's work, done in the test's process: the real broker, no worker, no beat, nothing eager."""

from __future__ import annotations

from queue import Empty

import redis
from celery import current_app
from django.conf import settings
from kombu import Connection

from apps.core import clock
from callcenter.celery import timetable

_broker = redis.Redis.from_url(settings.REDIS_URL)


def drain() -> int:
    """Run every task that waits in the broker, and those they send; how many ran."""
    done = 0
    if not _broker.llen("celery"):  # far cheaper than a queue of kombu's, and most of the time it is so
        return done
    with Connection(current_app.conf.broker_url) as connection, connection.SimpleQueue("celery") as waiting:
        while True:
            try:
                message = waiting.get_nowait()
            except Empty:
                return done
            message.ack()
            args, kwargs, _embed = message.decode()
            current_app.tasks[message.headers["task"]].apply(args, kwargs, throw=True)
            done += 1


class Beat:
    """Celery beat on the stopped clock: `tick` runs what is due."""

    def __init__(self) -> None:
        self._entries = timetable()
        self._last = dict.fromkeys(self._entries, clock.now())

    def tick(self) -> int:
        """Run the periodic tasks that are due now; how many ran."""
        now, ran = clock.now(), 0
        for name, entry in self._entries.items():
            if (now - self._last[name]).total_seconds() >= entry["schedule"]:
                self._last[name] = now
                current_app.tasks[entry["task"]].apply(throw=True)
                ran += 1
        return ran


def drain_only(name: str) -> int:
    """Run the waiting tasks called `name`, and those of that name that they send; the others are dropped."""
    done = 0
    with Connection(current_app.conf.broker_url) as connection, connection.SimpleQueue("celery") as waiting:
        while True:
            try:
                message = waiting.get_nowait()
            except Empty:
                return done
            message.ack()
            if message.headers["task"] == name:
                args, kwargs, _embed = message.decode()
                current_app.tasks[name].apply(args, kwargs, throw=True)
                done += 1
