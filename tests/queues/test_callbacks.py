"""Callbacks as services: what each answer and each end means, at once from many sides, and after a crash."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.refused import Refused
from apps.hours import services as hours
from apps.operators.models import Engagement
from apps.queues import asking, callback_care, callbacks, dispatcher, healing
from apps.queues import services as queues
from apps.queues.models import Callback, CallbackTry, Offer, QueueEntry
from tests import factories
from tests.queues.conftest import Desk, ended, kinds, now
from tests.queues.test_at_once import at_once

NUMBER = "+14155550123"


@pytest.fixture
def desk(transactional_db) -> Desk:
    client = factories.ClientFactory(caller_id="+14155550100", max_concurrent_calls=50)
    queue = factories.QueueFactory(client=client, max_size=50, wrap_up_seconds=0, callback_retry_seconds=300)
    queue.callback_schedule = hours.create_schedule(client, name="Always", week=hours.ALWAYS)
    queue.save()
    factories.PhoneNumberFactory(client=client, number="+14155550100", destination=queue.destination)
    factories.ChoiceFactory(queue=queue)
    return Desk(queue)


def call_from(desk: Desk, number: str = NUMBER) -> Call:
    call = factories.CallFactory(client=desk.queue.client, customer_number=number, our_number="+14155550100")
    factories.LegFactory(call=call, status="in-progress", answered_at=clock.now())
    return call


def chooses(desk: Desk, number: str = NUMBER) -> QueueEntry:
    entry = desk.waits(call_from(desk, number))
    asking.choose(entry, "1")
    return now(entry)


def asked(desk: Desk, number: str = NUMBER) -> Callback:
    """A callback whose first call is over."""
    entry = chooses(desk, number)
    callback = asking.ask(entry).callback
    over(entry.call)
    return now(callback)


def over(call: Call) -> None:
    call.legs.update(status="completed", ended_at=clock.now())
    Call.objects.filter(pk=call.pk).update(status="over", outcome="callback", ended_at=clock.now())


def answers(offer: Offer) -> CallbackTry:
    """The operator picks up: accepted, and the customer is dialled."""
    Leg.objects.filter(pk=offer.leg_id).update(status="in-progress", answered_at=clock.now())
    queues.accept(offer)
    attempt = callbacks.running(now(offer.leg).call)
    room = factories.RoomFactory(call=attempt.call, n=1)
    assert callbacks.dial_customer(attempt, room)
    return attempt


def assert_sound() -> None:
    """What holds whatever happened: one open try a callback, one call a try, one customer's line a call."""
    for callback in Callback.objects.all():
        assert callback.tries.open().count() <= 1
        assert (callback.status == "calling") == callback.tries.open().exists(), callback.status
        if callback.status in Callback.OPEN:
            assert callback.entry.status in ("waiting", "offered", "talking")
        elif callback.status != "done":
            assert callback.entry.status in ("expired", "moved")
    for attempt in CallbackTry.objects.all():
        assert attempt.call.legs.filter(role="customer").count() == int(attempt.dialled_at is not None)
    held = Engagement.objects.open().filter(purpose="offer")
    assert set(held.values_list("operator", flat=True)) == set(
        Offer.objects.filter(ended_at__isnull=True).values_list("operator", flat=True)
    )


def test_the_place_is_kept_through_dialogue_and_callback(desk):
    first = chooses(desk)
    second = desk.waits(call_from(desk, "+14155550124"))
    assert (queues.position(first), queues.position(second)) == (1, 2)

    callback = asking.ask(first).callback
    over(first.call)

    assert (queues.position(now(first)), queues.position(second)) == (1, 2)
    assert now(first).place_at == first.place_at
    assert callback.number == NUMBER
    desk.operator()
    assert desk.offer().entry == first


def test_a_callback_that_is_not_due_yet_stands_before_nobody(desk):
    callback = asked(desk)
    second = desk.waits(call_from(desk, "+14155550124"))
    callback_care.reschedule(callback, at=clock.now() + timedelta(hours=1))
    desk.operator()

    assert queues.position(second) == 1
    assert desk.offer().entry == second


def test_who_asks_is_not_served_before_the_call_in_which_they_asked_is_over(desk):
    entry = chooses(desk)
    asking.ask(entry)
    desk.operator()

    assert queues.dispatch([desk.queue.pk]) == []
    over(entry.call)
    assert desk.offer().entry == entry


def test_asking_takes_a_ringing_offer_back_and_the_operator_keeps_the_turn(desk):
    anna = desk.operator()
    entry = desk.waits(call_from(desk))
    offer = desk.offer()

    asking.choose(entry, "1")

    assert (now(entry).status, now(offer).status) == ("choosing", "withdrawn")
    assert not anna.engagements.open().exists()


def test_a_key_comes_too_late_for_who_talks_already(desk):
    desk.operator()
    entry = desk.waits(call_from(desk))
    queues.accept(desk.offer())

    with pytest.raises(Refused):
        asking.choose(entry, "1")

    assert now(entry).status == "talking"


