"""Who waits meets who is free: assignments a second and how long each takes, in PostgreSQL and in memory.

The dispatcher of the product with all that it writes (offer, engagement, line, events, nudges), one by one and in
batches, beside the bare transaction that only writes two rows and the best single statement, in the same run. Each
round begins with everybody ready and everybody waiting and ends when nobody more can be served, or when time is up.
Then the strategies alone, without a database, with and without the reasons that are kept of every decision.
"""

from __future__ import annotations

import json
import random
import time
from argparse import ArgumentParser
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.core.management import call_command
from django.db import connections

from apps.queues.strategies import Candidate, Hall, Waiting, Wanted, assign
from benchmarks import bare
from benchmarks.crowd import LEVEL, QUEUES, SKILLS_EACH, Crowd
from benchmarks.drain import BATCHES, ONE_BY_ONE, PRODUCT, STATEMENT, TWO_ROWS, WAYS, WITHOUT, Dispatchers, Took
from benchmarks.figures import load_average, table
from benchmarks.house import House

# Operators, waiting; and how many dispatchers at once.
SIZES = ((10, 10), (10, 5000), (1000, 10), (1000, 1000), (10000, 10), (10000, 1000), (10000, 5000))
DISPATCHERS = {(1000, 1000): (1, 2, 4, 8), (10000, 5000): (1, 8)}
LONGEST_S = 3.0  # of one way at one size, with what must be put back between the rounds
AIMS = {"one_by_one_against_statement": 1.0, "core_per_second": 10_000, "ten_thousand_against_thousand": 1.5,
        "doubles": 0}  # fmt: skip

