"""Erlang B, C and A against published values and against each other."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.erlang import Traffic, erlang_b, figures, longer_than, standard_error

# 100 calls in half an hour of 3 minutes each, as the guides of pyworkforce have them.
HALF_HOUR = 100 / 1800

traffics = st.builds(
    lambda operators, load, talk, patience: Traffic(operators, load * operators / talk, talk, patience),
    st.integers(1, 120), st.floats(0.2, 0.98), st.floats(1, 600), st.none() | st.floats(10, 3000),
)  # fmt: skip


def test_erlang_b_has_the_values_of_its_tables():
    assert erlang_b(10, 10) == pytest.approx(0.2146, abs=5e-5)
    assert erlang_b(5, 1) == pytest.approx(0.003067, abs=5e-7)
    assert erlang_b(0, 3) == 1


def test_erlang_c_has_the_published_values():
    found = figures(Traffic(14, HALF_HOUR, 180), 20)

    assert found.waits == pytest.approx(0.1741319335950498, abs=1e-12)
    assert found.service_level == pytest.approx(0.8883500191794669, abs=1e-12)
    assert found.occupancy == pytest.approx(0.7142857142857143, abs=1e-12)
    assert found.abandons == 0


def test_erlang_a_has_the_published_values():
    found = figures(Traffic(13, HALF_HOUR, 180, patience_seconds=300), 20)

    assert found.abandons == pytest.approx(0.02496, abs=5e-6)
    assert found.waits == pytest.approx(0.2258, abs=5e-5)
    assert found.average_wait / 60 == pytest.approx(0.1248, abs=5e-5)
    assert found.occupancy == pytest.approx(0.75, abs=5e-5)
    assert found.service_level == pytest.approx(0.85818, abs=5e-6)


def test_patience_turns_a_bad_wait_into_a_good_one():
    """The classic comparison: 50 operators, 48 calls a minute of one minute each, patience of two minutes or none."""
    with_patience, without = Traffic(50, 48 / 60, 60, patience_seconds=120), Traffic(50, 48 / 60, 60)

    assert figures(with_patience, 20).abandons == pytest.approx(0.031, abs=5e-4)
    assert figures(with_patience, 20).average_wait == pytest.approx(3.7, abs=0.05)
    assert longer_than(with_patience, 12.5) == pytest.approx(0.1, abs=0.001)
    assert figures(with_patience, 20).occupancy == pytest.approx(0.93, abs=0.005)
    assert figures(without, 20).average_wait == pytest.approx(20.8, abs=0.05)
    assert longer_than(without, 58.1) == pytest.approx(0.1, abs=0.001)
    assert figures(without, 20).occupancy == pytest.approx(0.96)


@given(traffics, st.floats(0, 600))
def test_the_flows_of_callers_balance_and_every_share_is_one(traffic, within):
    found = figures(traffic, within)

    busy = traffic.erlangs * (1 - found.abandons)
    assert found.occupancy * traffic.operators == pytest.approx(busy, rel=1e-9)
    if traffic.patience_seconds is not None:
        assert found.abandons == pytest.approx(found.average_wait / traffic.patience_seconds, rel=1e-9)
    for share in (found.waits, found.abandons, found.service_level, found.occupancy):
        assert -1e-12 <= share <= 1 + 1e-12
    # Answered at once or later: nobody is answered who has left, and who need not wait is answered in time.
    assert 1 - found.waits - 1e-9 <= found.service_level <= 1 - found.abandons + 1e-9
    assert longer_than(traffic, 0) == pytest.approx(found.waits, abs=1e-12)


@given(traffics, st.floats(0, 300), st.floats(0, 300))
def test_more_time_answers_more_and_one_operator_more_never_harms(traffic, one, other):
    soon, late = sorted((one, other))
    more = Traffic(traffic.operators + 1, traffic.calls_per_second, traffic.talk_seconds, traffic.patience_seconds)

    assert figures(traffic, soon).service_level <= figures(traffic, late).service_level + 1e-12
    assert longer_than(traffic, late) <= longer_than(traffic, soon) + 1e-12
    assert figures(more, soon).service_level >= figures(traffic, soon).service_level - 1e-9
    assert figures(more, soon).average_wait <= figures(traffic, soon).average_wait + 1e-9


@given(st.integers(1, 60), st.floats(0.2, 0.9))
def test_endless_patience_is_no_patience_to_lose(operators, load):
    rate = load * operators / 180
    patient, endless = Traffic(operators, rate, 180, patience_seconds=1e10), Traffic(operators, rate, 180)

    for name in ("waits", "service_level", "average_wait", "average_answer"):
        assert getattr(figures(patient, 20), name) == pytest.approx(getattr(figures(endless, 20), name), rel=1e-4)


@pytest.mark.parametrize("rho", [0.5, 0.8, 0.97])
def test_the_error_of_a_mean_wait_is_hardly_above_the_known_one_of_a_single_operator(rho):
    """Closed form per call: rho (2 + 5 rho - 4 rho^2 + rho^3) / (1 - rho)^4; over a stretch of time a bit more."""
    calls, mean = 1_000_000, rho / (1 - rho)
    known = math.sqrt(rho * (2 + 5 * rho - 4 * rho**2 + rho**3) / (1 - rho) ** 4 / calls) / mean

    assert known <= standard_error(Traffic(1, rho, 1.0), calls) <= 1.2 * known
    assert standard_error(Traffic(1, rho, 1.0), 4 * calls) == pytest.approx(
        standard_error(Traffic(1, rho, 1.0), calls) / 2
    )


@pytest.mark.parametrize(
    "facts", [(0, 1, 1), (3, 0, 1), (3, 1, 0), (3, 1, 1, 0), (3, 1, 3)],
    ids=["nobody there", "no calls", "no length", "no patience", "more than can be taken"],
)  # fmt: skip
def test_a_queue_that_cannot_be_is_refused(facts):
    with pytest.raises(ValueError, match=r"must|operator|patience"):
        Traffic(*facts)
