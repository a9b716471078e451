from datetime import timedelta

import pytest

from apps.calls.models import Leg
from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import healing
from apps.queues import services as queues
from apps.queues.models import Membership, Offer
from tests import factories
from tests.queues.conftest import ended, kinds, now


def test_a_waiting_caller_is_offered_to_a_ready_member(desk):
    anna = desk.operator()
    entry = desk.waits()

    offer = desk.offer()

    assert (offer.operator, offer.entry, offer.status) == (anna, entry, "ringing")
    assert now(entry).status == "offered"
    assert anna.engagements.open().get().purpose == Engagement.Purpose.OFFER
    assert (offer.leg.address, offer.leg.ring_seconds) == (f"client:op_{anna.pk}", 20)
    assert offer.leg.caller_id == entry.call.our_number
    assert kinds(entry.call) == ["queues.joined", "queues.offered"]


@pytest.mark.parametrize(
    "facts", [{"presence": "offline"}, {"presence": "on_break"}, {"unreachable_since": "2026-05-04T12:00Z"}]
)
def test_nobody_is_rung_who_is_not_ready(desk, facts):
    desk.operator(**facts)
    desk.waits()

    assert queues.dispatch([desk.queue.pk]) == []


def test_a_busy_or_resting_member_is_not_rung(desk):
    operators.engage(desk.operator(), Engagement.Purpose.DESK_CALL)
    Membership.objects.filter(operator=desk.operator()).update(active=False)
    factories.OperatorFactory(presence="available", client=desk.queue.client)
    desk.waits()

    assert queues.dispatch([desk.queue.pk]) == []


def test_who_waits_longest_is_served_first_across_an_operators_queues(desk):
    anna = desk.operator()
    other = factories.QueueFactory(client=desk.queue.client, members=[anna])
    earlier = desk.waits(queue=other)
    clock.advance(5)
    desk.waits()

    (offer,) = queues.dispatch([desk.queue.pk, other.pk])

    assert offer.entry == earlier


def test_longest_idle_is_rung_first_and_the_offer_says_why(desk):
    other = desk.operator()
    idle = desk.operator(idle_since=clock.now() - timedelta(seconds=80))
    desk.waits()

    offer = desk.offer()

    assert offer.operator == idle
    assert offer.reason == f"{idle}: idle 80 s, the longest of 2; next would have been {other} (idle 0 s)."


def test_round_robin_takes_turns(desk):
    desk.queue.strategy = "round_robin"
    desk.queue.max_size = 10
    desk.queue.save()
    team = [desk.operator() for _ in range(3)]
    rung = []
    for _ in range(6):
        clock.advance(60)
        desk.waits()
        offer = desk.offer()
        rung.append(offer.operator)
        queues.accept(offer)
        queues.finish(offer.entry)
        operators.finish_wrap_up(offer.operator)

    assert rung == team + team


def test_each_caller_gets_one_operator_and_each_operator_one_caller(desk):
    team = {desk.operator() for _ in range(2)}
    entries = [desk.waits() for _ in range(3)]

    offers = queues.dispatch([desk.queue.pk])

    assert {offer.operator for offer in offers} == team
    assert [offer.entry for offer in offers] == entries[:2]
    assert queues.dispatch([desk.queue.pk]) == []


def test_answering_brings_caller_and_operator_together(desk):
    anna = desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    clock.advance(7)

    queues.accept(offer)

    entry, offer = now(entry), now(offer)
    assert (entry.status, entry.operator, entry.answered_at) == ("talking", anna, clock.now())
    assert (offer.status, offer.decided_at, offer.ended_at) == ("accepted", clock.now(), None)
    assert now(entry.call).operator == anna
    assert now(entry.call).answered_at == clock.now()
    assert Event.objects.get(kind="queues.accepted").data["waited"] == 7


def test_declining_keeps_the_callers_place_and_rings_the_next(desk):
    anna = desk.operator(idle_since=clock.now() - timedelta(seconds=80))
    ben = desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    assert offer.operator == anna
    clock.advance(2)

    assert queues.decline(offer)

    assert (now(offer).status, now(offer).ended_at) == ("declined", clock.now())
    assert now(entry).status == "waiting"
    assert now(entry).place_at == entry.place_at
    assert not anna.engagements.open().exists()
    assert now(offer.leg).hang_up_asked_at is not None
    assert desk.offer().operator == ben


def test_who_declined_is_passed_over_for_this_caller_only(desk):
    desk.queue.declined_rest_seconds = 0
    desk.queue.save()
    anna = desk.operator()
    first = desk.waits()
    queues.decline(desk.offer())
    second = desk.waits()

    offer = desk.offer()

    assert (offer.operator, offer.entry) == (anna, second)
    assert now(first).status == "waiting"


def test_the_only_member_is_asked_again_after_a_breath(desk):
    anna = desk.operator()
    desk.waits()
    queues.decline(desk.offer())
    clock.advance(4)
    assert queues.dispatch([desk.queue.pk]) == []

    clock.advance(1)

    assert desk.offer().operator == anna