Found = dict[tuple[int, int, int, str], Took]


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=0.6, help="of each way at each size (%(default)s)")
    parser.add_argument(
        "--largest", type=int, default=10_000, help="sizes with more operators are left out (%(default)s)"
    )
    parser.add_argument("--clients", type=int, default=1, help="whose lines know nothing of each other (%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    connections.close_all()  # the dispatchers shall inherit none
    found: Found = {}
    with Dispatchers(8) as dispatchers:
        for operators, waiting in [size for size in SIZES if size[0] <= options.largest]:
            print(f"  {operators} operators, {waiting} waiting (load average {load_average()})", flush=True)
            crowd = Crowd(operators, waiting, options.clients)
            bare.make(operators, waiting)
            for count in DISPATCHERS.get((operators, waiting), (1,)):
                for way in WAYS:
                    found[operators, waiting, count, way] = measured(
                        house, dispatchers, way, count, crowd, options.seconds
                    )
    core = {f"{operators}": in_memory(operators, options.seconds) for operators in (10, 1000, 10000)}
    show(found, core)
    ratios = compare(found, core)
    return {
        "cells": {f"{way}, {operators} operators, {waiting} waiting, {count} at once": took.figures()
                  for (operators, waiting, count, way), took in found.items()},
        "core": core, "ratios": ratios, "aims": AIMS, "load_average": load_average(),
        "aims_met": {
            "one_by_one_against_statement": ratios["one_by_one_against_statement"] >= 1,
            "core_per_second": all(one["assign_per_second"] >= AIMS["core_per_second"] for one in core.values()),
            "ten_thousand_against_thousand": 0 < ratios["ten_thousand_against_thousand"] <= 1.5,  # 0: left out
            "doubles": not any(took.doubles for took in found.values()),
        },
    }  # fmt: skip


def measured(house: House, dispatchers: Dispatchers, way: str, count: int, crowd: Crowd, seconds: float) -> Took:
    """Rounds until they have lasted so long together, or for LONGEST_S with all that is put back between them."""
    sums, until = Took(), time.monotonic() + LONGEST_S
    table_owner: Any = crowd if way in PRODUCT else bare
    while sums.seconds < seconds and time.monotonic() < until:
        table_owner.reset()
        pairs = min(crowd.operators, crowd.waiting)
        before = house.cpu()["database"]
        took = dispatchers.drain(way, count, crowd.queues, pairs, seconds - sums.seconds)
        sums.database += house.cpu()["database"] - before
        sums.python += took.python
        sums.assigned += took.assigned
        sums.seconds += took.seconds
        sums.each += took.each
        sums.given_up += took.given_up
        sums.doubles += table_owner.doubles()
    return sums


def in_memory(operators: int, seconds: float) -> dict[str, float]:
    """The strategies alone, so many operators with skills: assignments a second.

    assign: a round of its own each time, from lists, as the dispatcher does it, with as many callers as operators but
    at most 5,000. kept: one hall that is told of each change, where a caller comes and an operator is free again.
    json_bytes: of what is kept of one decision.
    """
    chance, queues = random.Random(operators), range(QUEUES)
    wanted = {queue: Wanted(requirements=((f"Skill {queue}", LEVEL),)) for queue in queues}
    people: dict[int, list[Candidate]] = {queue: [] for queue in queues}
    serves = [chance.sample(queues, SKILLS_EACH) for _ in range(operators)]
    for number, mine in enumerate(serves):
        skills = {f"Skill {queue}": chance.randint(1, 10) for queue in mine}
        for queue in mine:
            people[queue].append(Candidate(number, chance.random(), skills=skills))
    callers = [
        Waiting(number, float(number), number % QUEUES, seed=f"{number}/0") for number in range(min(operators, 5000))
    ]
    hall, known = Hall(wanted), {}
    for queue, members in people.items():
        for one in members:
            known[one.operator_id] = one
            hall.ready(queue, one, 5000.0)

    def kept() -> int:
        done = 0
        for waiting in callers:
            hall.arrives(waiting)
            for decision in hall.match(5000.0, explain=False):
                done += 1
                again = known[decision.chosen[0]] = known[decision.chosen[0]]._replace(idle_since=float(done))
                for queue in serves[again.operator_id]:
                    hall.ready(queue, again, 5000.0)
        return done

    decisions = assign(wanted, callers, people, 6000.0)
    return {
        "assign_per_second": _rate(lambda: len(assign(wanted, callers, people, 6000.0)), seconds),
        "assign_without_reasons_per_second": _rate(
            lambda: len(assign(wanted, callers, people, 6000.0, explain=False)), seconds
        ),
        "json_per_second": _rate(lambda: len([json.dumps(one.as_json()) for one in decisions]), seconds),
        "json_bytes": round(sum(len(json.dumps(one.as_json())) for one in decisions) / len(decisions)),
        "kept_per_second": _rate(kept, seconds),
    }


def _rate(step: Callable[[], int], seconds: float) -> float:
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        done += step()
    return round(done / (time.perf_counter() - began))


def compare(found: Found, core: dict[str, dict[str, float]]) -> dict[str, float]:
    def times(a: Took, b: Took) -> float:
        return round(a.per_second / b.per_second, 3) if b.per_second else 0.0

    def cheaper(a: Took, b: Took) -> float:
        return round(a.processor_ms() / b.processor_ms(), 2) if b.processor_ms() else 0.0

    size, ten, tens = (1000, 1000, 1), (1000, 10, 1), (10000, 10, 1)
    found = {**dict.fromkeys([(10000, 1000, 1, BATCHES), (*tens, ONE_BY_ONE)], Took()), **found}
    return {
        "one_by_one_processor_against_statement": cheaper(found[*size, ONE_BY_ONE], found[*size, STATEMENT]),
        "batches_processor_against_statement": cheaper(found[*size, BATCHES], found[*size, STATEMENT]),
        "one_by_one_against_statement": times(found[*size, ONE_BY_ONE], found[*size, STATEMENT]),
        "batches_against_statement": times(found[*size, BATCHES], found[*size, STATEMENT]),
        "batches_against_two_rows": times(found[*size, BATCHES], found[*size, TWO_ROWS]),
        "reasons_cost": times(found[*size, WITHOUT], found[*size, BATCHES]),
        "ten_thousand_against_thousand": times(found[1000, 1000, 1, BATCHES], found[10000, 1000, 1, BATCHES]),
        "ten_thousand_against_thousand_one_by_one": times(found[*ten, ONE_BY_ONE], found[*tens, ONE_BY_ONE]),
        "core_ten_thousand_against_thousand": round(
            core["1000"]["kept_per_second"] / core["10000"]["kept_per_second"], 2
        ),
    }


def show(found: Found, core: dict[str, dict[str, float]]) -> None:
    head = ["way", "operators", "waiting", "dispatchers", "per s", "p50 ms", "p99 ms", "processor ms", "doubles",
            "given up"]  # fmt: skip
    rows = []
    for (operators, waiting, count, way), took in found.items():
        figures = took.figures()
        names = ("per_second", "p50_ms", "p99_ms", "processor_ms", "doubles", "given_up")
        rows.append([way, operators, waiting, count, *(figures[name] for name in names)])
    print("\n" + table(head, rows) + "\n")
    names = [
        "assign_per_second",
        "assign_without_reasons_per_second",
        "json_per_second",
        "json_bytes",
        "kept_per_second",
    ]
    words = ["assign per s", "without reasons", "reasons to JSON", "bytes each", "hall kept, one by one per s"]
    print(table(["in memory, operators", *words],
                [[size, *(one[name] for name in names)] for size, one in core.items()]) + "\n")  # fmt: skip
