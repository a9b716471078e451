"""What callers are told about their callback. Pure: no database."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from apps.hours import opening
from apps.hours.opening import Facts, Hours
from apps.queues import promises
from apps.queues.models import Callback
from apps.switchboard import words

OFFICE = Facts(UTC, dict.fromkeys(range(5), (Hours(time(8), time(17)),)))  # Monday to Friday
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def at(hour: int, minute: int = 0, day: datetime = MONDAY) -> datetime:
    return day + timedelta(hours=hour, minutes=minute)


def told(moment: datetime, wait: int | None, expires: datetime) -> promises.Promise:
    return promises.promise(OFFICE, moment, wait_seconds=wait, expires_at=expires)


def spoken(promise: promises.Promise, moment: datetime) -> str:
    callback = Callback(promised_from=promise.start, promised_until=promise.until, expires_at=promise.until)
    return words.callback_time(callback, moment, UTC)


def test_the_window_lies_around_the_expected_moment_in_steps_of_five_minutes():
    promise = told(at(14), 16 * 60, at(14, day=FRIDAY))

    assert promise == promises.Promise(at(14, 10), at(14, 35))
    assert spoken(promise, at(14)) == "between 14:10 and 14:35"


def test_time_in_which_nobody_calls_does_not_count():
    promise = told(at(16, 50), 40 * 60, at(17, day=FRIDAY))

    assert promise == promises.Promise(at(8, 20, MONDAY + timedelta(days=1)), at(9, 0, MONDAY + timedelta(days=1)))
    assert spoken(promise, at(16, 50)) == "tomorrow between 8:20 and 9:00"


def test_a_window_over_closing_time_names_both_days():
    promise = told(at(16, 50), 10 * 60, at(17, day=FRIDAY))

    assert spoken(promise, at(16, 50)) == "between 16:55 today and 8:15 tomorrow"


def test_before_the_weekend_the_day_is_named():
    promise = told(at(16, 59, FRIDAY), 20 * 60, at(23, day=FRIDAY + timedelta(days=5)))

    assert spoken(promise, at(16, 59, FRIDAY)) == "on Monday between 8:10 and 8:40"


def test_who_is_next_is_told_until_when_only():
    promise = told(at(14, 2), 60, at(14, day=FRIDAY))

    assert spoken(promise, at(14, 2)) == "before 14:15"


def test_when_nothing_is_known_the_last_open_moment_is_told():
    promise = told(at(14), None, at(22))

    assert promise == promises.Promise(None, at(17))
    assert spoken(promise, at(14)) == "as soon as an operator is free, at the latest at 17:00"


def test_a_window_that_would_end_after_the_callback_is_given_up_is_not_promised():
    assert told(at(14), 4 * 3600, at(16)) == promises.Promise(None, at(16))


def test_hours_without_any_opening_promise_nothing_but_the_end():
    never = Facts(UTC, {})
    assert promises.promise(never, at(14), wait_seconds=60, expires_at=at(20)) == promises.Promise(None, at(20))


@given(
    minutes=st.integers(0, 7 * 24 * 60), wait=st.one_of(st.none(), st.integers(0, 20 * 3600)),
    days=st.integers(1, 10), zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu"]),
)  # fmt: skip
def test_a_promise_is_never_over_before_it_begins_and_ends_while_callbacks_are_made(minutes, wait, days, zone):
    facts = Facts(ZoneInfo(zone), OFFICE.week)
    moment = MONDAY + timedelta(minutes=minutes)
    first = opening.next_opening(facts, moment)
    expires = first + timedelta(days=days)

    promise = promises.promise(facts, moment, wait_seconds=wait, expires_at=expires)

    assert promise.until <= expires + promises.STEP
    assert promise.until > moment - promises.STEP
    if promise.start is not None:
        assert promise.start < promise.until
        assert opening.is_open(facts, promises.after(facts, moment, timedelta(seconds=0.75 * wait)))
        local = promise.start.astimezone(facts.time_zone)
        assert local.minute % 5 == local.second == 0


@given(seconds=st.integers(0, 200 * 3600))
def test_open_time_adds_up(seconds):
    moment, span = at(9), timedelta(seconds=seconds)
    there = promises.after(OFFICE, moment, span)

    halfway = promises.after(OFFICE, moment, span / 2)
    assert promises.after(OFFICE, halfway, span / 2) == there
    assert opening.is_open(OFFICE, there)


def test_the_expected_wait_is_told_in_rounded_words():
    assert words.expected_wait(20) == "We expect to answer you in less than a minute."
    assert words.expected_wait(70) == "We expect to answer you in about 1 minute."
    assert words.expected_wait(230) == "We expect to answer you in about 4 minutes."
    assert words.expected_wait(23 * 60) == "We expect to answer you in about 25 minutes."
    assert words.expected_wait(3600) == "We expect that it takes an hour or longer."
