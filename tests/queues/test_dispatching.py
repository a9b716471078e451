"""Who is offered to whom, from the rows: skills, tiers, preferences, rests, several queues; and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.queues import services as queues
from apps.queues import strategies
from apps.queues.models import Membership, Offer, OwnOperator
from tests import factories
from tests.queues.conftest import kinds, now


def skilled(desk, name: str, **levels: int):
    """A ready member with these skills."""
    operator = desk.operator(user=factories.UserFactory(role="operator", first_name=name))
    for skill, level in levels.items():
        row = factories.SkillFactory._meta.model.objects.get_or_create(client=desk.queue.client, name=skill)[0]
        operator.operator_skills.create(skill=row, level=level)
    return operator


def asks_for(desk, skill: str, level: int, *relaxations: tuple[int, int]) -> None:
    row = factories.SkillFactory._meta.model.objects.get_or_create(client=desk.queue.client, name=skill)[0]
    desk.queue.requirements.create(skill=row, level=level)
    for after, enough in relaxations:
        desk.queue.relaxations.create(after_seconds=after, level=enough)


def rung(desk) -> list:
    return [offer.operator for offer in queues.dispatch([desk.queue.pk])]


def test_a_skill_is_asked_for_and_relaxes_as_the_caller_waits(desk):
    asks_for(desk, "Spanish", 8, (20, 4), (40, 0))
    ben, ana = skilled(desk, "Ben"), skilled(desk, "Ana", Spanish=5)
    desk.waits()

    assert rung(desk) == []
    clock.advance(20)
    assert rung(desk) == [ana]
    desk.waits()
    clock.advance(39)
    assert rung(desk) == []
    clock.advance(1)
    assert rung(desk) == [ben]


def test_the_best_skilled_is_asked_first_where_the_queue_says_so(desk):
    asks_for(desk, "Spanish", 3)
    desk.queue.strategy = "best_skill"
    desk.queue.save()
    skilled(desk, "Ben", Spanish=4)
    ana = skilled(desk, "Ana", Spanish=9)
    desk.waits()

    assert rung(desk) == [ana]


def test_the_second_tier_is_asked_when_its_time_has_come(desk):
    desk.queue.tier_wait_seconds = 30
    desk.queue.save()
    second = desk.operator()
    Membership.objects.filter(operator=second).update(tier=2)
    desk.waits()

    clock.advance(29)
    assert rung(desk) == []
    clock.advance(1)
    assert rung(desk) == [second]


@pytest.mark.parametrize("strategy", ["fewest_calls", "least_active"])
def test_who_has_done_least_today_is_asked(desk, strategy):
    desk.queue.strategy, desk.queue.wrap_up_seconds = strategy, 0
    desk.queue.save()
    busy = desk.operator()
    first = desk.talking()
    clock.advance(60)
    queues.finish(first)
    assert now(first).operator == busy
    rested = desk.operator(idle_since=clock.now())
    desk.waits()

    assert rung(desk) == [rested]


@pytest.fixture
def talked(desk):
    """A person whose last conversation was with Ana, who is busy least; Ben is free for longer."""
    desk.queue.prefer, desk.queue.prefer_wait_seconds = "last", 20
    desk.queue.save()
    person = factories.PersonFactory(client=desk.queue.client)
    ben, ana = skilled(desk, "Ben"), skilled(desk, "Ana")
    ben.idle_since = clock.now() - timedelta(hours=1)
    ben.save()
    factories.CallFactory(
        client=desk.queue.client, person=person, operator=ana, answered_at=clock.now(), status="over",
        outcome="answered", ended_at=clock.now(),
    )  # fmt: skip
    return person, ana, ben


def again(desk, person):
    call = desk.call()
    call.person = person
    call.save()
    return desk.waits(call)


def test_the_operator_who_spoke_with_the_caller_last_is_asked_first(desk, talked):
    person, ana, _ben = talked
    again(desk, person)

    (offer,) = queues.dispatch([desk.queue.pk])

    assert offer.operator == ana
    assert offer.reason.startswith("Ana: spoke with the caller last, idle")


def test_the_last_operator_is_waited_for_and_then_anybody_does(desk, talked):
    person, ana, ben = talked
    factories.EngagementFactory(operator=ana, purpose="desk_call")
    again(desk, person)

    clock.advance(19)
    assert rung(desk) == []
    clock.advance(1)
    assert rung(desk) == [ben]


def test_who_is_on_a_break_is_not_waited_for(desk, talked):
    person, ana, ben = talked
    ana.presence = "on_break"
    ana.save()
    again(desk, person)

    assert rung(desk) == [ben]


def test_the_callers_own_operator_comes_before_the_last_one(desk, talked):
    person, _ana, ben = talked
    desk.queue.prefer = "own"
    desk.queue.save()
    OwnOperator.objects.create(person=person, operator=ben)
    again(desk, person)

    assert rung(desk) == [ben]


def test_everybody_is_rung_and_the_first_to_answer_gets_the_caller(desk):
    desk.queue.strategy = "ring_all"
    desk.queue.save()
    team = [desk.operator() for _ in range(3)]
    entry = desk.waits()
    offers = queues.dispatch([desk.queue.pk])
    assert {offer.operator for offer in offers} == set(team)

    queues.accept(offers[1])

    assert [now(offer).status for offer in offers] == ["withdrawn", "accepted", "withdrawn"]
    assert now(entry).operator == offers[1].operator
    assert [one.engagements.open().exists() for one in (offers[0].operator, offers[2].operator)] == [False, False]


def test_one_who_declines_does_not_stop_the_other_phones(desk):
    desk.queue.strategy = "ring_all"
    desk.queue.save()
    desk.operator(), desk.operator()
    entry = desk.waits()
    first, second = queues.dispatch([desk.queue.pk])

    queues.decline(first)

    assert (now(entry).status, now(second).status) == ("offered", "ringing")


def test_the_queue_with_the_higher_priority_comes_first_until_the_other_has_aged(desk):
    ana = desk.operator()
    desk.queue.priority, desk.queue.ageing_seconds = 4, 30
    desk.queue.save()
    urgent = factories.QueueFactory(client=desk.queue.client, members=[ana], priority=6)
    old = desk.waits()
    clock.advance(59)
    new = desk.waits(queue=urgent)

    (offer,) = desk.dispatch(urgent)
    assert offer.entry == new
    queues.withdraw(offer, "To see what comes next.")
    clock.advance(1)
    (offer,) = desk.dispatch(urgent)
    assert offer.entry == old


def test_waking_one_queue_serves_the_longer_waiting_caller_of_another_first(desk):
    ana = desk.operator()
    other = factories.QueueFactory(client=desk.queue.client, members=[ana])
    earlier = desk.waits(queue=other)
    clock.advance(5)
    desk.waits()

    (offer,) = queues.dispatch([desk.queue.pk])

    assert offer.entry == earlier


def test_the_decision_is_kept_with_the_offer_and_can_be_made_again(desk):
    ana = skilled(desk, "Ana")
    Membership.objects.filter(operator=skilled(desk, "Carl")).update(
        rests_until=clock.now() + timedelta(seconds=8), rests_after="missed"
    )
    ben = skilled(desk, "Ben")
    entry = desk.waits()
    offer = now(desk.offer())

    kept = strategies.Decision.from_json(offer.considered)
    (reasons,) = queues.why(entry.call)

    assert kept.chosen == (ana.pk,) == strategies.replay(kept).chosen
    assert kept.runner_up.operator_id == ben.pk
    assert reasons.sentence == (
        "Ana: idle 0 s, the longest of 2; next would have been Ben (idle 0 s); Carl rests 8 s after a missed call."
    )
    assert [(row.name, row.verdict) for row in reasons.candidates] == [
        ("Ana", "asked"), ("Ben", "would have been next"), ("Carl", "rests"),
    ]  # fmt: skip
    assert queues.why(entry) == queues.why(entry.call)


def test_an_offer_without_kept_reasons_has_its_sentence(desk):
    offer = factories.OfferFactory(reason="Longest idle.")

    (reasons,) = queues.why(offer.entry)

    assert (reasons.sentence, reasons.candidates) == ("Longest idle.", [])


@pytest.mark.parametrize("strategy", ["longest_idle", "ring_all", "weighted"])
def test_the_number_of_queries_does_not_grow_with_callers_and_operators(desk, strategy):
    desk.queue.strategy, desk.queue.max_size = strategy, 100
    desk.queue.save()

    def cost(size: int) -> int:
        for _ in range(size):
            desk.operator()
            desk.waits()
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert len(queues.dispatch([desk.queue.pk])) == size
        return len(caught)

    assert cost(2) == cost(12)


def test_the_kinds_of_a_round_are_those_of_one_offer(desk):
    desk.operator(), desk.operator()
    entries = [desk.waits(), desk.waits()]

    queues.dispatch([desk.queue.pk])

    assert [kinds(entry.call) for entry in entries] == [["queues.joined", "queues.offered"]] * 2
    assert Offer.objects.ringing().count() == 2
