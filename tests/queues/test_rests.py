"""Missed and declined calls: a rest, then a break that nobody chose."""

from __future__ import annotations

from apps.core import clock
from apps.core.models import Event
from apps.operators import services as operators
from apps.operators.models import BreakReason
from apps.queues import services as queues
from apps.queues.models import Membership
from tests.queues.conftest import now


def settings(desk, **values) -> None:
    for name, value in values.items():
        setattr(desk.queue, name, value)
    desk.queue.save()


def misses(desk, times: int) -> None:
    """The next offers are not answered; each after the rest before it."""
    for _ in range(times):
        clock.advance(20)
        queues.miss(desk.offer())


def test_who_missed_a_call_rests_from_all_callers_of_the_queue(desk):
    settings(desk, missed_rest_seconds=15)
    anna = desk.operator()
    desk.waits()
    queues.miss(desk.offer())
    other = desk.waits()

    clock.advance(14)
    assert desk.dispatch() == []
    clock.advance(1)

    assert {offer.operator for offer in desk.dispatch()} == {anna}
    assert now(other).status in ("waiting", "offered")


def test_a_declined_call_gives_the_shorter_rest(desk):
    settings(desk, missed_rest_seconds=60, declined_rest_seconds=8)
    desk.operator()
    desk.waits()
    queues.decline(desk.offer())

    membership = Membership.objects.get()

    assert (membership.rests_until - clock.now()).total_seconds() == 8
    assert membership.rests_after == "declined"


def test_an_offer_that_was_taken_back_gives_no_rest(desk):
    desk.operator()
    desk.waits()

    queues.withdraw(desk.offer(), "The caller hung up.")

    assert Membership.objects.get().rests_until is None


def test_the_third_missed_call_in_a_row_puts_the_operator_on_a_break(desk):
    anna = desk.operator()
    desk.waits()
    misses(desk, 2)
    assert now(anna).presence == "available"

    misses(desk, 1)

    anna = now(anna)
    assert (anna.presence, anna.break_reason.name) == ("on_break", "Missed calls")
    assert not BreakReason.objects.get().active  # nobody can choose it at the desk
    event = Event.objects.get(kind="operators.sent_on_break")
    assert event.data["why"] == "3 calls in a row were not answered."
    assert desk.dispatch() == []


def test_an_answered_call_begins_the_count_anew(desk):
    settings(desk, wrap_up_seconds=0)
    anna = desk.operator()
    desk.waits()
    misses(desk, 2)
    clock.advance(20)
    offer = desk.offer()
    queues.accept(offer)
    queues.finish(offer.entry)
    desk.waits()

    misses(desk, 2)

    assert now(anna).presence == "available"


def test_becoming_available_begins_the_count_anew(desk):
    anna = desk.operator()
    desk.waits()
    misses(desk, 3)
    clock.advance(20)
    operators.set_presence(anna, "available")

    misses(desk, 2)
    assert now(anna).presence == "available"
    misses(desk, 1)
    assert now(anna).presence == "on_break"


def test_zero_switches_rest_and_break_off(desk):
    settings(desk, missed_rest_seconds=0, break_after_misses=0)
    anna = desk.operator()
    desk.waits()

    for _ in range(5):
        clock.advance(5)
        queues.miss(desk.offer())

    assert now(anna).presence == "available"
    assert Membership.objects.get().rests_until is None
