"""The live strategies on virtual time, against theory: Kiefer-Wolfowitz call by call, Erlang C and A on average.

1. First come, first served: whatever strategy picks the operator, each wait must be the one of the Kiefer-Wolfowitz
recursion, to the last bit. 2. Poisson calls of exponential length, with and without patience: share answered in time
within 0.5 point, share that left within 0.2 point, average answer within 5 % of Erlang C and A. Each point gets the
calls asked for, or more where that many calls cannot show 5 % yet (three standard errors, which theory knows too).
3. What callers are told about their wait, against the wait that they then have.
"""

from __future__ import annotations

import heapq
import math
import os
import random
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from multiprocessing import Pool
from types import SimpleNamespace
from typing import Any

from apps.queues import strategies
from apps.queues.strategies import Candidate, Wanted
from benchmarks import erlang
from benchmarks.announced import compared
from benchmarks.erlang import Figures, Traffic
from benchmarks.figures import load_average, table
from benchmarks.house import House
from benchmarks.virtual import Caller, Simulation, callers

TALK_S, WITHIN_S = 180.0, 20.0
TOLERANCE = {"service_level": 0.005, "abandons": 0.002, "average_answer": 0.05}  # the last one is relative
AIM_PER_SECOND = 100_000
AT_ONCE = 2_000_000  # calls in one run; a point that needs more has several, each begins with nobody there

# Operators, load, patience (in lengths of a call; None: nobody leaves).
POINTS = (
    (1, 0.5, None), (1, 0.8, None), (2, 0.7, None), (2, 0.9, None), (5, 0.8, None), (10, 0.7, None), (10, 0.8, None),
    (20, 0.8, None),
    (1, 0.97, 2.0), (5, 0.9, 1.0), (20, 0.95, 2.0), (50, 0.97, 2.0), (100, 0.97, 1.0), (200, 0.97, 0.3),
)  # fmt: skip
# Where waits in a row are so much alike that it takes ten minutes until 5 % can be seen.
HEAVY = ((50, 0.9, None), (1, 0.97, None), (100, 0.95, None), (200, 0.97, None))
# Where waits are announced: also with more calls than can be answered, which only patience makes possible.
FORETOLD = ((5, 0.8, None), (20, 0.95, None), (5, 0.9, 1.0), (20, 0.97, 2.0), (20, 1.2, 2.0), (5, 1.3, 1.0))
FORETOLD_CALLS = 200_000
# Each strategy with a crew for it; first come, first served holds with any.
CREWS = (
    (strategies.LONGEST_IDLE, 1), (strategies.LONGEST_IDLE, 10), (strategies.LONGEST_IDLE, 50),
    (strategies.LONGEST_IDLE, 200), (strategies.ROUND_ROBIN, 50), (strategies.FEWEST_CALLS, 200),
    (strategies.LEAST_ACTIVE, 50), (strategies.LINEAR, 200), (strategies.BEST_SKILL, 50), (strategies.RANDOM, 50),
    (strategies.WEIGHTED, 200), (strategies.RING_ALL, 10),
)  # fmt: skip


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--calls", type=int, default=2_000_000, help="of each point, at least (%(default)s)")
    parser.add_argument("--exact-calls", type=int, default=100_000, help="compared one by one (%(default)s)")
    parser.add_argument("--heavy", action="store_true", help="also the points that need up to 43 million calls each")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1)


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    print(f"  seed {options.seed}, load average {load_average()}", flush=True)
    with Pool(options.processes) as pool:
        exact = _exactly(pool, options)
        points = (*POINTS, *(HEAVY if options.heavy else ()))
        found, speed = _on_average(pool, [_traffic(*point) for point in points], options)
        announced = _announced(pool, options)
    within = sum(point["within"] for point in found)
    print(f"{within} of {len(found)} points within; {speed['calls_per_second']:,} virtual calls a second "
          f"({speed['calls_per_cpu_second']:,} in one of processor time)\n")  # fmt: skip
    return {
        "points": len(found), "within": within, "tolerance": TOLERANCE, "exact": exact, **speed,
        "aims": {"calls_per_second": AIM_PER_SECOND, "exact_difference": 0},
        "aims_met": within == len(found) and speed["calls_per_second"] >= AIM_PER_SECOND
        and all(not one["different"] for one in exact),
        "each": found, "announced": announced, "load_average": load_average(),
    }  # fmt: skip


