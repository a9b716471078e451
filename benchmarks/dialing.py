"""A campaign on virtual time: numbers are dialled, people answer or do not, operators talk; the live pacers decide.

Only the people are made up. The pacer is told what the product would know, never the parameters. An answered call that
finds no operator free is lost at once. Pure: moments and durations are seconds on one scale that begins at 0.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from apps.campaigns.pacing import Memory, Pacer, Situation

Chance = Callable[[], float]  # a number from 0 to below 1
Duration = Callable[[Chance], float]

CHANGE, RESOLVED, TALKED, WRAPPED_UP = range(4)
PART = 600.0  # the window of the policy moves by so much


def exponential(mean: float) -> Duration:
    return lambda chance: -mean * math.log(1 - chance())


def about(mean: float, spread: float) -> Duration:
    """Log-normal, with `spread` the standard deviation as a share of the mean."""
    sigma = math.sqrt(math.log(1 + spread * spread))
    shift = math.log(mean) - sigma * sigma / 2
    # Box and Muller, because the chance is a stream of uniform numbers.
    return lambda chance: math.exp(
        shift + sigma * math.sqrt(-2 * math.log(1 - chance())) * math.cos(2 * math.pi * chance())
    )


@dataclass(frozen=True)
class Public:
    """Who is dialled: the share of persons who answer, how long it rings until they do, until others are given up, and
    how long they talk."""

    answer_rate: float
    ring: Duration
    rings_out: Duration
    talk: Duration


class Change(NamedTuple):
    """From `at` on."""

    at: float
    public: Public
    operators: int


@dataclass
class Tally:
    """What a stretch of time came to."""

    seconds: float = 0.0
    signed_in: float = 0.0  # operator seconds
    talking: float = 0.0
    dials: int = 0
    answered: int = 0
    abandoned: int = 0
    # The largest share lost over the policy's window at any moment, once 100 were answered in it.
    highest: float = 0.0

    @property
    def utilisation(self) -> float:
        return self.talking / self.signed_in if self.signed_in else 0.0

    @property
    def lost(self) -> float:
        return self.abandoned / self.answered if self.answered else 0.0


@dataclass
class Campaign:
    """One campaign with its floor. `changes` in the order of their moments, the first at 0; each begins a tally."""

    pacer: Pacer
    changes: Sequence[Change]
    wrap_up: Duration | None = None
    seed: object = 0
    window: float = 30 * 24 * 3600.0
    tallies: list[Tally] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._memory = Memory()
        self._heap: list[tuple[float, int, int, float, bool]] = []
        self._made, self._at, self._ready, self._leaving = 0, 0.0, 0, 0
        self._dialling: dict[int, float] = {}
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self._parts: deque[list[float]] = deque()  # begins, answered, abandoned
        self._answered = self._abandoned = 0
        self._answers, self._rings, self._talks, self._wraps = (
            random.Random(f"{self.seed} {kind}").random for kind in ("answer", "ring", "talk", "wrap up")
        )

    def run(self, until: float) -> list[Tally]:
        for change in self.changes:
            heapq.heappush(self._heap, (change.at, -1 - self._made, CHANGE, 0.0, False))
        changes = iter(self.changes)
        while self._heap and self._heap[0][0] <= until:
            at, number, kind, since, person = heapq.heappop(self._heap)
            self._pass(at)
            if kind == CHANGE:
                self._change(next(changes))
            elif kind == RESOLVED:
                self._resolved(number, since, person)
            elif kind == TALKED:
                del self._talking[number]
                self._memory.talked(at - since)
                self._after_call()
            else:
                del self._wrapping[number]
                self._memory.wrapped_up(at - since)
                self._free()
            self._dial()
        self._pass(until)
        return self.tallies

    def _pass(self, at: float) -> None:
        span, talking = at - self._at, len(self._talking)
        if self.tallies:
            tally = self.tallies[-1]
            tally.seconds += span
            tally.signed_in += span * (self._ready + talking + len(self._wrapping))
            tally.talking += span * talking
        self._at = at

    def _change(self, change: Change) -> None:
        before = self._ready + len(self._talking) + len(self._wrapping) - self._leaving
        self._public = change.public
        self.tallies.append(Tally())
        if change.operators >= before:
            self._ready += change.operators - before
            return
        # Who is free goes at once, the others after their call: nobody is told beforehand.
        going = before - change.operators
        at_once = min(going, self._ready)
        self._ready -= at_once
        self._leaving += going - at_once

    def _resolved(self, number: int, since: float, person: bool) -> None:
        del self._dialling[number]
        self._memory.dialled(answered=person, ring_seconds=self._at - since)
        if not person:
            return
        lost = not self._ready
        self._count(lost)
        if not lost:
            self._ready -= 1
            self._talking[self._later(TALKED, self._public.talk(self._talks))] = self._at

    def _after_call(self) -> None:
        if self._leaving:
            self._leaving -= 1
        elif self.wrap_up is not None:
            self._wrapping[self._later(WRAPPED_UP, self.wrap_up(self._wraps))] = self._at
        else:
            self._free()

    def _free(self) -> None:
        if self._leaving:
            self._leaving -= 1
        else:
            self._ready += 1

    def _count(self, lost: bool) -> None:
        tally, parts = self.tallies[-1], self._parts
        tally.answered += 1
        tally.abandoned += lost
        if not parts or self._at >= parts[-1][0] + PART:
            parts.append([self._at, 0, 0])
        parts[-1][1] += 1
        parts[-1][2] += lost
        self._answered += 1
        self._abandoned += lost
        while parts[0][0] < self._at - self.window:
            _, answered, abandoned = parts.popleft()
            self._answered -= int(answered)
            self._abandoned -= int(abandoned)
        if lost and self._answered >= 100:
            tally.highest = max(tally.highest, self._abandoned / self._answered)

    def _dial(self) -> None:
        at = self._at
        count = self.pacer.count(
            Situation(
                ready=self._ready,
                talking=[at - since for since in self._talking.values()],
                wrapping_up=[at - since for since in self._wrapping.values()],
                dialling=[at - since for since in self._dialling.values()],
                answered=self._answered,
                abandoned=self._abandoned,
                leaving_answered=int(self._parts[0][1]) if self._parts else 0,
                leaving_abandoned=int(self._parts[0][2]) if self._parts else 0,
                seen=self._memory.seen(),
            )
        )
        public = self._public
        self.tallies[-1].dials += count
        for _ in range(count):
            person = self._answers() < public.answer_rate
            rings = (public.ring if person else public.rings_out)(self._rings)
            self._dialling[self._later(RESOLVED, rings, person)] = at

    def _later(self, kind: int, seconds: float, person: bool = False) -> int:
        self._made += 1
        heapq.heappush(self._heap, (self._at + seconds, self._made, kind, self._at, person))
        return self._made
