"""Whom a call is offered to: properties that hold for every set of candidates."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.queues import strategies
from apps.queues.strategies import (
    BREATH,
    LONGEST_IDLE,
    RANDOM,
    RING_ALL,
    ROUND_ROBIN,
    WEIGHTED,
    Candidate,
    Decision,
    Waiting,
    Wanted,
    assign,
    decide,
    words,
)

NOW = 1_780_000_000.0
NAMES = [
    LONGEST_IDLE, ROUND_ROBIN, strategies.FEWEST_CALLS, strategies.LEAST_ACTIVE, RANDOM, WEIGHTED, strategies.LINEAR,
    RING_ALL, strategies.BEST_SKILL,
]  # fmt: skip
SKILLS = ["Spanish", "Refunds"]

moments = st.integers(0, 3600).map(lambda seconds: NOW - seconds)
candidates = st.lists(
    st.builds(
        Candidate, operator_id=st.integers(1, 10**6), idle_since=moments, name=st.sampled_from(["", "Ana", "Ben"]),
        last_offered_at=st.none() | moments, calls=st.integers(0, 9), active_seconds=st.integers(0, 9000),
        skills=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 10)), tier=st.integers(1, 3),
        weight=st.integers(1, 100), position=st.integers(0, 5),
        rests_until=st.none() | st.integers(-20, 20).map(lambda seconds: NOW + seconds),
        rests_after=st.sampled_from(["", "missed", "declined"]),
    ),
    max_size=14, unique_by=lambda one: one.operator_id,
)  # fmt: skip
settings = st.builds(
    Wanted, strategy=st.sampled_from(NAMES),
    requirements=st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 10)).map(lambda found: tuple(found.items())),
    relaxations=st.lists(st.tuples(st.integers(1, 90), st.integers(0, 9)), max_size=3).map(tuple),
    tier_wait=st.sampled_from([0, 20]), prefer_wait=st.sampled_from([0, 30]),
)  # fmt: skip


@st.composite
def questions(draw) -> tuple[Wanted, Waiting, list[Candidate]]:
    """A queue, a caller and candidates; some of these passed the caller, are preferred or named."""
    people = draw(candidates)
    keys = [one.operator_id for one in people] or [1]
    caller = Waiting(
        7, NOW - draw(st.integers(0, 100)), seed=draw(st.sampled_from(["7/0", "7/1"])),
        passes=draw(st.dictionaries(st.sampled_from(keys), st.integers(0, 40).map(lambda ago: NOW - ago))),
        reserved_for=draw(st.none() | st.none() | st.sampled_from(keys)),
        preferred=draw(st.none() | st.sampled_from([*keys, 10**7])), preferred_why="last",
    )  # fmt: skip
    return draw(settings), caller, people


@given(questions(), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(question, random):
    wanted, caller, people = question
    mixed = list(people)
    random.shuffle(mixed)

    assert decide(wanted, caller, mixed, NOW) == decide(wanted, caller, people, NOW)


@given(questions())
def test_nobody_who_is_excluded_is_chosen(question):
    wanted, caller, people = question
    decision = decide(wanted, caller, people, NOW)

    by_key = {one.operator_id: one for one in people}
    asked = wanted.asked(decision.waited)
    for key in decision.chosen:
        one = by_key[key]
        assert key not in caller.passes or NOW - caller.passes[key] >= BREATH
        if caller.reserved_for is not None:
            assert key == caller.reserved_for
            continue
        assert all(one.skills.get(skill, 0) >= level for skill, level in asked.items())
        assert one.rests_until is None or one.rests_until <= NOW
        assert one.tier == 1 or decision.waited >= (one.tier - 1) * wanted.tier_wait or key == caller.preferred


@given(questions())
def test_every_candidate_is_able_or_left_out_for_a_reason(question):
    wanted, caller, people = question
    decision = decide(wanted, caller, people, NOW)

    assert decision.able + sum(decision.excluded.values()) == len(people)
    assert len(decision.rows) == min(decision.able, max(10, len(decision.chosen) + 1))
    assert len(decision.shut_out) == min(sum(decision.excluded.values()), 6)
    kept = [row.candidate.operator_id for row in (*decision.rows, *decision.shut_out)]
    assert len(set(kept)) == len(kept)
    assert tuple(kept[: len(decision.chosen)]) == decision.chosen
    assert all(row.words for row in (*decision.rows, *decision.shut_out))
    assert decision.words.endswith(".")


@given(questions())
def test_somebody_is_asked_when_somebody_may_be(question):
    wanted, caller, people = question
    free = caller._replace(reserved_for=None, preferred=None)
    decision = decide(wanted, free, people, NOW)

    assert bool(decision.chosen) == bool(decision.able)


@given(questions(), st.integers(0, 100))
def test_a_longer_wait_never_shuts_anybody_out(question, more):
    wanted, caller, people = question
    patient = caller._replace(place_at=caller.place_at - more, preferred=None, reserved_for=None)
    eager = caller._replace(preferred=None, reserved_for=None)

    assert decide(wanted, patient, people, NOW).able >= decide(wanted, eager, people, NOW).able


@given(questions())
def test_a_lower_tier_comes_first(question):
    wanted, caller, people = question
    decision = decide(wanted, caller._replace(preferred=None, reserved_for=None, passes={}), people, NOW)

    tiers = [row.candidate.tier for row in decision.rows]
    assert tiers == sorted(tiers)


@given(questions())
def test_who_has_not_passed_the_caller_comes_before_who_has(question):
    wanted, caller, people = question
    decision = decide(wanted, caller._replace(preferred=None, reserved_for=None), people, NOW)

    passed = [row.candidate.operator_id in caller.passes for row in decision.rows]
    assert passed == sorted(passed)


@given(questions())
def test_a_decision_survives_json_and_is_made_again_from_what_it_keeps(question):
    wanted, caller, people = question
    decision = decide(wanted, caller, people, NOW)

    kept = Decision.from_json(json.loads(json.dumps(decision.as_json())))

    assert kept == decision
    if wanted.strategy != RING_ALL or kept.complete:
        assert strategies.replay(kept).chosen == decision.chosen


@given(st.sets(st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 5))
def test_round_robin_gives_everybody_a_turn_before_anybody_has_two_more(operators, rounds):
    last: dict[int, float | None] = dict.fromkeys(operators)
    turns: Counter[int] = Counter()

    for n in range(len(operators) * rounds):
        people = [Candidate(key, NOW, last_offered_at=last[key]) for key in operators]
        (chosen,) = decide(Wanted(ROUND_ROBIN), Waiting(1, NOW), people, NOW).chosen
        last[chosen] = NOW + n
        turns[chosen] += 1

    assert set(turns.values()) == {rounds}


@pytest.mark.parametrize(
    ("strategy", "best"),
    [
        ("longest_idle", 1), ("round_robin", 2), ("fewest_calls", 3), ("least_active", 4), ("linear", 5),
        ("best_skill", 6),
    ],
)  # fmt: skip
def test_each_strategy_takes_the_best_by_its_own_measure(strategy, best):
    people = [
        Candidate(
            key, NOW - (90 if key == 1 else 30), last_offered_at=NOW - (500 if key == 2 else 100),
            calls=0 if key == 3 else 2, active_seconds=10 if key == 4 else 300, position=0 if key == 5 else 3,
            skills={"Spanish": 9 if key == 6 else 5},
        )
        for key in range(1, 7)
    ]  # fmt: skip

    assert decide(Wanted(strategy, (("Spanish", 4),)), Waiting(1, NOW), people, NOW).chosen == (best,)


def test_the_lot_is_fair_and_follows_the_weights():
    people = [Candidate(1, NOW, weight=10), Candidate(2, NOW, weight=30)]

    def taken(strategy: str) -> Counter:
        return Counter(
            decide(Wanted(strategy), Waiting(n, NOW, seed=f"{n}/0"), people, NOW).chosen[0] for n in range(4000)
        )

    assert abs(taken(RANDOM)[2] - 2000) < 130  # four standard deviations
    assert abs(taken(WEIGHTED)[2] - 3000) < 110


def test_everybody_of_the_first_tier_is_rung_at_once():
    people = [Candidate(1, NOW - 5), Candidate(2, NOW - 9), Candidate(3, NOW - 99, tier=2)]

    decision = decide(Wanted(RING_ALL), Waiting(1, NOW), people, NOW)

    assert decision.chosen == (2, 1)
    assert decision.runner_up.operator_id == 3


def test_what_is_asked_for_relaxes_with_the_wait():
    wanted = Wanted(requirements=(("Spanish", 5),), relaxations=((20, 4), (40, 3), (60, 0)))
    people = [Candidate(level, NOW, skills={"Spanish": level} if level else {}) for level in (0, 3, 4)]

    chosen = [decide(wanted, Waiting(1, NOW - waited), people, NOW).able for waited in (0, 19, 20, 40, 59, 60)]

    assert chosen == [0, 0, 1, 2, 2, 3]


def test_the_preferred_operator_is_waited_for_and_then_anybody_does():
    wanted, ben = Wanted(prefer_wait=20), Candidate(2, NOW - 30, "Ben")
    caller = Waiting(1, NOW - 19, preferred=1, preferred_why="last")

    assert decide(wanted, caller, [ben], NOW).chosen == ()
    assert decide(wanted, caller, [ben], NOW).words == "The caller waits for who spoke with the caller last, 1 s more."
    assert decide(wanted, caller, [ben], NOW + 1).chosen == (2,)
    assert decide(wanted, caller, [ben, Candidate(1, NOW, "Ana", tier=3)], NOW).chosen == (1,)
    assert decide(wanted, caller._replace(passes={1: NOW}), [ben], NOW).chosen == (2,)


def test_who_passed_is_asked_again_when_all_others_had_the_caller():
    people = [Candidate(1, NOW - 500), Candidate(2, NOW - 20)]

    assert decide(Wanted(), Waiting(1, NOW, passes={1: NOW - 9, 2: NOW - 6}), people, NOW).chosen == (1,)
    assert decide(Wanted(), Waiting(1, NOW, passes={1: NOW - 2}), people[:1], NOW).chosen == ()


def test_the_sentence_names_the_chosen_the_next_and_who_was_left_out():
    wanted = Wanted(requirements=(("Spanish", 4),))
    people = [
        Candidate(1, NOW - 42, "Ana", skills={"Spanish": 5}), Candidate(2, NOW - 30, "Ben", skills={"Spanish": 4}),
        Candidate(3, NOW - 90, "Carl", skills={"Spanish": 9}, rests_until=NOW + 8, rests_after="missed"),
        Candidate(4, NOW - 90, "Dora", skills={"Spanish": 3}),
    ]  # fmt: skip

    assert decide(wanted, Waiting(1, NOW), people, NOW).words == (
        "Ana: Spanish 5 of 4 asked, idle 42 s, the longest of 2; next would have been Ben (Spanish 4 of 4 asked, idle"
        " 30 s); Carl rests 8 s after a missed call; Dora has only Spanish 3 of 4 asked."
    )


@pytest.mark.parametrize(
    ("span", "said"), [(-3, "0 s"), (41.6, "42 s"), (599, "599 s"), (600, "10 min"), (7199, "119 min"), (7200, "2 h")]
)
def test_spans_are_said_as_exactly_as_they_matter(span, said):
    assert words.seconds(span) == said


def test_a_decision_stays_small_with_ten_thousand_operators():
    people = [Candidate(n, NOW - n, f"Operator {n}", tier=1 + n % 2) for n in range(10_000)]

    decision = decide(Wanted(tier_wait=20), Waiting(1, NOW), people, NOW)

    assert (decision.able, decision.excluded) == (5000, {"tier": 5000})
    assert len(json.dumps(decision.as_json())) < 4000


@given(
    st.lists(st.tuples(questions(), st.booleans(), st.integers(0, 10)), min_size=1, max_size=6),
    candidates,
    st.randoms(),
)
def test_many_at_once_are_served_as_they_would_be_one_by_one(asked, people, random):
    """Queue by queue, with operators shared between all of them."""
    wanted = {n: question[0] for n, (question, _front, _priority) in enumerate(asked)}
    callers = [
        question[1]._replace(
            entry_id=n, queue_id=n % 3 if n % 3 in wanted else n, front=front, priority=priority, seed="s"
        )
        for n, (question, front, priority) in enumerate(asked)
    ]
    mixed = list(callers)
    random.shuffle(mixed)
    found = assign(wanted, mixed, dict.fromkeys(wanted, people), NOW)

    left, expected = {one.operator_id: one for one in people}, []
    for caller in sorted(callers, key=lambda one: (not one.front, -one.priority, one.place_at, one.entry_id)):
        decision = decide(wanted[caller.queue_id], caller, left.values(), NOW)
        if decision.chosen:
            expected.append((caller.entry_id, decision.chosen))
            for key in decision.chosen:
                del left[key]
    assert [(one.entry_id, one.chosen) for one in found] == expected


def test_waiting_raises_the_priority():
    """A caller of priority 5 who gains one each 30 s comes before one of 6 after half a minute."""
    wanted = {1: Wanted(ageing=30), 2: Wanted()}
    people = {1: [Candidate(1, NOW)], 2: [Candidate(1, NOW)]}
    keen = Waiting(20, NOW - 1, queue_id=2, priority=6)

    def first(waited: float) -> int:
        callers = [Waiting(10, NOW - waited, queue_id=1, priority=5), keen]
        (decision,) = assign(wanted, callers, people, NOW)
        return decision.entry_id

    assert [first(29), first(30), first(60)] == [20, 10, 10]


def test_what_is_decided_without_reasons_chooses_the_same_and_says_nothing():
    wanted, callers, people = {1: Wanted()}, [Waiting(1, 0.0, 1)], {1: [Candidate(7, 5.0), Candidate(8, 3.0)]}

    (silent,) = assign(wanted, callers, people, NOW, explain=False)
    (explained,) = assign(wanted, callers, people, NOW)

    assert (silent.chosen, silent.words) == (explained.chosen, "")
    assert explained.words


def test_an_unknown_strategy_is_an_error():
    with pytest.raises(KeyError):
        decide(Wanted("by mood"), Waiting(1, NOW), [Candidate(1, NOW)], NOW)
