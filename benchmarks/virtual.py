"""A queue on virtual time: callers come, operators talk, and the strategies of the live product bring them together.

Only the people are made up. Who is served next, and by whom, is decided by `queues.strategies`, told of each change as
it happens. Pure: moments and durations are seconds on one scale that begins at 0.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from apps.queues.strategies import Candidate, Hall, Waiting, Wanted
from benchmarks.erlang import Traffic

QUEUE = 1


class Caller(NamedTuple):
    """Comes at `arrives`, talks for `talks`, and leaves the line after `patience`."""

    arrives: float
    talks: float
    patience: float = math.inf


class Outcome(NamedTuple):
    """What became of the caller with this number (the first is 0). `operator` is None for who left the line."""

    number: int
    waited: float
    operator: int | None


def callers(traffic: Traffic, count: int, seed: object) -> Iterator[Caller]:
    """So many callers by chance: independent exponential times, each kind from a stream of its own."""
    coming, talking, leaving = (random.Random(f"{seed} {kind}").random for kind in ("come", "talk", "leave"))
    between, talk, patience = 1 / traffic.calls_per_second, traffic.talk_seconds, traffic.patience_seconds
    log, at = math.log, 0.0
    for _ in range(count):
        at -= between * log(1 - coming())
        yield Caller(at, -talk * log(1 - talking()), -patience * log(1 - leaving()) if patience else math.inf)


class Simulation:
    """One queue: its people, all ready at 0, and its settings; without any, longest idle."""

    def __init__(self, people: Sequence[Candidate], wanted: Wanted | None = None) -> None:
        self._hall = Hall({QUEUE: wanted or Wanted()}, {QUEUE: "simulation"})
        self._people = {one.operator_id: one for one in people}
        for one in people:
            self._hall.ready(QUEUE, one, 0.0)
        self._line: dict[int, Caller] = {}
        self._free: list[tuple[float, int, float]] = []  # when, who, since when in the call
        self._leaving: list[tuple[float, int]] = []

    def run(self, calls: Iterable[Caller], joined: Callable[[int, int], None] | None = None) -> Iterator[Outcome]:
        """The outcome of each caller when it is known; all of them, when the last one has been served or has left.

        `joined` is told the number and the place (1 = next) of each caller who is not answered at once.
        `calls` in the order in which they arrive. At one moment: operators finish, then patience ends, then calls come.
        """
        line, free, leaving, hall = self._line, self._free, self._leaving, self._hall
        for number, caller in enumerate(calls):
            at = caller.arrives
            while (free and free[0][0] <= at) or (leaving and leaving[0][0] <= at):
                if outcomes := self._next_event():
                    yield from outcomes
            line[number] = caller
            hall.arrives(Waiting(number, at, QUEUE))
            if len(free) < len(self._people):
                yield from self._serve(at)
            if number in line:
                if caller.patience < math.inf:
                    heapq.heappush(leaving, (at + caller.patience, number))
                if joined is not None:
                    joined(number, len(line))
        while free or leaving:
            yield from self._next_event()

    def _next_event(self) -> Sequence[Outcome]:
        """An operator is free, or a caller has had enough; who waits since the same moment is answered still."""
        if not self._leaving or (self._free and self._free[0][0] <= self._leaving[0][0]):
            at, operator_id, since = heapq.heappop(self._free)
            self._hall.ready(QUEUE, self._after_call(operator_id, since, at), at)
            return self._serve(at) if self._line else ()
        at, number = heapq.heappop(self._leaving)
        caller = self._line.pop(number, None)
        if caller is None:
            return ()
        self._hall.leaves(number)
        return [Outcome(number, at - caller.arrives, None)]

    def _after_call(self, operator_id: int, since: float, until: float) -> Candidate:
        before = self._people[operator_id]
        # In the order of the fields: half the price of `_replace`.
        after = self._people[operator_id] = Candidate(
            operator_id, until, before.name, since, before.calls + 1, before.active_seconds + until - since,
            before.skills, before.tier, before.weight, before.position,
        )  # fmt: skip
        return after

    def _serve(self, at: float) -> list[Outcome]:
        outcomes = []
        for decision in self._hall.match(at, explain=False):
            caller = self._line.pop(decision.entry_id)
            # Of several whose phones ring, the first one answers.
            operator_id, *others = decision.chosen
            for other in others:
                self._hall.ready(QUEUE, self._people[other], at)
            heapq.heappush(self._free, (at + caller.talks, operator_id, at))
            outcomes.append(Outcome(decision.entry_id, at - caller.arrives, operator_id))
        return outcomes
