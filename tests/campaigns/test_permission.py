"""Who may be called when: the pure decision, with its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.permission import ALLOWED, LATER, NEVER, Line, Rules, Somebody, Verdict, best, decide, next_moment
from apps.hours.opening import Facts, Hours

NEW_YORK, CHICAGO, ANGELES = (ZoneInfo(f"America/{name}") for name in ("New_York", "Chicago", "Los_Angeles"))
RULES = Rules(call_from=time(8), call_until=time(21), most_tries=3, most_tries_per_day=2)
SOMEBODY = Somebody(zones=(NEW_YORK,))
LINE = Line("+12125550101")
NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)  # twelve o'clock in New York


def test_somebody_on_no_list_within_the_hours_may_be_called():
    verdict = decide(RULES, SOMEBODY, LINE, NOON)

    assert (verdict.kind, verdict.code) == (ALLOWED, "allowed")
    assert "12:00 there" in verdict.sentence


@pytest.mark.parametrize(
    ("who", "line", "rules", "code"),
    [
        (SOMEBODY, replace(LINE, forbidden="That is a premium-rate number."), RULES, "forbidden_number"),
        (replace(SOMEBODY, objection="Ada asked not to be called."), LINE, RULES, "do_not_call"),
        (SOMEBODY, replace(LINE, listed="a letter"), RULES, "do_not_call"),
        (replace(SOMEBODY, consent=False, source="a call"), LINE, RULES, "no_consent"),
        (SOMEBODY, LINE, replace(RULES, needs_consent=True), "no_consent"),
        (replace(SOMEBODY, tries=3), LINE, RULES, "tries_used_up"),
    ],
)
def test_what_time_does_not_change_is_never(who, line, rules, code):
    verdict = decide(rules, who, line, NOON)

    assert (verdict.kind, verdict.code, verdict.until) == (NEVER, code, None)


def test_before_the_hours_the_next_opening_is_named_by_their_own_clock():
    early = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)  # 7:30 in New York

    verdict = decide(RULES, SOMEBODY, LINE, early)

    assert (verdict.kind, verdict.until) == (LATER, datetime(2026, 3, 4, 13, tzinfo=UTC))
    assert "until 08:00 on 4 March there" in verdict.sentence


def test_a_number_of_two_zones_is_called_only_when_it_is_a_good_hour_in_both():
    both = replace(SOMEBODY, zones=(NEW_YORK, ANGELES))
    nine_in_new_york = datetime(2026, 3, 4, 14, tzinfo=UTC)  # six in Los Angeles

    verdict = decide(RULES, both, LINE, nine_in_new_york)

    assert (verdict.kind, verdict.until) == (LATER, datetime(2026, 3, 4, 16, tzinfo=UTC))


def test_zones_without_a_common_hour_are_never_called_and_it_is_said_what_to_do():
    short = replace(RULES, call_from=time(8), call_until=time(9))
    verdict = decide(short, replace(SOMEBODY, zones=(NEW_YORK, ANGELES)), LINE, NOON)

    assert (verdict.kind, verdict.code) == (NEVER, "no_common_hours")
    assert "Give the contact a time zone." in verdict.sentence


def test_after_the_tries_of_a_day_the_next_morning_of_theirs_is_the_next_try():
    tried = replace(LINE, recent=[NOON - timedelta(hours=1), NOON - timedelta(hours=2)])

    verdict = decide(RULES, SOMEBODY, tried, NOON)

    assert (verdict.kind, verdict.code) == (LATER, "tries_of_the_day")
    assert verdict.until == datetime(2026, 3, 5, 13, tzinfo=UTC)


def test_a_schedule_is_read_by_the_contacts_clock_and_closes_by_hand():
    weekdays = dict.fromkeys(range(5), (Hours(time(9), time(17)),))
    office = replace(RULES, hours=Facts(UTC, weekdays))
    saturday = datetime(2026, 3, 7, 17, tzinfo=UTC)

    assert decide(office, SOMEBODY, LINE, saturday).until == datetime(2026, 3, 9, 13, tzinfo=UTC)  # summer time by then
    shut = replace(office, hours=Facts(UTC, weekdays, closed_now=True))
    assert decide(shut, SOMEBODY, LINE, NOON).code == "closed_by_hand"


def test_of_several_numbers_the_allowed_one_counts_else_the_earliest():
    later = Verdict(LATER, "outside_hours", "", NOON + timedelta(hours=2))
    sooner = Verdict(LATER, "outside_hours", "", NOON + timedelta(hours=1))
    never, allowed = Verdict(NEVER, "do_not_call", ""), Verdict(ALLOWED, "allowed", "")

    assert best([never, later, allowed]) == 2
    assert best([never, later, sooner]) == 2
    assert best([never, never]) == 0


moments = st.integers(0, 2 * 365 * 86400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
some_zones = st.lists(
    st.sampled_from([NEW_YORK, CHICAGO, ANGELES, ZoneInfo("Pacific/Honolulu"), ZoneInfo("America/Phoenix")]),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip


@given(at=moments, zones=some_zones)
def test_a_call_is_allowed_exactly_when_every_clock_shows_an_hour_of_the_window(at, zones):
    good = all(time(8) <= at.astimezone(zone).time() < time(21) for zone in zones)

    assert (decide(RULES, replace(SOMEBODY, zones=zones), LINE, at).kind == ALLOWED) is good


@given(at=moments, zones=some_zones)
def test_the_next_moment_is_allowed_and_none_before_it_is(at, zones):
    following = next_moment(RULES, zones, at)

    assert following is not None
    assert all(time(8) <= following.astimezone(zone).time() < time(21) for zone in zones)
    if following > at:
        just_before = following - timedelta(seconds=1)
        assert not all(time(8) <= just_before.astimezone(zone).time() < time(21) for zone in zones)


@given(at=moments, zones=some_zones, ages=st.lists(st.integers(0, 47), max_size=5))
def test_a_later_verdict_lies_in_the_future_and_holds_what_it_promises(at, zones, ages):
    line = replace(LINE, recent=[at - timedelta(hours=age) for age in ages])
    who = replace(SOMEBODY, zones=zones)

    verdict = decide(RULES, who, line, at)

    if verdict.kind == LATER:
        assert verdict.until > at
        assert decide(RULES, who, line, verdict.until).kind == ALLOWED