@pytest.mark.parametrize(
    "digits", ["", "911", "112", "12", "19005550123", "*", "0", "011442079460958", "8" * 40, "4155550100"]
)
def test_a_number_that_may_not_be_called_changes_nothing(desk, digits):
    entry = chooses(desk)

    with pytest.raises(Refused):
        asking.give_number(entry, digits)

    assert now(entry).given_number == ""


def test_who_asked_not_to_be_called_is_not_promised_a_call(desk):
    factories.PersonFactory(client=desk.queue.client, numbers=[NUMBER], do_not_call=True)
    entry = chooses(desk)

    assert asking.number_for(entry) == ""
    with pytest.raises(Refused):
        asking.ask(entry)
    assert not Callback.objects.exists()
    assert now(entry).status == "choosing"


def test_who_asks_not_to_be_called_after_the_promise_is_not_called(desk):
    callback = asked(desk)
    factories.PersonFactory(client=desk.queue.client, numbers=[NUMBER], do_not_call=True)
    anna = desk.operator()

    assert queues.dispatch([desk.queue.pk]) == []

    assert now(callback).status == "cancelled"
    assert not Call.objects.filter(direction="outbound").exists()
    assert not anna.engagements.open().exists()


def test_confirming_twice_is_confirming_once(desk):
    entry = chooses(desk)

    assert asking.ask(entry).callback == asking.ask(entry).callback
    assert Callback.objects.count() == 1


def test_eight_presses_at_once_are_one_callback(desk):
    entry = chooses(desk)

    made = at_once(*[lambda: asking.ask(now(entry)).callback.pk] * 8)

    assert len(set(made)) == 1
    assert Callback.objects.count() == 1
    assert kinds(entry.call).count("queues.callback_asked") == 1


def test_eight_calls_of_one_number_at_once_have_one_callback_and_one_place(desk):
    entries = [chooses(desk) for _ in range(8)]

    made = at_once(*[lambda entry=entry: asking.ask(entry) for entry in entries])

    assert len({one.callback.pk for one in made}) == 1
    assert sum(not one.before for one in made) == 1
    assert Counter(QueueEntry.objects.values_list("status", flat=True)) == {"waiting": 1, "moved": 7}


