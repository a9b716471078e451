"""The pure core: facts and moments in, answers out."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from apps.hours import opening
from apps.hours.opening import Facts, Hours

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_FIVE = Facts(BERLIN, {weekday: (Hours(time(9), time(17)),) for weekday in range(5)})
ALWAYS = {weekday: (Hours(time(), time()),) for weekday in range(7)}
ZONES = st.sampled_from(
    [
        "UTC",
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/Havana",
        "Africa/Cairo",
        "Asia/Kolkata",
    ]
).map(ZoneInfo)
MOMENTS = st.integers(0, 4 * 366 * 86400).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_it_is_open_from_the_first_minute_and_closed_at_the_last():
    assert not opening.is_open(NINE_TO_FIVE, at("2026-03-02T08:59:59"))
    assert opening.is_open(NINE_TO_FIVE, at("2026-03-02T09:00"))
    assert opening.is_open(NINE_TO_FIVE, at("2026-03-02T16:59:59"))
    assert not opening.is_open(NINE_TO_FIVE, at("2026-03-02T17:00"))


def test_the_hours_are_read_in_the_schedules_own_zone():
    assert opening.is_open(NINE_TO_FIVE, datetime(2026, 3, 2, 8, 30, tzinfo=UTC))
    assert not opening.is_open(NINE_TO_FIVE, datetime(2026, 3, 2, 16, 30, tzinfo=UTC))


def test_after_friday_evening_it_opens_on_monday_morning():
    assert opening.next_opening(NINE_TO_FIVE, at("2026-03-06T18:00")) == at("2026-03-09T09:00")


def test_while_open_the_next_opening_is_now_and_the_next_closing_is_tonight():
    moment = at("2026-03-02T10:00")
    assert opening.next_opening(NINE_TO_FIVE, moment) == moment
    assert opening.next_closing(NINE_TO_FIVE, moment) == at("2026-03-02T17:00")


def test_a_holiday_closes_the_day_or_gives_it_other_hours():
    facts = Facts(
        BERLIN,
        NINE_TO_FIVE.week,
        {
            date(2026, 12, 25): None,
            date(2026, 12, 24): Hours(time(9), time(12)),
            date(2026, 12, 27): Hours(time(10), time()),
        },
    )
    assert not opening.is_open(facts, at("2026-12-25T10:00"))
    assert opening.is_open(facts, at("2026-12-24T11:00"))
    assert not opening.is_open(facts, at("2026-12-24T13:00"))
    assert opening.is_open(facts, at("2026-12-27T23:59")), "a Sunday, opened by its holiday's hours"


def test_closed_by_hand_beats_the_hours_and_nobody_knows_until_when():
    facts = Facts(BERLIN, ALWAYS, closed_now=True)
    assert not opening.is_open(facts, at("2026-03-02T10:00"))
    assert opening.next_opening(facts, at("2026-03-02T10:00")) is None


def test_a_schedule_without_hours_never_opens():
    assert opening.next_opening(Facts(BERLIN, {}), at("2026-03-02T10:00")) is None


def test_a_night_of_two_periods_is_one_span_until_the_morning():
    week = {0: (Hours(time(20), time()),), 1: (Hours(time(), time(6)),)}
    assert opening.next_closing(Facts(BERLIN, week), at("2026-03-02T21:00")) == at("2026-03-03T06:00")


def test_the_hour_that_comes_twice_is_open_twice():
    facts = Facts(BERLIN, {6: (Hours(time(2), time(3)),)})
    assert opening.is_open(facts, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert opening.is_open(facts, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert not opening.is_open(facts, datetime(2026, 10, 25, 2, 0, tzinfo=UTC))


def test_hours_that_the_clock_skips_do_not_open_the_hour_before():
    facts = Facts(BERLIN, {6: (Hours(time(2), time(3)),)})
    assert not any(opening.is_open(facts, datetime(2026, 3, 29, 0, minute, tzinfo=UTC)) for minute in range(60))
    assert not opening.is_open(facts, datetime(2026, 3, 29, 1, 0, tzinfo=UTC))


@given(ZONES, MOMENTS)
# Half an hour before midnight, with half an hour less until the last day that is looked at.
@example(ZoneInfo("Australia/Lord_Howe"), datetime(2026, 9, 15, 13, 0, 1, tzinfo=UTC))
def test_all_day_every_day_has_no_gap_in_any_zone(zone, moment):
    facts = Facts(zone, ALWAYS)
    assert opening.is_open(facts, moment)
    assert opening.next_closing(facts, moment) is None


_HOURS = st.tuples(st.integers(0, 22), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])
WEEKS = st.dictionaries(st.integers(0, 6), _HOURS.map(lambda pair: (Hours(time(pair[0]), time(pair[1] % 24)),)))


@given(ZONES, MOMENTS, WEEKS)
def test_it_is_open_at_the_next_opening_and_not_just_before(zone, moment, week):
    facts = Facts(zone, week)
    start = opening.next_opening(facts, moment)
    if start is None:
        assert not week
        return
    assert start >= moment and opening.is_open(facts, start)
    if start > moment:
        assert not opening.is_open(facts, start - timedelta(seconds=1))
        assert not opening.is_open(facts, moment + (start - moment) / 2)


@given(ZONES, MOMENTS, WEEKS)
def test_it_is_closed_at_the_next_closing_and_open_just_before(zone, moment, week):
    facts = Facts(zone, week)
    end = opening.next_closing(facts, moment)
    if end is not None:
        assert not opening.is_open(facts, end)
        assert opening.is_open(facts, end - timedelta(seconds=1))
        assert opening.is_open(facts, moment + (end - moment) / 2)
