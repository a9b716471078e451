"""A process of `dialer-chaos`: a dialer's loop that also does what waits in the broker, as a worker does.

Forked by a server that has imported everything, so that two hundred of them can be killed in a few minutes.
"""

from __future__ import annotations

import os
import signal
import time
from queue import Empty

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")
django.setup()

import redis  # noqa: E402 (Django first)
from celery import current_app  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402
from kombu import Connection  # noqa: E402
from kombu.exceptions import OperationalError  # noqa: E402
from kombu.simple import SimpleQueue  # noqa: E402

from callcenter.celery import app  # noqa: E402, F401 (makes it the current app)
from callcenter.dialing import dialing_loop  # noqa: E402

TASKS_BETWEEN_TURNS_S = 1.0  # as often as beat ticks
_LOST = (OperationalError, redis.RedisError, ConnectionError, OSError)


def main() -> None:
    """Work until SIGTERM."""
    _write_to_a_log()
    current_app.autodiscover_tasks(force=True)
    loop, broker = dialing_loop(), _Broker()
    signal.signal(signal.SIGTERM, lambda *_signal: loop.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while loop.goes_on:
        loop.turn()
        until = time.monotonic() + TASKS_BETWEEN_TURNS_S
        while loop.goes_on and (left := until - time.monotonic()) > 0:
            if (task := broker.next(left)) is not None:
                _do(*task)


def _write_to_a_log() -> None:
    log = os.open(settings.DATA_DIR / "log" / "dialers.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)


class _Broker:
    """What waits in the broker, while there is one."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue | None = None

    def next(self, within_s: float) -> tuple[str, list, dict] | None:
        """The next task, its arguments; None when none came, or the broker is away."""
        try:
            if self._waiting is None:
                self._waiting = Connection(current_app.conf.broker_url).SimpleQueue("celery")
            message = self._waiting.get(timeout=within_s)
            message.ack()
        except Empty:
            return None
        except _LOST:
            self._waiting = None
            time.sleep(0.2)
            return None
        args, kwargs, _embed = message.decode()
        return message.headers["task"], args, kwargs


def _do(name: str, args: list, kwargs: dict) -> None:
    try:
        current_app.tasks[name].apply(args, kwargs, throw=True)
    except DatabaseError:
        connection.close()
