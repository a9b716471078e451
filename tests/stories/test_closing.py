"""Calls that meet a closed door, and what is said there."""

import datetime

from apps.calls.models import Call
from apps.core import clock
from apps.hours import services as hours
from tests import factories
from tests.stories.conftest import DIRECT_LINE


def give_hours(company, **settings):
    """The queue follows a schedule that is open all week, and sends its callers to the good-bye when closed."""
    schedule = factories.ScheduleFactory(client=company.client, always=True, **settings)
    company.queue.schedule, company.queue.when_closed = schedule, company.closed
    company.queue.save()
    return schedule


def close_today(schedule):
    """Today is a public holiday of the schedule's country."""
    schedule.country = "US"
    schedule.save()
    today = clock.now().date()
    clock.freeze(clock.now().replace(year=today.year + 1, month=7, day=4, hour=15))


def test_on_a_public_holiday_a_caller_is_told_and_sent_on(world, company):
    schedule = give_hours(company, closed_message="It is a holiday. We are back tomorrow.")
    close_today(schedule)
    company.anna.becomes_available()

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("It is a holiday. We are back tomorrow.")
    caller.hears("We are closed now. Please call tomorrow.")
    world.advance(15)
    assert not caller.is_connected and not company.anna.ringing
    assert world.call.outcome == Call.Outcome.REFUSED
    assert "queues.turned_away" in world.timeline()


def test_on_a_holiday_that_is_worked_the_caller_is_answered(world, company):
    schedule = give_hours(company, closed_message="It is a holiday.")
    schedule.public_holidays.create(name="Independence Day", treatment="work")
    close_today(schedule)
    company.anna.becomes_available()

    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(3)

    assert caller.where == "conference" and "holiday" not in caller.heard


def test_who_calls_while_closed_by_hand_hears_why_and_after_its_end_is_answered(world, company):
    schedule = give_hours(company, closed_message="We are open from nine to five.")
    until = clock.now() + datetime.timedelta(minutes=2)
    hours.close_now(schedule, until=until, announcement="We are closed for a fire drill.")
    company.anna.becomes_available()

    early = world.caller("+14155550130").dials(DIRECT_LINE)
    early.hears("We are closed for a fire drill.")
    early.hears("Please call tomorrow.")
    assert "nine to five" not in early.heard
    early.hangs_up()

    world.advance(2 * 60)
    late = world.caller("+14155550131").dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(3)

    assert late.where == "conference" and "fire drill" not in late.heard
    schedule.refresh_from_db()
    assert not schedule.closed_now, "the sweep has tidied up"


def test_without_a_place_to_go_when_closed_the_message_is_the_good_bye(world, company):
    schedule = give_hours(company)
    company.queue.when_closed = None
    company.queue.save()
    hours.close_now(schedule, announcement="We have moved. Please see our website.")

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("We have moved.")
    world.advance(15)
    assert not caller.is_connected and "lines are busy" not in caller.heard
    assert world.call.outcome == Call.Outcome.REFUSED