def kiefer_wolfowitz(calls: Iterable[Caller], operators: int) -> Iterator[float]:
    """The wait of each call when each goes to whoever is free first, in the order in which they come."""
    free = [0.0] * operators
    for call in calls:
        begins = max(call.arrives, free[0])
        heapq.heapreplace(free, begins + call.talks)
        yield begins - call.arrives


def crew(operators: int, chance: random.Random) -> list[Candidate]:
    """People who differ in all that a strategy may look at, and can all take every call."""
    return [
        Candidate(number, 0.0, weight=chance.randint(1, 100), position=chance.randint(0, 9),
                  skills={"language": chance.randint(1, 10)})
        for number in range(1, operators + 1)
    ]  # fmt: skip


def differences(strategy: str, operators: int, calls: int, seed: int) -> tuple[str, int, int, float]:
    """How many of so many waits differ from the recursion's, and by how much at most: strategy, operators, both."""
    traffic = Traffic(operators, 0.95 * operators / TALK_S, TALK_S)
    wanted = Wanted(strategy, requirements=(("language", 1),))
    simulation = Simulation(crew(operators, random.Random(seed)), wanted)
    waits = [math.nan] * calls
    for outcome in simulation.run(callers(traffic, calls, seed)):
        waits[outcome.number] = outcome.waited
    pairs = zip(waits, kiefer_wolfowitz(callers(traffic, calls, seed), operators), strict=True)
    apart = [abs(ours - theirs) for ours, theirs in pairs if ours != theirs]
    return strategy, operators, len(apart), max(apart, default=0.0)


def _exactly(pool: Any, options: SimpleNamespace) -> list[dict[str, Any]]:
    tasks = [(strategy, operators, options.exact_calls, options.seed) for strategy, operators in CREWS]
    rows = pool.starmap(differences, tasks, chunksize=1)
    head = ["operator by", "operators", "calls", "waits that differ", "by at most s"]
    print("\n" + table(head, [[name, people, options.exact_calls, n, most] for name, people, n, most in rows]) + "\n")
    return [{"strategy": name, "operators": people, "calls": options.exact_calls, "different": n, "by_seconds": most}
            for name, people, n, most in rows]  # fmt: skip


def _announced(pool: Any, options: SimpleNamespace) -> list[dict[str, Any]]:
    tasks = [(_traffic(*point), FORETOLD_CALLS, f"{options.seed} told {n}") for n, point in enumerate(FORETOLD)]
    found = pool.starmap(compared, tasks, chunksize=1)
    head = [
        "operators",
        "load",
        "patience s",
        "mean wait s",
        "told: apart %",
        "8 of 10 wait",
        "if nobody left: apart %",
    ]
    rows = [
        [
            one["operators"], f"{one['load']:g}", _seconds(one["patience_seconds"]), one["mean_wait"],
            f"{100 * one['told']['apart']:+.1f}", f"{one['told']['from']} to {one['told']['until']} times it",
            f"{100 * one['told_if_nobody_left']['apart']:+.1f}",
        ]
        for one in found
    ]  # fmt: skip
    print(table(head, rows) + "\n")
    return found


@dataclass
class Tally:
    """What became of the calls of one run, and what the run took."""

    calls: int = 0
    answered: int = 0
    in_time: int = 0
    waited: float = 0.0  # by the answered ones
    cpu: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def tally(traffic: Traffic, calls: int, seed: str) -> Tally:
    """So many calls on virtual time, from an empty house until the last one is over."""
    began = time.process_time()
    answered, in_time, waited = 0, 0, 0.0
    people = [Candidate(number, 0.0) for number in range(1, traffic.operators + 1)]
    for _number, wait, operator in Simulation(people).run(callers(traffic, calls, seed)):
        if operator is not None:
            answered += 1
            waited += wait
            in_time += wait <= WITHIN_S
    return Tally(calls, answered, in_time, waited, time.process_time() - began)


