"""The limits on outgoing calls under 16 workers that take and give back places, some killed while they hold them.

An acquisition is the product's own: `place` with every check and row, held for a moment, and the call's end. The
judge reads the rows: how many calls were open at once, of each client and of the house. What a killed worker held is
freed by whoever ends its call, as the sweepers do in real life; nothing is ever counted up or down.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from types import SimpleNamespace
from typing import Any

from django.db import OperationalError, connections

from benchmarks.figures import percentile, table
from benchmarks.house import House

CLIENTS, WORKERS = 20, 16
HOUSE, CLIENT = 50, 10
LEFT_S = 3


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=30, help="(%(default)s)")
    parser.add_argument("--hold-ms", type=float, default=20, help="how long a place is held (%(default)s)")
    parser.add_argument("--kills", type=int, default=20, help="workers killed and replaced meanwhile (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    house.prepare(demo=False)
    ids = _clients()
    connections.close_all()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.limiter_worker"])
    waits: Any = context.SimpleQueue()
    workers = [_fork(context, ids, options, n, waits) for n in range(WORKERS)]
    chance, began, killed = random.Random(options.seed), time.monotonic(), 0
    try:
        while (spent := time.monotonic() - began) < options.seconds:
            if killed < options.kills and spent > options.seconds * (killed + 1) / (options.kills + 1):
                index = chance.randrange(WORKERS)
                workers[index].kill()
                workers[index].join()
                killed += 1
                workers[index] = _fork(context, ids, options, WORKERS + killed, waits)
            _end_the_calls_of_the_dead()
            time.sleep(0.05)
    finally:
        for worker in workers:
            worker.terminate()
        taken = _drain(waits, workers)
    return _report(options, spent, killed, taken)


def _fork(context: Any, ids: list[int], options: SimpleNamespace, n: int, waits: Any) -> ForkServerProcess:
    from benchmarks.limiter_worker import main

    process = context.Process(
        target=main, args=(ids, options.hold_ms / 1000, f"{options.seed}.{n}", waits), daemon=True
    )
    process.start()
    return process


def _clients() -> list[int]:
    from apps.carrier.models import PhoneNumber
    from apps.clients.models import Client
    from apps.destinations.models import Destination

    ids = []
    for n in range(CLIENTS):
        own = f"+14155551{n:03d}"
        client = Client.objects.create(
            name=f"Limit {n}", slug=f"limit-{n}", max_concurrent_calls=CLIENT, caller_id=own, record_calls=False
        )
        place = Destination.objects.create(client=client, kind="ending", label="Good-bye")
        PhoneNumber.objects.create(client=client, number=own, label="Limit", destination=place)
        ids.append(client.pk)
    return ids


def _end_the_calls_of_the_dead() -> None:
    """What nobody ended for so long belongs to a worker that was killed."""
    from datetime import timedelta

    from apps.calls import services as calls
    from apps.calls.models import Call
    from apps.core import clock

    dead = Call.objects.open().filter(started_at__lt=clock.now() - timedelta(seconds=LEFT_S))
    for call in dead.select_related("client"):
        with suppress(OperationalError):  # a worker is at it after all
            calls.close(call, Call.Outcome.FAILED)


def _drain(waits: Any, workers: list[ForkServerProcess]) -> list[float]:
    """The waits for a place that the workers measured, in seconds; each sends them as it ends."""
    found: list[float] = []
    until = time.monotonic() + 10
    while time.monotonic() < until and (any(worker.is_alive() for worker in workers) or not waits.empty()):
        if waits.empty():
            time.sleep(0.02)
        else:
            found += waits.get()
    return found


def peaks() -> dict[str, int]:
    """The most calls at once by the rows: of the house, and of the client that had most. An end counts first."""
    from apps.calls.models import Call

    moves: list[tuple[Any, int, int]] = []
    for client, began, ended in Call.objects.values_list("client", "started_at", "ended_at"):
        moves.append((began, 1, client))
        if ended is not None:
            moves.append((ended, -1, client))
    live: Counter[int] = Counter()
    most: Counter[int] = Counter()
    every = most_of_all = 0
    for _at, step, client in sorted(moves):
        live[client] += step
        every += step
        most[client], most_of_all = max(most[client], live[client]), max(most_of_all, every)
    return {"house": most_of_all, "client": max(most.values(), default=0)}


def _report(options: SimpleNamespace, seconds: float, killed: int, waits: list[float]) -> dict[str, Any]:
    from apps.calls.models import Call

    made, found = Call.objects.count(), peaks()
    possible = HOUSE / (options.hold_ms / 1000)
    figures = {
        "acquisitions": made, "per_second": round(made / seconds, 1), "possible_per_second": round(possible),
        "of_the_possible": round(made / seconds / possible, 3),
        "wait_p50_ms": round(percentile(waits, 50) * 1000, 1), "wait_p99_ms": round(percentile(waits, 99) * 1000, 1),
        "killed": killed, "peaks": found, "limits": {"house": HOUSE, "client": CLIENT},
        "violations": (found["house"] > HOUSE) + (found["client"] > CLIENT),
    }  # fmt: skip
    print("\n" + table(["what", "found"], [[name, value] for name, value in figures.items()]) + "\n")
    return figures