def test_the_database_refuses_a_second_callback_and_a_second_open_try(desk):
    callback = asked(desk)
    other = factories.QueueEntryFactory(queue=desk.queue, kind="callback")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.CallbackFactory(queue=desk.queue, entry=other, number=NUMBER)
    factories.CallbackTryFactory(callback=callback, n=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.CallbackTryFactory(callback=callback, n=2)


def test_eight_dispatchers_at_once_begin_one_try(desk):
    for n in range(5):
        asked(desk, f"+1415555013{n}")
    for _ in range(3):
        desk.operator()

    at_once(*[lambda: queues.dispatch([desk.queue.pk])] * 8)

    assert_sound()
    assert CallbackTry.objects.count() == 3
    assert Call.objects.filter(direction="outbound").count() == 3


def test_an_operators_answer_dials_the_customer_once_however_often_it_is_told(desk):
    asked(desk)
    desk.operator()
    offer = desk.offer()
    attempt = answers(offer)

    dialled = at_once(*[lambda: callbacks.dial_customer(callbacks.running(attempt.call), attempt.call.rooms.get())] * 8)

    assert set(dialled) == {True}
    assert attempt.call.legs.filter(role="customer").count() == 1
    assert_sound()


def test_the_answer_against_the_cancellation_ends_in_one_of_them(desk):
    for _round in range(6):
        callback = asked(desk, f"+1415555014{_round}")
        desk.operator()
        (offer,) = queues.dispatch([desk.queue.pk])
        attempt = answers(offer)

        reached, cancelled = at_once(
            lambda attempt=attempt: callbacks.reached(attempt),
            lambda callback=callback: callback_care.cancel(callback, why="Not needed."),
        )

        assert reached != cancelled
        assert now(callback).status == ("done" if reached else "cancelled")
        if reached:
            queues.finish(now(callback.entry))
        assert_sound()


def test_a_failed_try_waits_for_the_next_in_its_place_and_frees_the_operator(desk):
    callback = asked(desk)
    place = callback.entry.place_at
    anna = desk.operator()
    attempt = answers(desk.offer())
    assert now(callback.entry).answered_at is None, "nobody has met anybody yet"

    assert callbacks.fail(attempt, "no answer")
    assert not callbacks.fail(attempt, "no answer")
    calls.close(attempt.call, Call.Outcome.NO_ANSWER)

    row = now(callback)
    assert (row.status, row.next_try_at) == ("waiting", clock.now() + timedelta(seconds=300))
    assert (now(row.entry).status, now(row.entry).place_at) == ("waiting", place)
    assert not anna.engagements.open().exists()
    assert queues.dispatch([desk.queue.pk]) == []
    clock.advance(301)
    assert desk.offer().entry == row.entry
    assert_sound()


def test_the_hours_are_asked_again_when_the_moment_has_come(desk):
    callback = asked(desk)
    desk.operator()
    hours.close_now(desk.queue.callback_schedule)

    assert queues.dispatch([desk.queue.pk]) == []

    assert now(callback).next_try_at == clock.now() + timedelta(minutes=10)
    assert not Call.objects.filter(direction="outbound").exists()
    hours.reopen(desk.queue.callback_schedule)
    clock.advance(601)
    assert desk.offer().entry == callback.entry


def test_a_full_house_puts_the_callback_off_for_a_moment(desk):
    desk.queue.client.max_concurrent_calls = 1
    desk.queue.client.save()
    factories.CallFactory(client=desk.queue.client, direction="outbound")
    callback = asked(desk)
    anna = desk.operator()

    assert queues.dispatch([desk.queue.pk]) == []

    assert now(callback).next_try_at == clock.now() + timedelta(seconds=30)
    assert not anna.engagements.open().exists()
    assert_sound()


def test_live_callers_behind_a_callback_that_cannot_be_made_are_served(desk):
    asked(desk)
    hours.close_now(desk.queue.callback_schedule)
    second = desk.waits(call_from(desk, "+14155550124"))
    desk.operator()

    queues.dispatch([desk.queue.pk])

    assert desk.offer().entry == second if not Offer.objects.exists() else Offer.objects.get().entry == second


def test_a_callback_expires_and_a_running_try_is_let_finish(desk):
    first, second = asked(desk), asked(desk, "+14155550124")
    desk.operator()
    desk.offer()
    clock.advance(86401)

    callback_care.sweep()

    assert (now(first).status, now(second).status) == ("waiting", "expired") or (
        now(first).status == "calling" and now(second).status == "expired"
    )
    assert now(second.entry).status == "expired"
    assert_sound()


def test_rescheduling_keeps_to_the_hours_and_moves_the_end(desk):
    desk.queue.callback_schedule = hours.create_schedule(
        desk.queue.client, name="Mornings", week={day: [(time(8), time(12))] for day in range(7)}
    )
    desk.queue.save()
    callback = asked(desk)
    tomorrow = (clock.now() + timedelta(days=3)).astimezone(desk.queue.callback_schedule.time_zone)
    nine, two = tomorrow.replace(hour=9, minute=0), tomorrow.replace(hour=14, minute=0)

    with pytest.raises(Refused, match="outside the calling hours"):
        callback_care.reschedule(callback, at=two)
    with pytest.raises(Refused, match="over"):
        callback_care.reschedule(callback, at=clock.now() - timedelta(hours=1))
    row = callback_care.reschedule(callback, at=nine)

    assert row.next_try_at == nine
    assert row.expires_at == nine + timedelta(seconds=desk.queue.callback_expires_seconds)


def test_calling_now_comes_before_everybody(desk):
    desk.waits(call_from(desk, "+14155550124"))
    callback = asked(desk)
    callback_care.reschedule(callback, at=clock.now() + timedelta(hours=2))

    callback_care.call_now(callback)

    desk.operator()
    assert desk.offer().entry == callback.entry
    with pytest.raises(Refused, match="being called"):
        callback_care.call_now(callback)


def test_calling_now_is_not_refused_as_a_moment_of_the_past_while_the_clock_runs(desk):
    callback = asked(desk)
    clock.release()

    callback_care.call_now(callback)

    assert now(callback.entry).front


class Died(Exception):
    """A worker killed at this point."""


POINTS = [
    "after the press", "after the confirmation", "after the try began", "after the customer was dialled",
    "after the customer answered", "after the customer's line ended", "after the operator's line ended",
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_between_two_commits_leaves_nothing_for_ever(desk, point):
    """Each step is one commit; what would have followed it never runs. The sweeps bring all to an end."""
    entry = chooses(desk)
    if point != POINTS[0]:
        asking.ask(entry)
    over(entry.call)
    steps = POINTS.index(point)
    if steps >= 2:
        desk.operator()
        offer = desk.offer()
        if steps >= 3:
            attempt = answers(offer)
        if steps in (4, 5):
            attempt.call.legs.filter(role="customer").update(status="in-progress", answered_at=clock.now())
        if steps == 5:
            ended(attempt.call.legs.get(role="customer"), "completed")
        if steps == 6:
            ended(offer.leg, "completed")

    for _round in range(12):
        clock.advance(30)
        healing.heal()
        callback_care.sweep()

    assert_sound()
    if point == POINTS[0]:
        assert now(entry).status == "abandoned"
    elif steps == 2:
        ended(offer.leg, "no-answer")
        for _round in range(4):
            clock.advance(30)
            healing.heal()
            callback_care.sweep()
        assert not Call.objects.open().exists()
        assert Callback.objects.get().status == "waiting"
        assert CallbackTry.objects.get().dialled_at is None


def test_dispatching_the_same_moment_twice_after_a_rollback_leaves_one_try(desk, monkeypatch):
    asked(desk)
    desk.operator()

    def dies(*_args):
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(dispatcher.places, "offered", dies)
        with pytest.raises(Died):
            queues.dispatch([desk.queue.pk])
    assert not CallbackTry.objects.exists()
    assert not Call.objects.filter(direction="outbound").exists()

    desk.offer()
    assert CallbackTry.objects.count() == 1
    assert_sound()
