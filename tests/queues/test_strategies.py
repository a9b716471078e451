"""Whom a call is offered to: properties that hold for every set of candidates."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.queues.strategies import BREATH, LONGEST_IDLE, PASS_OVER, ROUND_ROBIN, Candidate, choose, eligible

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)

moments = st.integers(0, 3600).map(lambda seconds: NOW - timedelta(seconds=seconds))
candidates = st.lists(
    st.builds(
        Candidate, operator_id=st.integers(1, 10**6), idle_since=moments, last_offered_at=st.none() | moments,
        passed_at=st.none() | moments,
    ),
    max_size=12, unique_by=lambda one: one.operator_id,
)  # fmt: skip
names = st.sampled_from([LONGEST_IDLE, ROUND_ROBIN])


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@given(names, candidates)
def test_only_who_may_be_asked_is_chosen_and_somebody_is_if_anybody_may(name, people):
    able = {one.operator_id for one in eligible(people, NOW)}

    choice = choose(name, people, NOW)

    assert (choice is None) == (not able)
    assert choice is None or (choice.operator_id in able and choice.words)


@given(names, candidates, st.randoms())
def test_the_order_of_the_candidates_does_not_matter(name, people, random):
    mixed = list(people)
    random.shuffle(mixed)

    assert choose(name, mixed, NOW) == choose(name, people, NOW)


@given(names, candidates)
def test_who_has_not_passed_the_caller_comes_before_who_has(name, people):
    choice = choose(name, people, NOW)

    chosen = next((one for one in people if choice and one.operator_id == choice.operator_id), None)
    if any(one.passed_at is None for one in people):
        assert chosen is not None
        assert chosen.passed_at is None


@given(candidates)
def test_longest_idle_takes_whose_last_work_ended_first(people):
    fresh = [one for one in people if one.passed_at is None]
    choice = choose(LONGEST_IDLE, fresh, NOW)

    if choice is not None:
        idle = {one.operator_id: one.idle_since for one in fresh}
        assert idle[choice.operator_id] == min(idle.values())


@given(st.sets(st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 5))
def test_round_robin_gives_everybody_a_turn_before_anybody_has_two_more(operators, rounds):
    last: dict[int, datetime | None] = dict.fromkeys(operators)
    turns: Counter[int] = Counter()

    for n in range(len(operators) * rounds):
        people = [Candidate(key, NOW, last_offered_at=last[key]) for key in operators]
        choice = choose(ROUND_ROBIN, people, NOW)
        last[choice.operator_id] = NOW + timedelta(seconds=n)
        turns[choice.operator_id] += 1

    assert set(turns.values()) == {rounds}


@given(names, candidates)
def test_nobody_is_asked_twice_for_one_caller_within_a_breath(name, people):
    choice = choose(name, people, NOW)

    chosen = next((one for one in people if choice and one.operator_id == choice.operator_id), None)
    assert chosen is None or chosen.passed_at is None or NOW - chosen.passed_at >= BREATH


def test_who_passed_is_asked_again_when_all_others_had_the_caller():
    people = [Candidate(1, ago(500), passed_at=ago(9)), Candidate(2, ago(20), passed_at=ago(6))]

    assert choose(LONGEST_IDLE, people, NOW).operator_id == 1


def test_who_passed_waits_while_another_has_not_had_the_caller():
    people = [Candidate(1, ago(500), passed_at=ago(9)), Candidate(2, ago(20))]

    assert [one.operator_id for one in eligible(people, NOW)] == [2]


def test_who_passed_is_asked_again_after_a_while_in_any_case():
    people = [Candidate(1, ago(500), passed_at=NOW - PASS_OVER), Candidate(2, ago(20))]

    assert [one.operator_id for one in eligible(people, NOW)] == [1, 2]


def test_a_desk_that_turns_everything_down_is_not_rung_without_end():
    people = [Candidate(1, ago(500), passed_at=ago(2))]

    assert choose(LONGEST_IDLE, people, NOW) is None


def test_the_choice_says_why():
    people = [Candidate(1, ago(95)), Candidate(2, ago(20), last_offered_at=ago(300))]

    assert choose(LONGEST_IDLE, people, NOW).words == "Longest idle of 2 ready: 95 s."
    assert choose(ROUND_ROBIN, people, NOW).words == "Next in turn of 2 ready: had no call of this queue yet."


def test_an_unknown_strategy_is_an_error():
    with pytest.raises(KeyError):
        choose("by mood", [Candidate(1, NOW)], NOW)
