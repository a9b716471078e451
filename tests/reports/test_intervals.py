"""Cutting time, pure."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reports import intervals
from apps.reports.intervals import Size

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "America/Havana", "Australia/Lord_Howe"]
).map(ZoneInfo)
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3 * 365 * 86400).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
HOURS = st.floats(0.01, 300).map(lambda hours: timedelta(hours=hours))


def test_a_day_with_a_change_of_clocks_has_25_hours_and_one_border_each_midnight():
    since, until = datetime(2026, 10, 24, tzinfo=BERLIN), datetime(2026, 10, 27, tzinfo=BERLIN)

    days = intervals.borders(since, until, Size.DAY, BERLIN)

    assert [(b - a).total_seconds() / 3600 for a, b in itertools.pairwise(days)] == [24, 25, 24]
    assert len(intervals.borders(since, until, Size.HOUR, BERLIN)) == 74


def test_weeks_begin_on_monday_and_the_first_and_last_may_be_short():
    since, until = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 18, tzinfo=UTC)

    found = intervals.borders(since, until, Size.WEEK, ZoneInfo("UTC"))

    assert [f"{each:%a %d}" for each in found] == ["Wed 04", "Mon 09", "Mon 16", "Wed 18"]


def test_quarters_begin_at_the_quarters_of_the_place():
    since = datetime(2026, 3, 4, 10, 7, tzinfo=UTC)

    found = intervals.borders(since, since + timedelta(minutes=30), Size.QUARTER, ZoneInfo("Asia/Kathmandu"))

    assert [f"{each:%H:%M}" for each in found] == ["10:07", "10:15", "10:30", "10:37"]


def test_a_period_that_ends_before_it_begins_and_one_with_too_many_intervals_are_refused():
    since = datetime(2026, 3, 4, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends before"):
        intervals.borders(since, since, Size.DAY, BERLIN)
    with pytest.raises(intervals.TooMany):
        intervals.borders(since, since + timedelta(days=30), Size.QUARTER, BERLIN)


@given(MOMENTS, HOURS, st.sampled_from(Size), ZONES)
def test_borders_rise_from_the_beginning_to_the_end_by_a_length_at_most(since, length, size, zone):
    cuts = intervals.borders(since, since + length, size, zone)

    assert cuts[0] == since and cuts[-1] == since + length
    longest = {Size.QUARTER: 0.25, Size.HALF: 0.5, Size.HOUR: 1, Size.DAY: 25, Size.WEEK: 169}[size]
    steps = [(b - a).total_seconds() / 3600 for a, b in itertools.pairwise(cuts)]
    assert all(0 < step <= longest + 1e-9 for step in steps)


@given(MOMENTS, HOURS, st.sampled_from(Size), ZONES, st.floats(-400, 400), HOURS)
def test_a_span_cut_at_the_borders_is_whole_again(since, length, size, zone, offset, lasting):
    cuts = intervals.borders(since, since + length, size, zone)
    begin = since + timedelta(hours=offset)
    end = begin + lasting

    parts = intervals.split(begin, end, cuts)

    inside = (min(end, cuts[-1]) - max(begin, cuts[0])).total_seconds()
    assert sum(parts.values()) == pytest.approx(max(0, inside), abs=1e-3)
    assert all(0 < seconds <= (cuts[n + 1] - cuts[n]).total_seconds() + 1e-6 for n, seconds in parts.items())


@given(MOMENTS, HOURS, st.sampled_from(Size), ZONES, st.floats(-400, 400))
def test_a_moment_belongs_to_the_one_interval_that_holds_it(since, length, size, zone, offset):
    cuts = intervals.borders(since, since + length, size, zone)
    moment = since + timedelta(hours=offset)

    n = intervals.place(moment, cuts)

    holding = [k for k, (a, b) in enumerate(itertools.pairwise(cuts)) if a <= moment < b]
    assert holding == ([] if n is None else [n])
