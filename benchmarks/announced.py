"""What callers are told about their wait, against the wait that they then have, on virtual time.

One caller in fifty never leaves, whatever the others do: only theirs is the wait that was announced, because who leaves
early takes the long waits with them. The announcement knows the mean length of a call and the rate of leaving.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from apps.queues.expected import expected_wait
from apps.queues.strategies import Candidate
from benchmarks.erlang import Traffic
from benchmarks.figures import percentile
from benchmarks.virtual import Caller, Simulation, callers

PATIENT = 50  # each so manieth never leaves


def compared(traffic: Traffic, calls: int, seed: str) -> dict[str, Any]:
    """Of the callers who stayed and had to wait: the mean wait, how far what was said lies from it on average, and
    between which multiples of what was said eight of ten real waits lie. Once with those ahead who leave, once as if
    nobody did."""
    places: dict[int, int] = {}

    def joined(number: int, place: int) -> None:
        if not number % PATIENT:
            places[number] = place

    people = [Candidate(number, 0.0) for number in range(1, traffic.operators + 1)]
    real: list[float] = []
    said: dict[str, list[float]] = {"told": [], "told_if_nobody_left": []}
    leave_rate = 1 / traffic.patience_seconds if traffic.patience_seconds else 0.0
    for number, waited, _operator in Simulation(people).run(_some_stay(callers(traffic, calls, seed)), joined):
        if place := places.pop(number, 0):
            real.append(waited)
            for name, rate in (("told", leave_rate), ("told_if_nobody_left", 0.0)):
                said[name].append(
                    expected_wait(place, staff=traffic.operators, handle_seconds=traffic.talk_seconds, leave_rate=rate)
                )
    mean = sum(real) / len(real)
    found: dict[str, Any] = {
        "operators": traffic.operators, "load": round(traffic.load, 3), "patience_seconds": traffic.patience_seconds,
        "callers": len(real), "mean_wait": round(mean, 1),
    }  # fmt: skip
    for name, announced in said.items():
        times = [one / other for one, other in zip(real, announced, strict=True)]
        found[name] = {
            "apart": round(sum(announced) / len(announced) / mean - 1, 4),
            "from": round(percentile(times, 10), 2), "until": round(percentile(times, 90), 2),
        }  # fmt: skip
    return found


def _some_stay(calls: Iterator[Caller]) -> Iterator[Caller]:
    for number, caller in enumerate(calls):
        yield caller if number % PATIENT else caller._replace(patience=math.inf)
