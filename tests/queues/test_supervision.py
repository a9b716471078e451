"""What a supervisor does to a caller who waits."""

from __future__ import annotations

import pytest

from apps.core.models import Event
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.queues import healing, supervision
from apps.queues import services as queues
from apps.queues.models import QueueEntry
from tests import factories
from tests.queues.conftest import kinds, now


@pytest.fixture
def boss(db):
    return factories.UserFactory(role="supervisor")


def test_a_caller_who_is_put_first_is_served_first(desk, boss):
    earlier, later = desk.waits(), desk.waits()

    supervision.put_first(later, by=boss)
    supervision.put_first(now(later), by=boss)

    assert (queues.position(now(later)), queues.position(now(earlier))) == (1, 2)
    assert kinds(later.call).count("queues.put_first") == 1
    assert Event.objects.get(kind="queues.put_first").actor == boss
    desk.operator()
    assert desk.offer().entry == later


def test_a_priority_changes_the_order(desk, boss):
    earlier, later = desk.waits(), desk.waits()

    supervision.set_priority(later, 9, by=boss)
    supervision.set_priority(now(later), 9, by=boss)

    assert (queues.position(now(later)), queues.position(now(earlier))) == (1, 2)
    assert kinds(later.call).count("queues.priority_changed") == 1
    with pytest.raises(Refused, match="0 to 10"):
        supervision.set_priority(later, 11, by=boss)


def test_a_caller_is_kept_for_the_operator_who_was_named(desk, boss):
    ana, ben = desk.operator(), desk.operator()
    busy = operators.engage(ana, "desk_call")
    entry = desk.waits()

    supervision.hand_to(entry, ana, by=boss)
    supervision.hand_to(now(entry), ana, by=boss)

    assert queues.dispatch([desk.queue.pk]) == []
    operators.release(busy)
    offer = desk.offer()
    assert offer.operator == ana
    assert "handed to them by hand" in offer.reason
    assert not ben.engagements.exists()
    assert kinds(entry.call).count("queues.handed") == 1


def test_a_phone_that_rings_elsewhere_stops_when_the_caller_is_handed_on(desk, boss):
    ben = desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    ana = desk.operator()

    supervision.hand_to(entry, ana, by=boss)

    assert (now(offer).status, now(entry).status) == ("withdrawn", "waiting")
    assert not ben.engagements.open().exists()
    assert desk.offer().operator == ana


def test_null_gives_the_caller_back_to_everybody(desk, boss):
    ana, ben = desk.operator(), desk.operator()
    operators.engage(ana, "desk_call")
    entry = supervision.hand_to(desk.waits(), ana, by=boss)

    supervision.hand_to(entry, None, by=boss)

    assert desk.offer().operator == ben


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"presence": "offline"}, "offline"), ({"presence": "on_break"}, "on_break"),
        ({"unreachable_since": "2026-05-04T12:00Z"}, "unreachable"),
    ],
)  # fmt: skip
def test_nobody_is_named_who_is_not_there(desk, boss, facts, code):
    entry = desk.waits()

    with pytest.raises(Refused) as refusal:
        supervision.hand_to(entry, desk.operator(**facts), by=boss)

    assert refusal.value.code == code
    assert now(entry).reserved_for is None


def test_nobody_is_named_who_could_not_take_the_call(desk, boss):
    skill = factories.SkillFactory(client=desk.queue.client, name="Spanish")
    desk.queue.requirements.create(skill=skill, level=6)
    desk.queue.relaxations.create(after_seconds=30, level=3)
    entry, ana = desk.waits(), desk.operator()
    stranger = factories.OperatorFactory(presence="available")
    outsider = factories.OperatorFactory(presence="available", client=desk.queue.client)

    for operator, code in ((stranger, "other_client"), (outsider, "not_a_member"), (ana, "lacks_skill")):
        with pytest.raises(Refused) as refusal:
            supervision.hand_to(entry, operator, by=boss)
        assert refusal.value.code == code
    ana.operator_skills.create(skill=skill, level=3)

    assert supervision.hand_to(entry, ana, by=boss).reserved_for == ana


def test_who_was_named_and_declines_is_not_waited_for(desk, boss):
    ana, ben = desk.operator(), desk.operator()
    entry = supervision.hand_to(desk.waits(), ana, by=boss)

    queues.decline(desk.offer())

    assert now(entry).reserved_for is None
    assert desk.offer().operator == ben
    assert "queues.handed_back" in kinds(entry.call)


def test_who_was_named_and_leaves_is_not_waited_for(desk, boss):
    ana = desk.operator()
    busy = operators.engage(ana, "desk_call")
    entry = supervision.hand_to(desk.waits(), ana, by=boss)
    operators.set_presence(ana, "offline")
    operators.release(busy)

    healing.heal()
    healing.heal()

    assert now(entry).reserved_for is None
    assert kinds(entry.call).count("queues.handed_back") == 1


@pytest.mark.parametrize("act", ["put_first", "set_priority", "hand_to"])
def test_who_does_not_wait_any_more_is_left_alone(desk, boss, act):
    ana = desk.operator()
    entry = desk.waits()
    queues.abandon(entry)
    more = {"put_first": (), "set_priority": (9,), "hand_to": (ana,)}[act]

    with pytest.raises(Refused, match="does not wait any more"):
        getattr(supervision, act)(entry, *more, by=boss)

    assert (now(entry).front, now(entry).priority, now(entry).reserved_for) == (False, 5, None)


def test_a_moved_caller_takes_the_waited_time_along(desk, boss):
    other = factories.QueueFactory(client=desk.queue.client, priority=7, members=[desk.operator()])
    entry = desk.waits()

    moved = queues.move_to(entry, other, by=boss)

    assert (moved.queue, moved.place_at, moved.priority) == (other, entry.place_at, 7)
    assert now(entry).status == "moved"
    assert queues.move_to(now(entry), other, by=boss) == moved
    assert QueueEntry.objects.count() == 2
    assert kinds(entry.call) == ["queues.joined", "queues.moved", "queues.joined"]


def test_a_queue_that_takes_nobody_refuses_a_moved_caller_who_keeps_the_place(desk, boss):
    closed = factories.QueueFactory(client=desk.queue.client, active=False)
    foreign = factories.QueueFactory()
    deserted = factories.QueueFactory(client=desk.queue.client, name="Nights")
    entry = desk.waits()

    for queue, words in (
        (closed, "switched off"), (foreign, "of another client"), (deserted, "Nights has no members: nobody"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            queues.move_to(entry, queue, by=boss)

    assert now(entry).status == "waiting"
    assert QueueEntry.objects.count() == 1
