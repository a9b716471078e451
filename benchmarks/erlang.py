"""What theory says of one queue: Erlang B, C and A, exactly, for any number of operators.

Calls come at random (Poisson), last an exponential time, and who has patience loses it after an exponential time. Pure;
times are seconds. Erlang C: everybody waits until answered. Erlang A: who has waited longer than their patience leaves.
In line with k others before one and everybody's patience ending at rate h, the wait until an operator is free is a sum
of exponential times with rates m, m + h, ... m + kh (m: the rate at which all operators together finish). So it is
beta distributed: P(wait <= t) = I(1 - exp(-ht); k + 1, m / h), the regularised incomplete beta function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Traffic:
    """A queue and its callers. `patience_seconds` is the mean; None: nobody ever leaves.

    Raises ValueError where no such queue can be, or none that ever comes to rest.
    """

    operators: int
    calls_per_second: float
    talk_seconds: float
    patience_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.operators < 1 or self.calls_per_second <= 0 or self.talk_seconds <= 0:
            raise ValueError("There must be an operator, and calls that come and last.")
        if self.patience_seconds is not None and self.patience_seconds <= 0:
            raise ValueError("Patience must last; leave it out where nobody ever leaves.")
        if self.patience_seconds is None and self.load >= 1:
            raise ValueError("More calls than the operators can take: without patience the line grows for ever.")

    @property
    def erlangs(self) -> float:
        """How many operators would be busy on average if nobody left."""
        return self.calls_per_second * self.talk_seconds

    @property
    def load(self) -> float:
        return self.erlangs / self.operators

    @property
    def finish_rate(self) -> float:
        """Calls that all operators together finish in a second."""
        return self.operators / self.talk_seconds


@dataclass(frozen=True)
class Figures:
    """Of all callers: `waits`, the share that finds nobody free; `abandons`; `service_level`, the share answered within
    the time asked for; `average_wait` in line, however it ended. `average_answer`: of those answered. `occupancy`: how
    much of their time operators talk."""

    waits: float
    abandons: float
    service_level: float
    average_answer: float
    average_wait: float
    occupancy: float


def erlang_b(operators: int, erlangs: float) -> float:
    """The share of calls that find all operators busy, when those are lost."""
    return 1 / list(_idle_odds(operators, erlangs))[-1]


def figures(traffic: Traffic, within: float) -> Figures:
    """What such a queue comes to, with `within` seconds as the time to answer in."""
    return _with_patience(traffic, within) if traffic.patience_seconds is not None else _for_ever(traffic, within)


def longer_than(traffic: Traffic, seconds: float) -> float:
    """The share of callers who are still in line after so long."""
    line = _line(traffic)
    if traffic.patience_seconds is None:
        return sum(line) * math.exp(-(traffic.finish_rate - traffic.calls_per_second) * seconds)
    impatience = 1 / traffic.patience_seconds
    found = _within(seconds * impatience, traffic.finish_rate / impatience)
    return math.exp(-seconds * impatience) * math.fsum(p * (1 - soon) for p, soon in zip(line, found, strict=False))


def standard_error(traffic: Traffic, calls: int) -> float:
    """How far the average wait of `calls` calls in a row typically is from the true one, as a share of it.

    Waits in a row are alike, the more so the higher the load, so this shrinks far slower than of independent ones. It
    is that of the line's mean length over a stretch of time, hardly above that over a number of calls; the asymptotic
    variance of a birth-death process: 2 sum (sum over j <= n of (f(j) - mean) p(j))^2 / (rate p(n)).
    """
    line, rate = _line(traffic), traffic.calls_per_second
    mean = math.fsum(waiting * p for waiting, p in enumerate(line))
    if not mean:
        return math.inf  # so rare a wait that no number is small enough for it
    variance, behind = 0.0, 0.0
    for waiting in range(len(line) - 1, 0, -1):
        behind += (waiting - mean) * line[waiting]
        variance += behind * behind / (rate * line[waiting - 1])
    # Below: nobody waits, and the share of time with n busy or fewer is p(n) over Erlang B of n operators.
    p = line[0]
    odds = list(_idle_odds(traffic.operators, traffic.erlangs))
    for busy in range(traffic.operators, 0, -1):
        p *= busy / traffic.erlangs
        variance += mean * mean * p * odds[busy - 1] ** 2 / rate
    return math.sqrt(2 * variance * rate / calls) / mean


def _idle_odds(operators: int, erlangs: float) -> Iterator[float]:
    """1 / Erlang B of 0, 1, ... `operators`: turned round it neither overflows early nor loses digits."""
    odds = 1.0
    yield odds
    for number in range(1, operators + 1):
        odds = 1 + odds * number / erlangs
        yield odds


def _line(traffic: Traffic) -> list[float]:
    """How likely all operators are busy with 0, 1, 2 ... callers waiting; the tail that no figure can show is cut."""
    impatience = 1 / traffic.patience_seconds if traffic.patience_seconds else 0.0
    relative = [1.0]
    highest = 1.0
    while relative[-1] > 1e-18 * highest:
        rate = traffic.finish_rate + len(relative) * impatience
        relative.append(relative[-1] * traffic.calls_per_second / rate)
        highest = max(highest, relative[-1])
    *_, odds = _idle_odds(traffic.operators, traffic.erlangs)
    whole = odds + math.fsum(relative[1:])
    return [one / whole for one in relative]


def _for_ever(traffic: Traffic, within: float) -> Figures:
    """Erlang C."""
    lost = erlang_b(traffic.operators, traffic.erlangs)
    waits = lost / (1 - traffic.load * (1 - lost))
    spare = traffic.finish_rate - traffic.calls_per_second
    average = waits / spare
    return Figures(
        waits=waits, abandons=0.0, service_level=1 - waits * math.exp(-spare * within), average_answer=average,
        average_wait=average, occupancy=traffic.load,
    )  # fmt: skip


def _with_patience(traffic: Traffic, within: float) -> Figures:
    """Erlang A."""
    assert traffic.patience_seconds is not None  # noqa: S101 (for the type checker)
    impatience = 1 / traffic.patience_seconds
    line, finish = _line(traffic), traffic.finish_rate / impatience
    waits = math.fsum(line)
    average_wait = math.fsum(waiting * p for waiting, p in enumerate(line)) / traffic.calls_per_second
    abandons = average_wait * impatience
    soon, later, seconds = [], [], 0.0
    for ahead, (p, in_time) in enumerate(zip(line, _within(within * impatience, finish + 1), strict=False)):
        stays = finish / (finish + ahead + 1)
        seconds += traffic.patience_seconds / (finish + ahead + 1)
        soon.append(p * stays * in_time)
        later.append(p * stays * seconds)
    return Figures(
        waits=waits, abandons=abandons, service_level=1 - waits + math.fsum(soon),
        average_answer=math.fsum(later) / (1 - abandons), average_wait=average_wait,
        occupancy=traffic.load * (1 - abandons),
    )  # fmt: skip


def _within(patiences: float, finish: float) -> Iterator[float]:
    """I(x; 1, finish), I(x; 2, finish), ... for x = 1 - exp(-patiences), without end."""
    if patiences <= 0:
        while True:
            yield 0.0
    log_x, log_rest = math.log(-math.expm1(-patiences)), -patiences
    found, ahead = 1.0, 0
    while True:
        # In logarithms: the first terms may be too small for a number while a later one is not.
        log_term = math.lgamma(ahead + finish) - math.lgamma(ahead + 1) - math.lgamma(finish)
        found -= math.exp(log_term + ahead * log_x + finish * log_rest)
        yield max(0.0, found)
        ahead += 1
