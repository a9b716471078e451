"""Each state that a lost report or a dead worker leaves behind is put right by the sweep; sound ones are left alone."""

from datetime import timedelta

from apps.calls.models import Call
from apps.core import clock
from apps.operators.models import Engagement
from apps.queues import healing
from apps.queues import services as queues
from apps.queues.models import Offer, QueueEntry
from tests import factories
from tests.queues.conftest import ended, kinds, now


def test_a_round_over_sound_rows_changes_nothing(desk):
    desk.operator()
    desk.talking()
    desk.operator()
    desk.waits()
    desk.offer()
    desk.waits()
    before = list(QueueEntry.objects.values().order_by("pk")), list(Offer.objects.values().order_by("pk"))

    healing.heal()

    assert (list(QueueEntry.objects.values().order_by("pk")), list(Offer.objects.values().order_by("pk"))) == before


def test_an_offer_whose_line_ended_unheard_is_decided(desk):
    desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    ended(offer.leg, "no-answer")

    healing.heal()

    assert now(offer).status == "missed"
    assert now(entry).status == "waiting"


def test_an_offer_that_rings_far_too_long_is_missed_and_its_line_ended(desk):
    anna = desk.operator()
    desk.waits()
    offer = desk.offer()
    clock.advance(30)
    healing.heal()
    assert now(offer).status == "ringing"

    clock.advance(1)
    healing.heal()

    assert now(offer).status == "missed"
    assert now(offer.leg).hang_up_asked_at is not None
    assert not anna.engagements.open().exists()


def test_an_entry_that_nobody_is_asked_about_waits_again(desk):
    entry = desk.waits()
    QueueEntry.objects.update(status="offered")

    healing.heal()

    assert now(entry).status == "waiting"
    assert kinds(entry.call)[-1] == "queues.healed"


def test_an_offer_for_a_caller_who_left_is_withdrawn(desk):
    anna = desk.operator()
    desk.waits()
    offer = desk.offer()
    QueueEntry.objects.update(status="abandoned", ended_at=clock.now())

    healing.heal()

    assert now(offer).status == "withdrawn"
    assert not anna.engagements.open().exists()


def test_places_of_calls_that_are_over_are_closed(desk):
    desk.operator()
    talking, waiting = desk.talking(), desk.waits()
    Call.objects.update(status="over", outcome="answered", ended_at=clock.now())

    healing.heal()

    assert now(talking).status == "answered"
    assert now(waiting).status == "abandoned"


def test_an_operator_held_for_nothing_is_freed(desk):
    anna = desk.operator()
    factories.EngagementFactory(operator=anna, purpose=Engagement.Purpose.OFFER)
    healing.heal()
    assert anna.engagements.open().exists()

    clock.advance(11)
    healing.heal()

    assert not anna.engagements.open().exists()


def test_a_desk_call_is_not_mistaken_for_a_forgotten_offer(desk):
    anna = desk.operator()
    factories.EngagementFactory(operator=anna, purpose=Engagement.Purpose.DESK_CALL)
    clock.advance(3600)

    healing.heal()

    assert anna.engagements.open().exists()


def test_waiting_callers_and_ready_members_are_brought_to_dispatch(desk):
    desk.waits()
    assert healing.queues_to_dispatch() == []

    desk.operator()

    assert healing.queues_to_dispatch() == [desk.queue.pk]


def test_an_engagement_that_blocks_an_operator_does_not_stop_the_round(desk):
    """A ringing offer whose engagement is closed already: dispatch passes the operator over until it is cleared up."""
    anna = desk.operator(idle_since=clock.now() - timedelta(seconds=80))
    ben = desk.operator()
    stale = desk.waits()
    offer = desk.offer()
    assert offer.operator == anna
    Engagement.objects.update(ended_at=clock.now())
    fresh = desk.waits()

    (made,) = queues.dispatch([desk.queue.pk])

    assert (made.operator, made.entry) == (ben, fresh)
    assert now(stale).status == "offered"
