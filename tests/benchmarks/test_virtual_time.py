"""The queue on virtual time: exact where theory is exact, and nobody is ever lost in it."""

import math
import random
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.queues import strategies
from apps.queues.strategies import Candidate, Wanted
from benchmarks.announced import compared
from benchmarks.erlang import Traffic, standard_error
from benchmarks.queueing import TOLERANCE, calls_needed, crew, differences, judged, kiefer_wolfowitz, tally
from benchmarks.virtual import Caller, Simulation, callers

NAMES = [
    strategies.LONGEST_IDLE, strategies.ROUND_ROBIN, strategies.FEWEST_CALLS, strategies.LEAST_ACTIVE,
    strategies.RANDOM, strategies.WEIGHTED, strategies.LINEAR, strategies.RING_ALL, strategies.BEST_SKILL,
]  # fmt: skip

# Whole seconds, so that several things happen at the same moment again and again.
whole = st.tuples(st.integers(0, 6), st.integers(0, 12), st.integers(0, 9))
broken = st.tuples(st.floats(0, 6), st.floats(0, 12), st.floats(0, 9))


def _calls(rows, *, patience: bool) -> list[Caller]:
    moments = accumulate(between for between, _talks, _patience in rows)
    return [
        Caller(float(at), float(talks), float(stays) if patience else math.inf)
        for at, (_between, talks, stays) in zip(moments, rows, strict=True)
    ]


@given(st.lists(whole | broken, max_size=60), st.integers(1, 6), st.sampled_from(NAMES))
def test_each_wait_is_the_one_of_the_kiefer_wolfowitz_recursion(rows, operators, strategy):
    calls = _calls(rows, patience=False)
    wanted = Wanted(strategy, requirements=(("language", 1),))

    outcomes = list(Simulation(crew(operators, random.Random(operators)), wanted).run(calls))

    found = {outcome.number: outcome.waited for outcome in outcomes}
    assert [found[number] for number in range(len(calls))] == list(kiefer_wolfowitz(calls, operators))


@given(st.lists(whole | broken, max_size=60), st.integers(1, 6), st.sampled_from(NAMES))
def test_every_caller_is_answered_or_leaves_exactly_once(rows, operators, strategy):
    calls = _calls(rows, patience=True)
    people = [
        Candidate(number, 0.0, tier=1 + number % 2, weight=number, position=-number)
        for number in range(1, operators + 1)
    ]

    outcomes = list(Simulation(people, Wanted(strategy)).run(calls))

    assert sorted(outcome.number for outcome in outcomes) == list(range(len(calls)))
    for number, waited, operator in outcomes:
        if operator is None:
            assert waited == pytest.approx(calls[number].patience)
        else:
            assert 0 <= waited <= calls[number].patience + 1e-9
            assert 1 <= operator <= operators


@given(st.lists(whole, max_size=60), st.integers(1, 6), st.sampled_from(NAMES), st.booleans())
def test_nobody_talks_with_two_at_once_and_nobody_is_overtaken(rows, operators, strategy, patience):
    calls = _calls(rows, patience=patience)

    outcomes = list(Simulation(crew(operators, random.Random(1)), Wanted(strategy)).run(calls))

    answered = [one for one in outcomes if one.operator is not None]
    talks: dict[int, list[tuple[float, float]]] = {}
    for number, waited, operator in answered:
        begins = calls[number].arrives + waited
        talks.setdefault(operator, []).append((begins, begins + calls[number].talks))
    for mine in talks.values():
        mine.sort()
        assert all(ends <= begins for (_, ends), (begins, _) in pairwise(mine))
    assert [one.number for one in answered] == sorted(one.number for one in answered)


@given(st.lists(whole, min_size=1, max_size=40), st.integers(1, 5))
def test_nobody_waits_while_an_operator_is_free(rows, operators):
    calls = _calls(rows, patience=True)

    outcomes = {one.number: one for one in Simulation(crew(operators, random.Random(1))).run(calls)}

    begun = [
        (calls[n].arrives + one.waited, calls[n].arrives + one.waited + calls[n].talks)
        for n, one in outcomes.items() if one.operator is not None
    ]  # fmt: skip
    for number, one in outcomes.items():
        came, left = calls[number].arrives, calls[number].arrives + one.waited
        # In the middle of each piece of the wait between two events all operators are talking.
        edges = sorted({came, left, *(moment for talk in begun for moment in talk if came < moment < left)})
        for begins, ends in pairwise(edges):
            middle = (begins + ends) / 2
            assert sum(since < middle < until for since, until in begun) == operators


def test_the_same_seed_gives_the_same_day_and_another_one_another():
    traffic = Traffic(3, 0.02, 100, patience_seconds=60)

    assert list(callers(traffic, 50, 7)) == list(callers(traffic, 50, 7))
    assert list(callers(traffic, 50, 7)) != list(callers(traffic, 50, 8))


@pytest.mark.parametrize("strategy", NAMES)
def test_a_thousand_calls_by_chance_differ_in_nothing_from_the_recursion(strategy):
    assert differences(strategy, 7, 1000, seed=3) == (strategy, 7, 0, 0.0)


@pytest.mark.parametrize(
    "traffic",
    [Traffic(4, 0.7 * 4 / 180, 180), Traffic(10, 0.97 * 10 / 180, 180, patience_seconds=180)],
    ids=["Erlang C", "Erlang A"],
)
def test_the_averages_come_near_to_theory(traffic):
    seed = "7"  # the same calls each time
    point = judged(traffic, tally(traffic, 40_000, seed))

    # Four standard errors of so few calls; theory knows how large that is.
    assert abs(point["apart"]["average_answer"]) <= 4 * point["standard_error"], f"seed {seed}: {point}"
    assert abs(point["apart"]["service_level"]) <= 0.02, f"seed {seed}: {point}"
    assert abs(point["apart"]["abandons"]) <= 0.01, f"seed {seed}: {point}"


@settings(max_examples=30)
@given(st.integers(1, 50), st.floats(0.4, 0.97))
def test_a_point_gets_the_calls_that_it_takes_to_see_five_per_cent(operators, load):
    traffic = Traffic(operators, load * operators / 180, 180)
    calls = calls_needed(traffic, 100_000)

    assert calls >= 100_000
    assert 3 * standard_error(traffic, calls) <= TOLERANCE["average_answer"] * (1 + 1e-9)


def test_a_point_that_is_apart_is_told_so():
    traffic = Traffic(4, 0.7 * 4 / 180, 180)
    found = tally(traffic, 2000, "7")
    found.in_time += 100

    assert not judged(traffic, found)["within"]


@pytest.mark.parametrize("patience", [None, 180.0], ids=["nobody leaves", "callers leave"])
def test_the_announced_wait_is_the_real_one_on_average(patience):
    found = compared(Traffic(5, 0.95 * 5 / 180, 180, patience), 60_000, "7")

    assert abs(found["told"]["apart"]) < 0.05, f"seed 7: {found}"
    assert found["told"]["from"] < 1 < found["told"]["until"]
    if patience:
        assert found["told_if_nobody_left"]["apart"] > 0.1