def test_an_offer_is_decided_once(desk):
    desk.operator()
    desk.waits()
    offer = desk.offer()
    queues.decline(offer)

    assert not queues.miss(offer)
    assert not queues.withdraw(offer, "Too late.")
    with pytest.raises(Refused):
        queues.accept(offer)

    assert now(offer).status == "declined"
    assert now(offer.entry).status == "waiting"


def test_a_caller_who_hangs_up_while_it_rings_frees_the_operator_who_keeps_the_turn(desk):
    anna = desk.operator(idle_since=clock.now() - timedelta(seconds=80))
    entry = desk.waits()
    offer = desk.offer()

    assert queues.abandon(entry)

    assert now(entry).status == "abandoned"
    assert now(offer).status == "withdrawn"
    assert not anna.engagements.open().exists()
    assert now(anna).idle_since == anna.idle_since
    assert now(offer.leg).hang_up_asked_at is not None


def test_answering_after_the_caller_has_gone_is_refused_and_noted(desk):
    desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    queues.abandon(entry)

    with pytest.raises(Refused, match="The caller has gone"):
        queues.accept(offer)

    assert now(entry).status == "abandoned"
    assert now(entry.call).operator is None
    assert Event.objects.filter(kind="queues.accepted", applied=False).count() == 1


def test_giving_up_after_the_answer_is_no_abandonment(desk):
    desk.operator()
    entry = desk.talking()

    assert not queues.abandon(entry)
    assert queues.leave(entry.call)

    assert now(entry).status == "answered"


def test_the_end_of_a_conversation_begins_the_wrap_up(desk):
    anna = desk.operator()
    entry = desk.talking()
    clock.advance(95)

    assert queues.finish(entry)
    assert not queues.finish(entry)

    engagement = anna.engagements.open().get()
    assert engagement.purpose == "wrap_up"
    assert (engagement.due_at - clock.now()).total_seconds() == 30
    assert engagement.call_ref == entry.call.public_id
    assert Offer.objects.get().ended_at == clock.now()
    assert Event.objects.get(kind="queues.finished").data["seconds"] == 95


def test_without_wrap_up_the_operator_is_ready_at_once(desk):
    desk.queue.wrap_up_seconds = 0
    desk.queue.save()
    anna = desk.operator()

    queues.finish(desk.talking())

    assert Operator.objects.ready().get() == anna


def test_a_caller_whose_operator_was_lost_waits_in_front(desk):
    anna = desk.operator()
    entry = desk.talking()
    desk.waits()
    clock.advance(600)

    assert queues.requeue(entry)
    assert not queues.requeue(entry)

    entry = now(entry)
    assert (entry.status, entry.front, entry.operator) == ("waiting", True, None)
    assert queues.position(entry) == 1
    assert entry not in queues.overdue(clock.now())
    assert not anna.engagements.open().exists()
    assert Offer.objects.get(status="accepted").ended_at == clock.now()


@pytest.mark.parametrize(
    ("status", "decided"),
    [("busy", "declined"), ("no-answer", "missed"), ("failed", "missed"), ("canceled", "withdrawn"),
     ("completed", "missed")],
)  # fmt: skip
def test_the_end_of_the_line_decides_the_offer(desk, status, decided):
    desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    Leg.objects.filter(pk=offer.leg_id).update(sid=factories.sid("CA"))
    ended(offer.leg, status)

    assert queues.settle(now(offer))

    assert now(offer).status == decided
    assert now(entry).status == "waiting"


def test_a_desk_that_the_carrier_cannot_reach_is_not_rung_any_more(desk):
    anna = desk.operator()
    desk.waits()
    offer = desk.offer()
    Leg.objects.filter(pk=offer.leg_id).update(sid=factories.sid("CA"))
    ended(offer.leg, "failed")

    queues.settle(now(offer))

    assert now(anna).unreachable_since is not None


def test_a_request_that_the_carrier_refused_says_nothing_about_the_desk(desk):
    anna = desk.operator()
    desk.waits()
    offer = desk.offer()
    ended(offer.leg, "failed")

    queues.settle(now(offer))

    assert now(offer).status == "missed"
    assert now(anna).unreachable_since is None


def test_a_line_that_rings_still_decides_nothing(desk):
    desk.operator()
    desk.waits()
    offer = desk.offer()

    assert not queues.settle(offer)
    assert now(offer).status == "ringing"


def test_nobody_is_rung_whose_line_is_still_being_closed(desk):
    anna = desk.operator()
    desk.waits()
    offer = desk.offer()
    queues.withdraw(offer, "The caller hung up.")
    desk.waits()

    assert not anna.engagements.open().exists()
    assert queues.dispatch([desk.queue.pk]) == []
    assert healing.queues_to_dispatch() == []

    Leg.objects.filter(pk=offer.leg_id).update(status="canceled")

    assert healing.queues_to_dispatch() == [desk.queue.pk]
    assert [one.operator for one in queues.dispatch([desk.queue.pk])] == [anna]
