"""Public holidays, exceptions and the closing by hand, together."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.hours import calendar, opening, public
from apps.hours import services as hours
from apps.hours.models import Holiday, PublicHoliday
from apps.hours.opening import Exceptional
from tests.factories import HolidayFactory, PeriodFactory, ScheduleFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)


def noon(month: int, day: int, year: int = 2026) -> datetime.datetime:
    return datetime.datetime(year, month, day, 12, tzinfo=datetime.UTC)


@pytest.fixture
def still_clock():
    clock.freeze(MONDAY)
    yield
    clock.release()


def say(schedule, name, treatment, **hours_of_day):
    return PublicHoliday.objects.create(schedule=schedule, name=name, treatment=treatment, **hours_of_day)


def test_a_country_closes_its_public_holidays_and_a_region_adds_its_own():
    nowhere = ScheduleFactory(always=True)
    germany = ScheduleFactory(always=True, country="DE")
    bavaria = ScheduleFactory(always=True, country="DE", region="BY")

    unity, epiphany = noon(10, 3), noon(1, 6)

    assert [hours.is_open(each, unity) for each in (nowhere, germany, bavaria)] == [True, False, False]
    assert [hours.is_open(each, epiphany) for each in (nowhere, germany, bavaria)] == [True, True, False]
    assert [hours.is_holiday(each, epiphany) for each in (nowhere, germany, bavaria)] == [False, False, True]


def test_a_public_holiday_is_the_one_of_the_schedules_own_place():
    schedule = ScheduleFactory(always=True, country="US", time_zone="America/Los_Angeles")

    assert hours.is_holiday(schedule, datetime.datetime(2026, 12, 26, 5, tzinfo=datetime.UTC)), "still the 25th there"
    assert not hours.is_holiday(schedule, datetime.datetime(2026, 12, 25, 5, tzinfo=datetime.UTC))


def test_we_work_on_this_holiday_and_shorter_on_that_every_year():
    schedule = ScheduleFactory(always=True, country="US")
    say(schedule, "Columbus Day", "work")
    say(schedule, "Veterans Day", "hours", opens=datetime.time(9), closes=datetime.time(11))

    for year, columbus in ((2026, 12), (2027, 11)):
        assert hours.is_open(schedule, noon(10, columbus, year))
        assert not hours.is_holiday(schedule, noon(10, columbus, year))
        assert not hours.is_open(schedule, noon(11, 11, year))
        assert hours.is_open(schedule, noon(11, 11, year) - datetime.timedelta(hours=2))
        assert hours.is_holiday(schedule, noon(11, 11, year))


def test_an_exception_stands_above_a_public_holiday_and_of_two_the_shorter_counts():
    schedule = ScheduleFactory(always=True, country="US")
    HolidayFactory(
        schedule=schedule, date=datetime.date(2026, 12, 20), last_date=datetime.date(2027, 1, 3), name="Winter break"
    )
    HolidayFactory(
        schedule=schedule, date=datetime.date(2026, 12, 25), name="Christmas market",
        opens=datetime.time(10), closes=datetime.time(14),
    )  # fmt: skip

    assert not hours.is_open(schedule, noon(12, 22))
    assert hours.is_open(schedule, noon(12, 25))
    assert not hours.is_open(schedule, noon(1, 3, 2027))
    assert hours.is_open(schedule, noon(1, 4, 2027))
    assert hours.is_holiday(schedule, noon(12, 22))


def test_a_day_of_other_hours_is_no_holiday():
    schedule = ScheduleFactory()
    HolidayFactory(
        schedule=schedule, date=datetime.date(2026, 3, 8), name="Open Sunday",
        opens=datetime.time(10), closes=datetime.time(14),
    )  # fmt: skip

    assert hours.is_open(schedule, noon(3, 8))
    assert not hours.is_holiday(schedule, noon(3, 8))


def test_closed_by_hand_opens_by_itself_and_the_sweep_tidies_up(still_clock):
    schedule = ScheduleFactory(always=True)
    until = MONDAY + datetime.timedelta(hours=2)
    hours.close_now(schedule, until=until, announcement="The office is closed because of the storm.")

    assert not hours.is_open(schedule)
    assert hours.next_opening(schedule) == until
    assert hours.in_words(schedule) == "closed by hand until 12:00"
    assert hours.reopen_due(clock.now()) == 0

    clock.advance(2 * 3600)

    assert hours.is_open(schedule), "without any sweep"
    assert hours.closing_message(schedule) == ""
    assert (hours.reopen_due(clock.now()), hours.reopen_due(clock.now())) == (1, 0)
    schedule.refresh_from_db()
    assert (schedule.closed_now, schedule.closed_until) == (False, None)
    event = Event.objects.get(kind="hours.reopened")
    assert event.at == until


def test_closing_until_a_moment_that_is_over_is_refused_and_changes_nothing(still_clock):
    schedule = ScheduleFactory(always=True)

    with pytest.raises(Refused, match="This moment is over"):
        hours.close_now(schedule, until=MONDAY)

    schedule.refresh_from_db()
    assert not schedule.closed_now and not Event.objects.filter(kind="hours.closed").exists()


def test_the_announcement_is_said_while_closed_by_hand_else_the_usual_message():
    schedule = ScheduleFactory(closed_message="We are open from nine to five.")
    PeriodFactory(schedule=schedule)

    assert hours.closing_message(schedule, MONDAY) == ""
    assert hours.closing_message(schedule, MONDAY + datetime.timedelta(hours=9)) == "We are open from nine to five."
    hours.close_now(schedule, announcement="Closed for a fire drill.")
    assert hours.closing_message(schedule, MONDAY) == "Closed for a fire drill."
    hours.close_now(schedule, announcement="")
    assert hours.closing_message(schedule, MONDAY) == "We are open from nine to five."


def test_the_next_closed_days_are_named_in_order():
    schedule = ScheduleFactory(always=True, country="US")
    say(schedule, "Memorial Day", "work")
    HolidayFactory(schedule=schedule, date=datetime.date(2026, 4, 1), name="Stock taking")

    days = calendar.next_closed(schedule, MONDAY)

    assert [(day.name, day.words) for day in days[:3]] == [
        ("Stock taking", "closed"), ("Juneteenth National Independence Day", "closed"),
        ("Independence Day (observed)", "closed"),
    ]  # fmt: skip
    assert len(days) == 10 and days == sorted(days, key=lambda day: day.date)


def test_a_span_is_named_once_and_interrupted_by_a_day_of_its_own():
    schedule = ScheduleFactory(always=True)
    HolidayFactory(
        schedule=schedule, date=datetime.date(2026, 7, 6), last_date=datetime.date(2026, 7, 10), name="Summer break"
    )
    HolidayFactory(schedule=schedule, date=datetime.date(2026, 7, 8), name="Stock taking")

    found = [(day.date.day, day.until.day, day.name) for day in calendar.next_closed(schedule, MONDAY)]

    assert found == [(6, 7, "Summer break"), (8, 8, "Stock taking"), (9, 10, "Summer break")]


def test_an_exception_inside_another_is_told_with_both_names():
    schedule = ScheduleFactory()
    PeriodFactory(schedule=schedule)
    outer = HolidayFactory(
        schedule=schedule, date=datetime.date(2026, 7, 6), last_date=datetime.date(2026, 7, 17), name="Summer break"
    )
    inner = HolidayFactory(schedule=schedule, date=datetime.date(2026, 7, 13), name="Stock taking")
    weekend = HolidayFactory(schedule=schedule, date=datetime.date(2026, 8, 1), name="Party")

    found = calendar.contradictions(schedule)

    assert found[inner.pk] == "Lies inside “Summer break” (6 Jul to 17 Jul): on these days this one counts."
    assert found[outer.pk] == "“Stock taking” counts instead on its days."
    assert found[weekend.pk] == "The week is closed on these days anyway."


def test_planned_spans_do_not_know_of_the_switch(still_clock):
    schedule = ScheduleFactory(closed_now=True)
    PeriodFactory(schedule=schedule, opens=datetime.time(9), closes=datetime.time(12))
    PeriodFactory(schedule=schedule, opens=datetime.time(13), closes=datetime.time(17))

    found = hours.planned_spans(schedule, MONDAY, MONDAY + datetime.timedelta(days=7))

    assert [(since.hour, until.hour) for since, until in found] == [(10, 12), (13, 17), (9, 10)]


def test_what_cannot_be_saved_is_refused_in_a_sentence_and_changes_nothing():
    schedule = ScheduleFactory(country="US")
    day = datetime.date(2026, 5, 4)
    bad = [
        {"holidays": [Holiday(date=day, last_date=datetime.date(2026, 5, 1), name="x")]},
        {"holidays": [Holiday(date=day, last_date=datetime.date(2028, 5, 1), name="x")]},
        {"holidays": [Holiday(date=day, name="x"), Holiday(date=day, name="y")]},
        {"public_holidays": [PublicHoliday(name="Labor Day", treatment="hours")]},
        {"public_holidays": [PublicHoliday(name="Labor Day"), PublicHoliday(name="Labor Day")]},
    ]
    for rows in bad:
        with pytest.raises(Refused):
            hours.save_schedule(schedule, **rows)
    schedule.country, schedule.region = "DE", "TX"
    with pytest.raises(Refused, match="not a region"):
        hours.save_schedule(schedule)

    schedule.refresh_from_db()
    assert schedule.country == "US"
    assert not schedule.holidays.exists() and not schedule.public_holidays.exists()


def test_another_country_forgets_what_was_said_of_the_former_ones_holidays():
    schedule = ScheduleFactory(country="US")
    say(schedule, "Columbus Day", "work")
    say(schedule, "Christmas Day", "work")
    schedule.country = "DE"

    hours.save_schedule(schedule)

    assert [row.name for row in schedule.public_holidays.all()] == ["Christmas Day"]


@pytest.mark.parametrize("country", [code for code, _name in public.countries()])
def test_every_country_has_names_that_can_be_stored(country):
    names = public.names_of(country, "", range(2026, 2028))

    assert len(names) == len(set(names))
    assert all(0 < len(name) <= 200 and not name.endswith("(estimated)") for name in names)


def test_a_country_that_nobody_knows_has_no_holidays():
    assert public.of_year("ZZ", "", 2026) == () and public.regions("ZZ") == []


DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 3, 1))
SPANS = st.tuples(DAYS, st.integers(0, 20)).map(
    lambda pair: Exceptional(pair[0], pair[0] + datetime.timedelta(days=pair[1]), f"{pair}")
)


@given(st.lists(SPANS, max_size=6), DAYS)
def test_of_all_exceptions_that_cover_a_day_none_is_shorter_than_the_one_that_counts(exceptions, day):
    found = opening.by_day(exceptions).get(day)

    covering = [each for each in exceptions if each.covers(day)]
    assert (found is None) == (not covering)
    if found is not None:
        assert found.covers(day) and found.days == min(each.days for each in covering)