def calls_needed(traffic: Traffic, least: int) -> int:
    """`least`, or so many that the tolerance of the average answer is three standard errors."""
    error = erlang.standard_error(traffic, least)
    return max(least, math.ceil(least * (3 * error / TOLERANCE["average_answer"]) ** 2))


def _traffic(operators: int, load: float, patience: float | None) -> Traffic:
    return Traffic(operators, load * operators / TALK_S, TALK_S, patience and patience * TALK_S)


def _run(task: tuple[int, Traffic, int, str]) -> tuple[int, Tally]:
    point, *rest = task
    return point, tally(*rest)


def _on_average(pool: Any, points: list[Traffic], options: SimpleNamespace) -> tuple[list[dict[str, Any]], dict]:
    tasks = []
    for number, traffic in enumerate(points):
        calls = calls_needed(traffic, options.calls)
        runs = math.ceil(calls / max(AT_ONCE * 1.5, options.calls))
        tasks += [(number, traffic, math.ceil(calls / runs), f"{options.seed} {number} {turn}") for turn in range(runs)]
    tasks.sort(key=lambda task: -task[2])  # the longest first: both processors are busy to the end
    began, sums = time.monotonic(), [Tally() for _ in points]
    for number, part in pool.imap_unordered(_run, tasks):
        sums[number] += part
    seconds, calls = time.monotonic() - began, sum(one.calls for one in sums)
    speed = {
        "calls": calls, "calls_per_second": round(calls / seconds),
        "calls_per_cpu_second": round(calls / sum(one.cpu for one in sums)),
    }  # fmt: skip
    found = [judged(traffic, one) for traffic, one in zip(points, sums, strict=True)]
    _show(found)
    return found, speed


def judged(traffic: Traffic, found: Tally) -> dict[str, Any]:
    """One point: what theory says, what came out, whether they agree."""
    theory: Figures = erlang.figures(traffic, WITHIN_S)
    level, left = found.in_time / found.calls, 1 - found.answered / found.calls
    answer = found.waited / found.answered
    apart = {
        "service_level": level - theory.service_level, "abandons": left - theory.abandons,
        "average_answer": answer / theory.average_answer - 1,
    }  # fmt: skip
    return {
        "operators": traffic.operators, "load": round(traffic.load, 4), "patience_seconds": traffic.patience_seconds,
        "calls": found.calls, "standard_error": round(erlang.standard_error(traffic, found.calls), 5),
        "service_level": round(level, 5), "abandons": round(left, 5), "average_answer": round(answer, 3),
        "theory": {name: round(getattr(theory, name), 5) for name in apart},
        "apart": {name: round(value, 5) for name, value in apart.items()},
        "within": all(abs(value) <= TOLERANCE[name] for name, value in apart.items()),
    }  # fmt: skip


def _show(found: list[dict[str, Any]]) -> None:
    head = ["operators", "load", "patience s", "calls", "in 20 s %", "apart", "left %", "apart",
            "answer s", "apart %", "(1 error %)", ""]  # fmt: skip
    rows = [
        [
            one["operators"], f"{one['load']:g}", _seconds(one["patience_seconds"]), f"{one['calls']:,}",
            f"{100 * one['service_level']:.2f}", f"{100 * one['apart']['service_level']:+.2f}",
            f"{100 * one['abandons']:.2f}", f"{100 * one['apart']['abandons']:+.2f}", f"{one['average_answer']:.2f}",
            f"{100 * one['apart']['average_answer']:+.2f}", f"{100 * one['standard_error']:.2f}",
            "within" if one["within"] else "NOT WITHIN",
        ]
        for one in found
    ]  # fmt: skip
    print(table(head, rows) + "\n")


def _seconds(patience: float | None) -> str:
    return "-" if patience is None else f"{patience:g}"
