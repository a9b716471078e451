"""A process of `bench limiter`: takes a place, holds it, gives it back."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")
django.setup()

from django.db import OperationalError, connection  # noqa: E402 (Django first)

from apps.calls import outgoing  # noqa: E402
from apps.calls import services as calls  # noqa: E402
from apps.calls.models import Call  # noqa: E402
from apps.clients.models import Client  # noqa: E402
from apps.core.refused import Refused  # noqa: E402

HANDS = 4  # of each worker: 16 of them could hold all 50 places of the house


def main(ids: list[int], hold_s: float, seed: str, waits: Any) -> None:
    """Until SIGTERM; then sends how long each place was waited for, in seconds."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_signal: stopped.set())
    found: list[float] = []
    hands = [
        threading.Thread(target=_work, args=(ids, hold_s, random.Random(f"{seed}.{n}"), stopped, found), daemon=True)
        for n in range(HANDS)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    waits.put(found)


def _work(ids: list[int], hold_s: float, chance: random.Random, stopped: threading.Event, found: list[float]) -> None:
    clients = list(Client.objects.filter(pk__in=ids))
    while not stopped.is_set():
        began = time.perf_counter()
        try:
            call = outgoing.place(chance.choice(clients), to=f"+1415212{chance.randrange(2000, 9999)}")
            found.append(time.perf_counter() - began)
            time.sleep(hold_s)
            calls.close(call, Call.Outcome.ANSWERED)
        except Refused:
            time.sleep(0.002)  # full: another client, in a moment
        except OperationalError:
            connection.close()  # waited longer than a lock may last; what it holds is ended by the sweep
    connection.close()
