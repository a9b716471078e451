"""What follows a commit by itself, without the sweep."""

import pytest

from apps.calls import services as calls
from apps.calls.models import Leg
from apps.core import clock
from apps.operators import services as operators
from apps.queues.models import Offer
from tests import factories
from tests.queues.conftest import Desk, now
from tests.support.tasks import drain_only

pytestmark = pytest.mark.django_db(transaction=True)

DISPATCH = "apps.queues.tasks.dispatch"


@pytest.fixture
def desk(transactional_db) -> Desk:
    return Desk(factories.QueueFactory(wrap_up_seconds=30))


def test_joining_rings_a_ready_member(desk):
    anna = desk.operator()
    desk.waits()

    drain_only(DISPATCH)

    assert Offer.objects.ringing().get().operator == anna


def test_becoming_available_rings_for_who_waits(desk):
    anna = desk.operator(presence="offline")
    desk.waits()
    drain_only(DISPATCH)
    assert not Offer.objects.exists()

    operators.set_presence(anna, "available")
    drain_only(DISPATCH)

    assert Offer.objects.ringing().get().operator == anna


def test_the_end_of_the_wrap_up_rings_for_who_waits(desk):
    anna = desk.operator()
    operators.wrap_up(anna, 30, None)
    desk.waits()

    operators.finish_wrap_up(anna)
    drain_only(DISPATCH)

    assert Offer.objects.ringing().get().operator == anna


def test_a_line_that_ends_decides_its_offer_and_rings_the_next(desk):
    desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    Leg.objects.filter(pk=offer.leg_id).update(status="ringing")
    desk.operator()

    calls.advance(now(offer.leg), "no-answer")
    drain_only(DISPATCH)

    assert now(offer).status == "missed"
    assert Offer.objects.ringing().get().entry == entry


def test_going_on_a_break_declines_what_rings(desk):
    anna = desk.operator()
    desk.waits()
    offer = desk.offer()

    operators.set_presence(anna, "on_break")

    assert now(offer).status == "declined"


def test_a_desk_that_dies_while_ringing_frees_the_caller_for_the_next(desk):
    anna = desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    ben = desk.operator()

    operators.mark_unreachable(anna, "the page was closed")
    drain_only(DISPATCH)

    assert now(offer).status == "missed"
    ringing = Offer.objects.ringing().get()
    assert (ringing.operator, ringing.entry) == (ben, entry)


def test_a_conversation_outlives_a_desk_that_is_not_heard_of(desk):
    anna = desk.operator()
    entry = desk.talking()

    operators.mark_unreachable(anna, "the page was closed")

    assert now(entry).status == "talking"


def test_a_call_that_is_over_leaves_its_queue(desk):
    entry = desk.waits()

    calls.close(entry.call, "abandoned")

    assert now(entry).status == "abandoned"
    assert now(entry).ended_at == clock.now()
