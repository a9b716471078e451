from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.core import clock
from apps.operators import services as operators
from apps.operators.models import Engagement
from apps.queues import services as queues
from apps.queues import stats
from apps.queues.models import QueueEntry
from apps.queues.stats import QueueDay, QueueNow
from tests import factories


def test_an_empty_queue_has_figures_too(desk):
    assert stats.now(desk.queue) == QueueNow()
    assert stats.today(desk.queue, clock.now() - timedelta(hours=1), clock.now()) == QueueDay()


def test_this_moment_counts_callers_and_staff(desk):
    desk.operator()
    desk.talking()
    for facts in ({"presence": "on_break"}, {"presence": "offline"}, {"unreachable_since": clock.now()}):
        desk.operator(**facts)
    clock.advance(40)
    desk.waits()
    clock.advance(20)
    desk.waits()
    desk.operator()

    assert stats.now(desk.queue) == QueueNow(
        members=5,
        waiting=2,
        longest_wait_seconds=20,
        talking=1,
        signed_in=4,
        ready=1,
        busy=1,
        on_break=1,
        unreachable=1,
    )


def test_somebody_busy_on_a_break_counts_as_both(desk):
    operators.engage(desk.operator(presence="on_break"), Engagement.Purpose.DESK_CALL)

    figures = stats.now(desk.queue)

    assert (figures.signed_in, figures.busy, figures.on_break, figures.ready) == (1, 1, 1, 0)


def test_the_day_counts_each_caller_in_one_outcome(desk):
    since = clock.now()
    _answered_after(desk, 10)
    _answered_after(desk, 30)
    for wait in (3, 60):
        entry = desk.waits()
        clock.advance(wait)
        queues.abandon(entry)
    passed_on = desk.waits()
    clock.advance(5)
    queues.overflow(passed_on)
    desk.waits()

    day = stats.today(desk.queue, since, clock.now() + timedelta(seconds=1))

    assert day == QueueDay(
        offered=6, answered=2, abandoned=1, short_abandoned=1, overflowed=1, moved=0, in_line=1,
        in_time=1, measured=4, service_level_percent=25.0, average_answer_seconds=20.0, longest_wait_seconds=30.0,
    )  # fmt: skip


def test_only_who_joined_in_the_period_counts(desk):
    desk.waits()
    clock.advance(60)
    middle = clock.now()
    desk.waits()
    clock.advance(60)
    desk.waits()

    assert stats.today(desk.queue, middle, clock.now()).offered == 1


def test_the_day_begins_at_the_clients_midnight(desk):
    desk.queue.client.time_zone = "America/Chicago"
    desk.queue.client.save()
    desk.queue.client.refresh_from_db()

    midnight = stats.midnight(desk.queue.client, clock.now())

    assert (midnight.hour, midnight.minute) == (0, 0)
    assert timedelta() <= clock.now() - midnight < timedelta(hours=25)


def _answered_after(desk, seconds: int) -> None:
    desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    clock.advance(seconds)
    queues.accept(offer)
    queues.finish(entry)


def test_each_queue_is_told_since_the_midnight_of_its_own_client(desk):
    clock.freeze(datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
    east, west = (
        factories.QueueFactory(client=factories.ClientFactory(time_zone=zone)) for zone in ("Asia/Tokyo", "Etc/GMT+12")
    )
    for queue in (east, west):
        for hours in (1, 10):
            at = clock.now() - timedelta(hours=hours)
            factories.QueueEntryFactory(queue=queue, joined_at=at, status="abandoned", ended_at=at)

    days = stats.since_midnight([east, west])

    assert {key: day.offered for key, day in days.items()} == {east.pk: 2, west.pk: 0}


class TestWhateverHappened(TestCase):
    @given(st.lists(st.tuples(st.sampled_from(QueueEntry.Status.values), st.integers(0, 90)), max_size=12))
    def test_the_outcomes_add_up_to_what_was_offered(self, rows):
        queue = factories.QueueFactory()
        at = clock.now()
        for status, seconds in rows:
            later = at + timedelta(seconds=seconds)
            factories.QueueEntryFactory(
                queue=queue, status=status, joined_at=at,
                answered_at=later if status in ("talking", "answered") else None,
                ended_at=None if status in QueueEntry.OPEN else later,
            )  # fmt: skip

        day = stats.today(queue, at, at + timedelta(seconds=1))

        parts = day.answered + day.abandoned + day.short_abandoned + day.overflowed + day.moved + day.expired
        parts += day.in_line
        assert parts == day.offered == len(rows)
        assert day.service_level_percent is None or 0 <= day.service_level_percent <= 100


def test_the_last_hour_is_told_by_five_minutes_of_the_clock(desk):
    at = datetime(2026, 3, 2, 12, 7, 30, tzinfo=UTC)
    clock.freeze(at)
    for minutes, facts in (
        (58, {}),  # 11:09:30, before the twelve slices
        (57, {"status": "answered", "answered_at": at - timedelta(minutes=56)}),
        (8, {"status": "abandoned", "ended_at": at - timedelta(minutes=6)}),
        (3, {}),
        (1, {}),
        (1, {"status": "abandoned", "ended_at": at - timedelta(seconds=58)}),  # gave up within two seconds
    ):
        joined = at - timedelta(minutes=minutes)
        factories.QueueEntryFactory(queue=desk.queue, joined_at=joined, place_at=joined, **facts)
    other = factories.QueueFactory(client=desk.queue.client)

    since, found = stats.last_hour([desk.queue, other], at)

    assert since == datetime(2026, 3, 2, 11, 10, tzinfo=UTC)
    slices = found[desk.queue.pk]
    assert [one.offered for one in slices] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2]
    assert [one.answered for one in slices] == [1] + 11 * [0]
    assert [(one.abandoned, one.short_abandoned) for one in slices[9:]] == [(1, 0), (0, 0), (0, 1)]
    assert found[other.pk] == 12 * [stats.Tally()]
