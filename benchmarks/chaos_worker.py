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

from apps.campaigns.loop import Loop  # noqa: E402
from callcenter.celery import app  # noqa: E402, F401 (makes it the current app)
from callcenter.dialing import dialing_loop  # noqa: E402

IDLE_S = 0.02
TASKS_BETWEEN_TURNS_S = 0.5
_LOST = (OperationalError, redis.RedisError, ConnectionError, OSError)


def main() -> None:
    """Work until SIGTERM."""
    _write_to_a_log()
    current_app.autodiscover_tasks(force=True)
    loop = dialing_loop(care_every_s=3.0)
    signal.signal(signal.SIGTERM, lambda *_signal: loop.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while loop.goes_on:
        loop.turn()
        _do_tasks(loop, time.monotonic() + TASKS_BETWEEN_TURNS_S)


def _write_to_a_log() -> None:
    log = os.open(settings.DATA_DIR / "log" / "dialers.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)


def _do_tasks(loop: Loop, until: float) -> None:
    try:
        with Connection(current_app.conf.broker_url) as broker, broker.SimpleQueue("celery") as waiting:
            while loop.goes_on and time.monotonic() < until:
                try:
                    message = waiting.get_nowait()
                except Empty:
                    time.sleep(IDLE_S)
                    continue
                message.ack()
                args, kwargs, _embed = message.decode()
                _do(message.headers["task"], args, kwargs)
    except _LOST:
        time.sleep(0.2)


def _do(name: str, args: list, kwargs: dict) -> None:
    try:
        current_app.tasks[name].apply(args, kwargs, throw=True)
    except DatabaseError:
        connection.close()
