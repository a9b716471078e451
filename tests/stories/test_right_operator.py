"""The right operator: skills that relax, the last one first, everybody at once, rests, and a supervisor's hand."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from apps.queues import services as queues
from apps.queues.models import Membership
from tests import factories
from tests.stories.base import OperatorInStory, World
from tests.stories.conftest import DIRECT_LINE


@pytest.fixture
def boss(world: World, company) -> OperatorInStory:
    """A supervisor, who takes no calls."""

    @dataclass
    class Nobody:
        pk: int
        user: object

    user = factories.UserFactory(role="supervisor", clients=[company.client], first_name="Sonja")
    return OperatorInStory(world, Nobody(user.pk, user))


def settings(company, **values) -> None:
    for name, value in values.items():
        setattr(company.queue, name, value)
    company.queue.save()


def test_a_skill_that_nobody_free_has_relaxes_as_the_caller_waits(world, company):
    spanish = factories.SkillFactory(client=company.client, name="Spanish")
    company.queue.requirements.create(skill=spanish, level=8)
    company.queue.relaxations.create(after_seconds=20, level=4)
    company.ben.operator.operator_skills.create(skill=spanish, level=5)
    company.anna.becomes_available()
    company.ben.becomes_available()
    world.caller().dials(DIRECT_LINE)

    world.advance(18)
    assert not company.ben.ringing
    company.ben.rings(within=4)

    assert not company.anna.ringing
    (why,) = queues.why(world.call)
    assert why.sentence.startswith("Ben: Spanish 5 of 4 asked")
    assert "Anna has only Spanish 0 of 4 asked" in why.sentence


def test_who_spoke_with_the_caller_last_is_asked_first(world, company):
    settings(company, prefer="last", prefer_wait_seconds=20, wrap_up_seconds=0)
    company.ben.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.ben.answers()
    world.advance(5)
    caller.hangs_up()
    company.anna.becomes_available()
    Membership.objects.filter(operator=company.ben.operator).update(tier=9)  # by the order alone it were Anna's call
    world.advance(5)

    world.caller().dials(DIRECT_LINE)
    company.ben.rings()

    assert not company.anna.ringing
    assert "spoke with the caller last" in queues.why(world.call)[0].sentence


def test_everybody_is_rung_and_one_answers(world, company):
    settings(company, strategy="ring_all")
    company.anna.becomes_available()
    company.ben.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.rings()
    company.ben.rings()

    company.ben.answers()
    world.advance(3)

    assert caller.where == "conference"
    assert world.call.operator == company.ben.operator
    assert not company.anna.ringing
    assert company.anna.busy_with == ""


def test_missed_calls_give_a_rest_and_then_a_break(world, company):
    settings(company, missed_rest_seconds=15, break_after_misses=2, ring_seconds=10)
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.rings()
    world.until(lambda: not company.anna.ringing, within=15)

    world.advance(13)
    assert not company.anna.ringing
    company.anna.rings(within=5)
    world.until(lambda: company.anna.presence == "on_break", within=20)

    assert company.anna.asks("GET", "operators/me").json()["break_reason"] is not None
    assert company.anna.operator.break_reason.name == "Missed calls"
    world.advance(30)
    assert not company.anna.ringing
    assert caller.is_connected
    company.anna.becomes_available()
    company.anna.rings(within=3)


def test_a_supervisor_hands_a_caller_to_a_named_operator(world, company, boss):
    company.ben.becomes_available()
    world.caller("+14155550177").dials(DIRECT_LINE)
    company.ben.answers()
    company.anna.becomes_available()
    world.caller("+14155550178").dials(DIRECT_LINE)
    company.anna.rings()

    boss.commands(f"queue-entries/{world.entry.public_id}/assign", operator=str(company.ben.operator.public_id))
    world.advance(3)

    assert not company.anna.ringing
    assert world.entry.reserved_for == company.ben.operator
    waiting = world.call
    company.ben.commands(f"calls/{Talking(company.ben).public_id}/hangup")
    company.ben.rings(within=40)
    company.ben.answers()
    world.advance(3)
    waiting.refresh_from_db()
    assert waiting.operator == company.ben.operator


class Talking:
    """The call that an operator is in."""

    def __init__(self, desk: OperatorInStory) -> None:
        self.public_id = desk.operator.engagements.open().get().call_ref


def test_a_supervisor_moves_a_caller_who_is_answered_from_the_other_queue(world, company, boss):
    other = factories.QueueFactory(client=company.client, name="Billing")
    factories.MembershipFactory(queue=other, operator=company.ben.operator)
    Membership.objects.filter(queue=company.queue, operator=company.ben.operator).delete()
    company.ben.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(10)
    joined = world.entry.place_at

    boss.commands(f"queue-entries/{world.entry.public_id}/move", queue=str(other.public_id))
    company.ben.answers()
    world.advance(3)

    assert caller.where == "conference"
    assert (world.entry.queue, world.entry.place_at) == (other, joined)
    assert world.call.operator == company.ben.operator
    assert "queues.moved" in world.timeline()
