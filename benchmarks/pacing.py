"""The predictive pacer on virtual time: how much operators talk and how many calls are lost, against the optimum.

1. Steady: the floors whose exact optimum is known (exponential ring and talk, a call without an operator lost at once).
The pacer begins with an empty memory and knows none of the parameters; the optimum and the best fixed ratio know them
all. 2. Steps: after half of the time more people answer (0.15 to 0.40), or two operators of five leave; the share lost
over the policy's window (half of the run) must never exceed the limit, at any moment.
3. As in life: people pick up after nine seconds or so, others ring out after 25, operators wrap up; there the best
fixed ratio is found by trying.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from multiprocessing import Pool
from types import SimpleNamespace
from typing import Any, NamedTuple

from apps.campaigns.pacing import Pacer, Power, Predictive, Progressive
from benchmarks.dialing import Campaign, Change, Public, Tally, about, exponential
from benchmarks.figures import table
from benchmarks.house import House

LIMIT = 0.03
AIM = 0.97  # of the optimum
HOUR = 3600.0
WINDOW = 30 * 8 * HOUR  # thirty working days


class Known(NamedTuple):
    """A floor whose optimum is known: Markov decision process, value iteration, at most 3 % lost. `fixed`: the most
    that any fixed number of calls per ready operator reaches."""

    operators: int
    answer_rate: float
    ring: float
    talk: float
    optimum: float
    fixed: float | None


KNOWN = (
    Known(5, 0.3, 12, 120, 0.811, 0.750), Known(10, 0.3, 12, 120, 0.847, 0.814), Known(20, 0.3, 12, 120, 0.889, 0.864),
    Known(50, 0.3, 12, 120, 0.935, 0.932), Known(100, 0.3, 12, 120, 0.958, None),
    Known(5, 0.3, 12, 240, 0.884, 0.857), Known(10, 0.3, 12, 240, 0.899, 0.857), Known(20, 0.3, 12, 240, 0.920, 0.909),
    Known(50, 0.3, 12, 240, 0.949, 0.947),
    Known(5, 0.15, 15, 120, 0.732, 0.712), Known(10, 0.15, 15, 120, 0.808, 0.792),
    Known(20, 0.15, 15, 120, 0.870, 0.865), Known(50, 0.15, 15, 120, 0.927, 0.926),
)  # fmt: skip
FLOORS = (5, 10, 20, 50, 100)
ANSWERS, LEAVING = "answers 0.15 to 0.40", "operators leave"
LIFE = Public(0.3, about(9, 0.5), lambda chance: 25.0, about(120, 0.8))
LIFE_WRAP_UP = about(20, 0.3)
RATIOS = tuple(1 + step / 4 for step in range(17))  # tried as fixed numbers of calls per ready operator


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--agents", default=",".join(map(str, FLOORS)), help="sizes of the floor (%(default)s)")
    parser.add_argument("--calls", type=int, default=60_000, help="answered in each steady run (%(default)s)")
    parser.add_argument("--step-calls", type=int, default=30_000, help="about, in each run with a step (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="of each step, with other chances (%(default)s)")
    parser.add_argument("--seed", default="1", help="(%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    floors = [int(one) for one in options.agents.split(",")]
    print(f"seed {options.seed}\n")
    began = time.monotonic()
    with Pool(2) as pool:
        steady = _each(pool, _steady, [(one, options) for one in KNOWN if one.operators in floors])
        _show_steady(steady)
        jobs = [
            (kind, one, turn, options) for one in floors for kind in (ANSWERS, LEAVING) for turn in range(options.runs)
        ]
        steps = _each(pool, _step, jobs)
        _show_steps(steps)
        life = _each(pool, _life, [(one, options) for one in floors])
        _show_life(life)
    worst = min(one["of_optimum"] for one in steady) if steady else None
    return {
        "steady": steady, "steps": steps, "life": life, "worst_of_optimum": worst,
        "highest_lost_in_window": max(one["highest"] for one in [*steady, *steps, *life]),
        "virtual_seconds_each": round(time.monotonic() - began, 1),
        "aims": {"of_optimum": AIM, "lost": LIMIT},
        "aims_met": {
            "of_optimum": all(one["of_optimum"] >= AIM and one["lost"] <= LIMIT for one in steady),
            "never_above_after_steps": all(one["highest"] <= LIMIT for one in steps),
            "beats_fixed": all(
                one["utilisation"] > one["fixed"] for one in steady
                if one["fixed"] is not None and one["optimum"] - one["fixed"] >= 0.02
            ),
        },
    }  # fmt: skip


def _each(pool: Any, work: Callable[[Any], dict[str, Any]], jobs: list[Any]) -> list[dict[str, Any]]:
    """In the order of the jobs; the largest floors begin first, so that both processors are busy to the end."""
    order = sorted(range(len(jobs)), key=lambda number: -_size(jobs[number]))
    found = dict(zip(order, pool.imap(work, [jobs[number] for number in order]), strict=True))
    return [found[number] for number in range(len(jobs))]


def _size(job: tuple[Any, ...]) -> int:
    first = job[0]
    return first.operators if isinstance(first, Known) else next(part for part in job if isinstance(part, int))


def public(answer_rate: float, ring: float, talk: float) -> Public:
    return Public(answer_rate, exponential(ring), exponential(ring), exponential(talk))


def _steady(job: tuple[Known, SimpleNamespace]) -> dict[str, Any]:
    known, options = job
    changes = [Change(0, public(known.answer_rate, known.ring, known.talk), known.operators)]
    seconds = options.calls * known.talk / known.operators / known.optimum
    found, cpu = _timed(Predictive(LIMIT), changes, seconds, seed=f"{options.seed} {known[:4]}")
    return {
        "operators": known.operators, "answer_rate": known.answer_rate, "ring": known.ring, "talk": known.talk,
        "optimum": known.optimum, "fixed": known.fixed, **_figures(found[0]),
        "of_optimum": round(found[0].utilisation / known.optimum, 4), "cpu_seconds": cpu,
        "decision_us": round(1e6 * cpu / (2 * found[0].dials + found[0].answered), 1),
    }  # fmt: skip


def _step(job: tuple[str, int, int, SimpleNamespace]) -> dict[str, Any]:
    kind, operators, turn, options = job
    seconds = options.step_calls * 150 / operators
    before = public(0.15, 15, 120) if kind == ANSWERS else public(0.3, 12, 120)
    after = public(0.40, 15, 120) if kind == ANSWERS else before
    left = operators if kind == ANSWERS else round(operators * 0.6)
    changes = [Change(0, before, operators), Change(seconds / 2, after, left)]
    seed = f"{options.seed} {kind} {operators} {turn}"
    found, _cpu = _timed(Predictive(LIMIT), changes, seconds, seed=seed, window=seconds / 2)
    return {
        "step": kind, "operators": operators, "operators_after": left, "run": turn,
        "before": _figures(found[0]), "after": _figures(found[1]),
        "highest": round(max(one.highest for one in found), 5),
    }  # fmt: skip


def _life(job: tuple[int, SimpleNamespace]) -> dict[str, Any]:
    operators, options = job
    calls = options.calls / 3
    seconds = calls * 160 / operators

    def tried(pacer: Pacer) -> Tally:
        return _timed(pacer, [Change(0, LIFE, operators)], seconds, seed=options.seed, wrap_up=LIFE_WRAP_UP)[0][0]

    best, best_ratio = tried(Progressive()), 1.0
    for ratio in RATIOS[1:]:
        found = tried(Power(ratio))
        if found.lost > LIMIT:
            break
        if found.utilisation > best.utilisation:
            best, best_ratio = found, ratio
    return {
        "operators": operators, **_figures(tried(Predictive(LIMIT))),
        "fixed": round(best.utilisation, 4), "fixed_ratio": best_ratio, "fixed_lost": round(best.lost, 4),
    }  # fmt: skip


def _timed(
    pacer: Pacer, changes: list[Change], seconds: float, *, seed: str, window: float = WINDOW, wrap_up: Any = None
) -> tuple[list[Tally], float]:
    began = time.process_time()
    found = Campaign(pacer, changes, wrap_up, seed, window).run(seconds)
    return found, round(time.process_time() - began, 2)


def _figures(one: Tally) -> dict[str, Any]:
    return {
        "hours": round(one.seconds / HOUR, 1), "dials": one.dials, "answered": one.answered,
        "abandoned": one.abandoned, "utilisation": round(one.utilisation, 4), "lost": round(one.lost, 5),
        "highest": round(one.highest, 5),
    }  # fmt: skip


def _show_steady(found: list[dict[str, Any]]) -> None:
    head = ["operators", "answer", "ring s", "talk s", "talking", "optimum", "of it %", "fixed ratio", "lost %",
            "highest %", "us a decision"]  # fmt: skip
    rows = [
        [
            one["operators"], one["answer_rate"], one["ring"], one["talk"], f"{one['utilisation']:.3f}",
            f"{one['optimum']:.3f}", f"{100 * one['of_optimum']:.1f}",
            "-" if one["fixed"] is None else f"{one['fixed']:.3f}", f"{100 * one['lost']:.2f}",
            f"{100 * one['highest']:.2f}", one["decision_us"],
        ]
        for one in found
    ]  # fmt: skip
    print(table(head, rows) + "\n", flush=True)


def _show_steps(found: list[dict[str, Any]]) -> None:
    head = ["step", "operators", "talking before", "lost %", "talking after", "lost %", "highest in window %"]
    rows = [
        [
            one["step"], f"{one['operators']} > {one['operators_after']}", f"{one['before']['utilisation']:.3f}",
            f"{100 * one['before']['lost']:.2f}", f"{one['after']['utilisation']:.3f}",
            f"{100 * one['after']['lost']:.2f}", f"{100 * one['highest']:.2f}",
        ]
        for one in found
    ]  # fmt: skip
    print(table(head, rows) + "\n", flush=True)


def _show_life(found: list[dict[str, Any]]) -> None:
    head = ["as in life, operators", "talking", "lost %", "highest %", "best fixed ratio", "talking", "lost %"]
    rows = [
        [
            one["operators"], f"{one['utilisation']:.3f}", f"{100 * one['lost']:.2f}", f"{100 * one['highest']:.2f}",
            one["fixed_ratio"], f"{one['fixed']:.3f}", f"{100 * one['fixed_lost']:.2f}",
        ]
        for one in found
    ]  # fmt: skip
    print(table(head, rows) + "\n", flush=True)
