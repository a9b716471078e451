"""The laws of the pacers: what they never do, whatever they are told."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.campaigns.pacing import Agentless, Memory, Power, Predictive, Preview, Progressive, Seen, Situation
from apps.campaigns.pacing.odds import Prices
from apps.campaigns.pacing.predictive import at_worst
from benchmarks.dialing import Campaign, Change, Public, exponential

ages = st.lists(st.floats(0, 300), max_size=25)
seen = st.builds(
    Seen,
    answer_rate=st.floats(0.01, 1),
    dials=st.integers(0, 1500),
    ring_seconds=st.floats(1, 60),
    talk_seconds=st.floats(5, 900),
    wrap_up_seconds=st.floats(0, 120),
    late=st.lists(st.floats(0.1, 3), min_size=1, max_size=21).map(tuple),
)
situations = st.builds(
    lambda answered, lost, **rest: Situation(answered=answered, abandoned=min(lost, answered), **rest),
    ready=st.integers(0, 30),
    talking=ages,
    wrapping_up=ages,
    dialling=ages,
    room=st.integers(0, 60),
    answered=st.integers(0, 20_000),
    lost=st.integers(0, 700),
    seen=seen,
)
WITH_OPERATORS = [Preview(), Progressive(), Power(2.5), Predictive(), Predictive(0.0)]
ALL = [*WITH_OPERATORS, Agentless()]


@given(situations, st.sampled_from(WITH_OPERATORS))
def test_nothing_is_dialled_when_nobody_is_signed_in(now, pacer):
    alone = now._replace(ready=0, talking=(), wrapping_up=())

    assert pacer.count(alone) == 0
    assert "Nobody is signed in" in pacer.advise(alone).why


@given(situations, st.sampled_from(ALL))
def test_no_pacer_goes_beyond_the_limits_or_below_nothing(now, pacer):
    assert 0 <= pacer.count(now) <= now.room


@given(situations, st.sampled_from(ALL))
def test_the_advice_counts_as_the_count_and_says_why_in_a_sentence(now, pacer):
    advice = pacer.advise(now)

    assert advice.dial == pacer.count(now)
    assert advice.why.endswith(".")
    assert advice.why[0].isupper() or advice.why[0].isdigit()


@settings(max_examples=200)
@given(situations, st.sampled_from(ALL))
def test_one_more_ready_operator_never_means_fewer_calls(now, pacer):
    assert pacer.count(now._replace(ready=now.ready + 1)) >= pacer.count(now)


@given(situations, st.sampled_from([Preview(), Progressive(), Predictive(0.0)]))
def test_without_abandoned_calls_nobody_is_dialled_for_whom_no_operator_is_ready(now, pacer):
    assert pacer.count(now) <= max(0, now.ready - len(now.dialling))


@given(situations)
def test_a_spent_account_leaves_only_calls_that_cost_nothing(now):
    spent = now._replace(abandoned=int(0.03 * now.answered) + 1, answered=max(now.answered, 1))

    assert Predictive(0.03).count(spent) == Progressive().count(spent)


@given(situations)
def test_the_predictive_pacer_never_dials_less_than_the_progressive_one(now):
    assert Predictive().count(now) >= Progressive().count(now)


@given(situations)
def test_what_the_calls_in_the_air_may_cost_at_worst_is_always_on_the_account(now):
    pacer, risked = Predictive(), len(now.dialling)
    dialled = pacer.count(now)
    if dialled and risked + dialled > now.ready:
        assert pacer.account(now) > at_worst(risked + dialled, now.seen.answer_rate, now.signed_in)


@given(situations, st.integers(0, 20_000), st.integers(0, 700))
def test_a_good_day_that_leaves_the_window_makes_no_room(now, answered, abandoned):
    less = now._replace(leaving_answered=answered, leaving_abandoned=abandoned)

    assert Predictive().account(less) <= Predictive().account(now)
    assert Predictive().count(less) <= Predictive().count(now)


@given(situations, st.integers(1, 100))
def test_more_lost_calls_never_mean_more_dials(now, more):
    assert Predictive().count(now._replace(abandoned=now.abandoned + more)) <= Predictive().count(now)


@given(st.integers(1, 25), st.floats(0.05, 1), st.floats(0.01, 2))
def test_a_call_is_dearer_with_more_in_the_air_and_with_more_operators_busy(operators, rate, back):
    prices = Prices(operators, rate, back)
    table = [[prices.price(busy, dialling) for dialling in range(30)] for busy in range(operators + 1)]

    assert all(-1e-9 <= price <= 1 + 1e-9 for row in table for price in row)
    assert all(less <= more + 1e-9 for row in table for less, more in pairwise(row))
    assert all(a <= b + 1e-9 for free, busy in pairwise(table) for a, b in zip(free, busy, strict=True))


def test_a_call_with_a_ready_operator_of_its_own_costs_nothing_and_one_more_on_a_full_floor_costs_itself():
    prices = Prices(3, 0.5, 1e-9)

    assert [prices.price(0, dialling) for dialling in range(3)] == [0.0, 0.0, 0.0]
    assert prices.price(0, 3) == pytest.approx(0.5**3)
    assert prices.price(3, 0) == pytest.approx(1.0)


@pytest.mark.parametrize(("limit", "ratio"), [(-0.01, 0.5), (1.0, 0.0), (float("nan"), float("nan"))])
def test_a_limit_that_is_no_share_and_a_ratio_below_one_are_refused(limit, ratio):
    with pytest.raises(ValueError, match="share of the answered calls"):
        Predictive(limit)
    with pytest.raises(ValueError, match="1 or more"):
        Power(ratio)


def test_the_memory_finds_the_rate_and_forgets_it_when_it_changes():
    memory = Memory()
    for number in range(1000):
        memory.dialled(answered=number % 20 < 3, ring_seconds=12)
    assert memory.seen().answer_rate == pytest.approx(0.15, abs=0.01)
    assert memory.seen().dials == 1000

    for number in range(60):
        memory.dialled(answered=number % 5 < 2, ring_seconds=12)

    assert memory.seen().answer_rate == pytest.approx(0.40, abs=0.08)
    assert memory.seen().dials < 200


def test_the_memory_learns_that_who_has_not_answered_for_long_will_not():
    memory = Memory()
    for number in range(600):
        answered = number % 3 == 0
        memory.dialled(answered=answered, ring_seconds=8 if answered else 25)

    late = memory.seen().late

    assert late[0] == pytest.approx(1.0)
    assert late[6] < 0.2  # after 12 seconds


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 12), st.floats(0.1, 0.9), st.floats(5, 20), st.floats(30, 200), st.floats(0.1, 0.9),
    st.integers(1, 12), st.integers(),
)  # fmt: skip
def test_in_no_campaign_more_is_lost_than_the_limit_at_any_moment(before, rate, ring, talk, later, after, seed):
    changes = [
        Change(0, Public(rate, exponential(ring), exponential(ring), exponential(talk)), before),
        Change(5 * 3600, Public(later, exponential(ring), exponential(ring), exponential(talk)), max(before, after)),
    ]

    tallies = Campaign(Predictive(0.03), changes, seed=seed).run(8 * 3600)

    assert max(one.highest for one in tallies) <= 0.031, f"seed {seed}"


@given(st.integers(1, 12), st.floats(0.1, 0.9), st.integers())
@settings(max_examples=15, deadline=None)
def test_the_profile_without_abandoned_calls_loses_none(operators, rate, seed):
    public = Public(rate, exponential(12), exponential(12), exponential(120))

    (tally,) = Campaign(Predictive(0.0), [Change(0, public, operators)], seed=seed).run(3600)

    assert tally.answered
    assert tally.abandoned == 0


def test_ten_operators_talk_nearly_as_much_as_the_best_plan_allows():
    public = Public(0.3, exponential(12), exponential(12), exponential(120))

    (tally,) = Campaign(Predictive(0.03), [Change(0, public, 10)], seed=7).run(100 * 3600)

    assert tally.lost <= 0.03
    assert tally.utilisation >= 0.95 * 0.847
