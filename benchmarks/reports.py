"""Reports over a made-up past: how long each takes, by what it has rows for and how long its intervals are.

The median of the rounds, from the question to the finished figures (statements, sums and the table's text).
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.queues import setup as queues
from apps.queues.models import Queue, QueueEntry
from apps.reports import building, showing
from apps.reports.building import Asked
from apps.reports.definitions import By
from apps.reports.intervals import Size
from benchmarks import past
from benchmarks.figures import median, table
from benchmarks.house import House
from benchmarks.staff import hire

AIM_SECONDS = 2.0


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--calls", type=int, default=100_000, help="in the past (%(default)s)")
    parser.add_argument("--operators", type=int, default=50, help="(%(default)s)")
    parser.add_argument("--queues", type=int, default=10, help="(%(default)s)")
    parser.add_argument("--days", type=int, default=28, help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=1, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    house.prepare()
    client, staff, user = Client.objects.get(), hire(options.operators), User.objects.get(username="admin")
    lines = [queues.save(Queue(client=client, name=f"Bench {n}")) for n in range(options.queues)]
    for queue in lines:
        queues.set_members(queue, staff)
    until = clock.now()
    past.live_through(lines, staff, calls=options.calls, days=options.days, until=until, seed=options.seed)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows, slowest = [], 0.0
    for by in By:
        for size, days in ((Size.HOUR, options.days), (Size.DAY, options.days), (Size.QUARTER, 7), (Size.HOUR, 1)):
            days = min(days, options.days)
            asked = Asked(by, until - timedelta(days=days), until, size, client.time_zone, client=client)
            seconds, queries, offered = _take(asked, user, options.rounds)
            slowest = max(slowest, seconds)
            rows.append([f"{by}, {size.words} of {days} days", offered, queries, f"{seconds:.2f}"])
            print(f"  {rows[-1][0]}: {seconds:.2f} s", flush=True)
    print(table(["report", "callers", "statements", "seconds"], rows))
    entries = QueueEntry.objects.count()
    print(f"{entries} callers in the tables; the slowest report took {slowest:.2f} s (aim: {AIM_SECONDS}).")
    return {"callers": entries, "slowest_seconds": round(slowest, 3), "passed": slowest <= AIM_SECONDS}


def _take(asked: Asked, user: User, rounds: int) -> tuple[float, int, int]:
    taken = []
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as queries:
            began = time.perf_counter()
            report = building.build(asked, user)
            showing.by_subject(report), showing.by_interval(report), showing.pictures(report)
            taken.append(time.perf_counter() - began)
    return median(taken), len(queries), report.total.tally.answered
