import pytest

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.notify.models import Notice
from apps.operators import services as operators
from apps.queues import services as queues
from apps.queues.models import QueueEntry
from tests import factories
from tests.queues.conftest import kinds, now


def test_a_caller_joins_at_the_end_of_the_line(desk):
    first, second = desk.waits(), desk.waits()

    assert [queues.position(first), queues.position(second)] == [1, 2]
    assert Event.objects.get(kind="queues.joined", call_ref=second.call.public_id).data["position"] == 2


def test_a_caller_put_in_front_is_next(desk):
    desk.waits()
    call = desk.call()

    entry = queues.join(call, desk.queue, front=True)

    assert queues.position(entry) == 1


def test_joining_where_one_stands_changes_nothing(desk):
    entry = desk.waits()
    clock.advance(30)

    again = queues.join(entry.call, desk.queue)

    assert again == entry
    assert again.place_at == entry.place_at
    assert QueueEntry.objects.count() == 1


def test_joining_another_queue_gives_up_the_place_and_stops_the_ringing(desk):
    anna = desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    other = factories.QueueFactory(client=desk.queue.client)

    moved = queues.join(entry.call, other)

    assert now(entry).status == "moved"
    assert moved.status == "waiting"
    assert now(offer).status == "withdrawn"
    assert not anna.engagements.open().exists()


def test_a_full_queue_turns_the_next_caller_away(desk):
    for _ in range(3):
        desk.waits()
    call = desk.call()

    with pytest.raises(queues.QueueFull):
        queues.join(call, desk.queue)

    assert not call.queue_entries.exists()
    assert kinds(call) == ["queues.turned_away"]


def test_a_caller_who_talks_takes_no_place_in_line(desk):
    desk.operator()
    desk.talking()

    for _ in range(3):
        desk.waits()

    assert QueueEntry.objects.in_line().count() == 3


def test_a_queue_that_is_switched_off_or_outside_its_hours_is_closed(desk):
    closed = factories.QueueFactory(client=desk.queue.client, schedule=factories.ScheduleFactory(closed_now=True))
    off = factories.QueueFactory(client=desk.queue.client, active=False)

    for queue in (closed, off):
        with pytest.raises(queues.QueueClosed):
            desk.waits(queue=queue)

    assert not QueueEntry.objects.exists()


def test_an_open_queue_takes_calls(desk):
    desk.queue.schedule = factories.ScheduleFactory(client=desk.queue.client, always=True)

    assert desk.waits().status == "waiting"


def test_with_nobody_signed_in_the_queue_passes_calls_on_if_it_says_so(desk):
    desk.operator(presence="offline")
    desk.queue.when_unstaffed = "overflow"

    with pytest.raises(queues.QueueUnstaffed):
        desk.waits()


def test_somebody_on_a_break_counts_as_there(desk):
    desk.operator(presence="on_break")
    desk.queue.when_unstaffed = "overflow"

    assert desk.waits().status == "waiting"


def test_waiting_in_a_queue_without_members_warns_the_manager_once(desk):
    desk.waits()
    desk.waits()

    notice = Notice.objects.get()
    assert desk.queue.name in notice.text
    assert notice.times == 2


def test_a_call_that_is_over_or_talking_cannot_join(desk):
    desk.operator()
    entry = desk.talking()
    over = factories.CallFactory(client=desk.queue.client, status="over", outcome="failed", ended_at=clock.now())

    for call in (entry.call, over):
        with pytest.raises(Refused):
            queues.join(call, desk.queue)

    assert QueueEntry.objects.get() == entry


def test_the_expected_wait_comes_from_recent_conversations_and_those_who_are_there(desk):
    desk.operator()
    entry = desk.talking()
    clock.advance(150)
    queues.finish(entry)
    desk.operator()
    desk.waits()
    last = desk.waits()

    # Second in line, 150 s of conversation and 30 s of wrap-up, two members there.
    assert queues.expected_wait_seconds(last) == 180


def test_phones_that_rang_in_vain_make_the_expected_wait_longer(desk):
    desk.operator()
    entry = desk.waits()
    missed = desk.offer()
    clock.advance(20)
    queues.miss(missed, why="no answer")
    clock.advance(60)
    queues.accept(desk.offer())
    clock.advance(150)
    queues.finish(entry)

    # 20 s of ringing for nothing, 150 s of conversation and 30 s of wrap-up; the 60 s belong to nobody.
    assert queues.expected_wait_seconds(desk.waits()) == 200


def test_those_who_leave_make_the_expected_wait_shorter_for_those_behind_them(desk):
    desk.operator()
    entry = desk.talking()
    first, second, third = [desk.waits() for _ in range(3)]
    clock.advance(150)
    queues.finish(entry)
    queues.abandon(first)

    # One left in 450 s of waiting together; if nobody did, the second in line would wait 360 s.
    assert queues.expected_wait_seconds(second) == 180
    assert queues.expected_wait_seconds(third) == round(180 + 1 / (1 / 180 + 1 / 450))


def test_who_leaves_at_once_tells_nothing_about_patience(desk):
    desk.operator()
    entry = desk.talking()
    clock.advance(146)
    short = desk.waits()
    clock.advance(4)
    queues.abandon(short)
    queues.finish(entry)
    desk.waits()

    assert queues.expected_wait_seconds(desk.waits()) == 360


def test_a_desk_that_cannot_ring_shortens_nobodys_wait(desk):
    anna, ben = desk.operator(), desk.operator()
    entry = desk.talking()
    clock.advance(150)
    queues.finish(entry)
    waiting = desk.waits()
    assert queues.expected_wait_seconds(waiting) == 90

    operators.mark_unreachable(ben, "the desk went away")

    assert queues.expected_wait_seconds(waiting) == 180
    operators.mark_unreachable(anna, "the desk went away")
    assert queues.expected_wait_seconds(waiting) is None


def test_without_experience_or_staff_no_wait_is_foretold(desk):
    entry = desk.waits()
    assert queues.expected_wait_seconds(entry) is None

    desk.operator()
    assert queues.expected_wait_seconds(entry) is None


def test_the_wait_is_overdue_after_the_queues_limit(desk):
    desk.queue.max_wait_seconds = 60
    desk.queue.save()
    entry = desk.waits()

    clock.advance(59)
    assert queues.overdue(clock.now()) == []
    clock.advance(1)
    assert queues.overdue(clock.now()) == [entry]


def test_a_caller_for_whom_a_phone_rings_is_not_overdue(desk):
    desk.operator()
    desk.waits()
    clock.advance(5000)
    desk.offer()

    assert queues.overdue(clock.now()) == []


def test_passing_a_call_on_gives_up_the_place_once(desk):
    entry = desk.waits()

    assert queues.overflow(entry)
    assert not queues.overflow(entry)

    assert now(entry).status == "overflowed"
    assert kinds(entry.call) == ["queues.joined", "queues.overflowed"]
    assert queues.position(now(entry)) == 0
