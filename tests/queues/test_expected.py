"""The expected wait, as a sum of steps forward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.queues.expected import expected_wait

places, staff = st.integers(1, 60), st.integers(1, 200)
handle, rates = st.floats(1, 3600), st.floats(0, 0.1)


@given(places, staff, handle)
def test_without_leavers_it_is_the_place_times_a_call_shared_by_all(place, staff, handle):
    assert expected_wait(place, staff=staff, handle_seconds=handle) == pytest.approx(place * handle / staff)


@given(places, staff, handle, rates)
def test_each_place_further_back_waits_longer_but_by_less_where_callers_leave(place, staff, handle, rate):
    first, second, third = (
        expected_wait(place + more, staff=staff, handle_seconds=handle, leave_rate=rate) for more in range(3)
    )

    assert first < second < third
    assert third - second <= second - first + 1e-6


@given(places, staff, handle, rates, rates)
def test_the_more_leave_the_shorter_it_is_and_never_shorter_than_one_step(place, staff, handle, one, other):
    few, many = sorted((one, other))
    longer, shorter = (
        expected_wait(place, staff=staff, handle_seconds=handle, leave_rate=rate) for rate in (few, many)
    )

    assert handle / staff <= shorter * (1 + 1e-12)
    assert shorter <= longer * (1 + 1e-12)
