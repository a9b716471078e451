"""What a queue's limits would have done to those who called. Pure: past callers in, what becomes of each out.

Everybody else's wait is taken as it was: a caller who is passed on earlier would have left the others a shorter line,
which is not counted on. A caller whom a limit let go would perhaps have been answered later: that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

STAYS, FULL, TOO_LONG, AWAY, UNKNOWN = "stays", "full", "too long", "turned away", "unknown"
PASSED_ON = (FULL, TOO_LONG, AWAY)


@dataclass(frozen=True)
class Limits:
    """The settings of a queue that let callers go."""

    places: int
    max_wait: float
    overflow: int | None


@dataclass(frozen=True)
class Past:
    """One caller: joined at `at`, was answered or gone after `waited` seconds (None: waits still).

    `passed_on`: the wait was over the limit of then. `refused` is why the queue did not take the caller at all, "" when
    it did.
    """

    key: int
    at: float
    waited: float | None
    answered: bool = False
    passed_on: bool = False
    refused: str = ""


@dataclass(frozen=True)
class Fate:
    """What becomes of a caller. `to` is the destination of who is passed on, None with nowhere to go or who stays."""

    what: str
    to: int | None = None


def replay(callers: Iterable[Past], limits: Limits) -> Iterator[Fate]:
    """The fate of each of `callers`, who come in the order of their joining, under `limits`."""
    leaving: list[float] = []  # when those who are in line leave it
    for caller in callers:
        while leaving and leaving[0] <= caller.at:
            heappop(leaving)
        fate = _fate(caller, limits, len(leaving))
        if fate.what in (STAYS, TOO_LONG):
            lasted = caller.waited if caller.waited is not None else float("inf")
            heappush(leaving, caller.at + min(lasted, limits.max_wait))
        yield fate


def _fate(caller: Past, limits: Limits, in_line: int) -> Fate:
    if caller.refused and caller.refused != "full":
        return Fate(AWAY, limits.overflow) if caller.refused == "unstaffed" else Fate(STAYS)
    if in_line >= limits.places:
        return Fate(FULL, limits.overflow)
    if caller.refused:
        return Fate(UNKNOWN)  # there would have been a place: nobody knows what came of it
    if caller.waited is None:
        return Fate(STAYS)
    if caller.waited > limits.max_wait or (caller.passed_on and caller.waited >= limits.max_wait):
        return Fate(TOO_LONG, limits.overflow)
    return Fate(UNKNOWN) if caller.passed_on else Fate(STAYS)


@dataclass
class Level:
    """The service level: how many of those who count were answered in time."""

    within: float
    short: float
    counted: int = 0
    in_time: int = 0

    def count(self, caller: Past, fate: Fate) -> None:
        """Note one caller under this fate; who was never in line, or gave up at once, does not count."""
        if fate.what in (FULL, AWAY, UNKNOWN) or caller.refused or caller.waited is None:
            return
        if fate.what == STAYS and not caller.answered and caller.waited < self.short:
            return
        self.counted += 1
        self.in_time += fate.what == STAYS and caller.answered and caller.waited <= self.within

    @property
    def percent(self) -> float | None:
        return round(100 * self.in_time / self.counted, 1) if self.counted else None
