"""Several dispatchers serve a crowd until nobody more can be served: the processes, their ways, the clock."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import Barrier, Pool
from typing import Any
from unittest.mock import patch

from django.db import OperationalError

from apps.queues import dispatcher, strategies
from apps.queues.strategies import Decision
from benchmarks import bare
from benchmarks.figures import percentile

TWO_ROWS, STATEMENT = "two rows, nothing decided", "one statement"
ONE_BY_ONE, BATCHES, WITHOUT = "dispatcher, one by one", "dispatcher, batches", "batches, no reasons kept"
WAYS = (TWO_ROWS, STATEMENT, ONE_BY_ONE, BATCHES, WITHOUT)
PRODUCT = (ONE_BY_ONE, BATCHES, WITHOUT)
ENOUGH = 2  # empty hands in a row: once may be because another holds the last ones just now


@dataclass
class Took:
    """Of one way at one size: how many were assigned, in how many seconds, how long each transaction took."""

    assigned: int = 0
    seconds: float = 0.0
    each: list[float] = field(default_factory=list)
    doubles: int = 0
    given_up: int = 0  # transactions that the database ended because they waited too long for a lock
    python: float = 0.0  # processor seconds of the dispatchers
    database: float = 0.0  # and of PostgreSQL meanwhile

    @property
    def per_second(self) -> float:
        return self.assigned / self.seconds if self.seconds else 0.0

    def processor_ms(self) -> float:
        """Of one assignment, dispatchers and database together; what others do on the machine does not count."""
        return 1000 * (self.python + self.database) / self.assigned if self.assigned else 0.0

    def figures(self) -> dict[str, float]:
        return {
            "per_second": round(self.per_second, 1), "p50_ms": round(percentile(self.each, 50) * 1000, 2),
            "p99_ms": round(percentile(self.each, 99) * 1000, 2), "processor_ms": round(self.processor_ms(), 2),
            "python_ms": round(1000 * self.python / max(1, self.assigned), 2), "assigned": self.assigned,
            "doubles": self.doubles, "given_up": self.given_up,
        }  # fmt: skip


class Dispatchers:
    """`most` processes that wait for work. Made before this one has a connection that they could inherit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._pool = Pool(most, _remember, (Barrier(most),))

    def __enter__(self) -> Dispatchers:
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def drain(self, way: str, count: int, queues: list[list[int]], pairs: int, seconds: float) -> Took:
        """Have `count` of them assign side by side until all is done or time is up; `pairs`: how many there can be."""
        tasks = [Namespace(way=way, number=number, count=count, queues=queues, pairs=pairs, seconds=seconds)
                 for number in range(self.most)]  # fmt: skip
        parts = [part for part in self._pool.map(_work, tasks, chunksize=1) if part is not None]
        busy = [part for part in parts if part[2]]
        return Took(
            assigned=sum(part[2] for part in parts),
            seconds=max(part[1] for part in busy) - min(part[0] for part in busy) if busy else 0.0,
            each=[duration for part in parts for duration in part[3]],
            given_up=sum(part[4] for part in parts),
            python=sum(part[5] for part in parts),
        )


_start: Any = None


def _remember(barrier: Any) -> None:
    global _start  # noqa: PLW0603 (a process of a pool is told once)
    _start = barrier


def _work(task: Namespace) -> tuple[float, float, int, list[float], int, float] | None:
    """One process's share: when it began, when its last assignment was written, how many, how long each took,
    how often a lock could not be had in time, and the processor's seconds."""
    with _way(task) as step:
        _start.wait()
        if task.number >= task.count:
            return None
        began = last = time.monotonic()
        worked = time.process_time()
        assigned, empty, given_up, each = 0, 0, 0, []
        while empty < ENOUGH and time.monotonic() - began < task.seconds:
            since = time.monotonic()
            try:
                done = step()
            except OperationalError:
                given_up += 1
                continue
            if done:
                last = time.monotonic()
                each.append(last - since)
            assigned, empty = assigned + done, 0 if done else empty + 1
        worked = time.process_time() - worked
    return began, last, assigned, each, given_up, worked


@contextmanager
def _way(task: Namespace) -> Iterator[Callable[[], int]]:
    """A step: assign what one transaction assigns and say how many."""
    if task.way == TWO_ROWS:
        keys = iter(range(task.number, task.pairs, task.count))
        yield lambda: bare.two_rows(key) if (key := next(keys, None)) is not None else 0
    elif task.way == STATEMENT:
        yield bare.statement
    else:
        mine = task.queues[task.number % len(task.queues)]
        batch = 1 if task.way == ONE_BY_ONE else dispatcher.BATCH
        with patch.object(dispatcher, "BATCH", batch), _without_reasons(task.way == WITHOUT):
            yield lambda: len(dispatcher.dispatch(mine))


@contextmanager
def _without_reasons(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    bare_assign = partial(strategies.assign, explain=False)
    with patch.object(strategies, "assign", bare_assign), patch.object(Decision, "as_json", lambda _decision: {}):
        yield
