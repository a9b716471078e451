"""A round that reads only the first callers and operators decides as one that reads them all."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.operators.models import Operator
from apps.queues import dispatcher, reading, strategies, window
from apps.queues import services as queues
from apps.queues.models import Membership, Offer, Queue, QueueEntry
from tests import factories

MOST = 3


@pytest.fixture
def narrow(monkeypatch):
    """Four ready members are many."""
    monkeypatch.setattr(window, "FEW", 4)
    monkeypatch.setattr(window, "SPARE", 2)
    monkeypatch.setattr(dispatcher, "BATCH", MOST)


def crowd(chance: random.Random, strategy: str) -> dict[int, Queue]:
    """Two queues with one skill each, a dozen operators who serve one of them or both, callers in either."""
    client = factories.ClientFactory()
    lines = []
    for _number in range(2):
        queue = factories.QueueFactory(
            client=client, strategy=strategy, tier_wait_seconds=chance.choice([0, 30]),
            ageing_seconds=chance.choice([0, 20]),
        )  # fmt: skip
        skill = factories.SkillFactory(client=client)
        queue.requirements.create(skill=skill, level=6)
        queue.relaxations.create(after_seconds=20, level=3)
        lines.append((queue, skill))
    now = clock.now()
    for _number in range(12):
        operator = factories.OperatorFactory(
            client=client, presence=Operator.Presence.AVAILABLE,
            idle_since=now - timedelta(seconds=chance.randrange(600)),
        )  # fmt: skip
        for queue, skill in chance.sample(lines, chance.choice([1, 2])):
            operator.operator_skills.create(skill=skill, level=chance.randint(1, 10))
            Membership.objects.create(
                queue=queue, operator=operator, tier=chance.choice([1, 1, 2]), position=chance.randrange(5),
                last_offered_at=chance.choice([None, now - timedelta(seconds=chance.randrange(900))]),
                rests_until=chance.choice([None, None, now + timedelta(seconds=5)]),
            )  # fmt: skip
    for _number in range(10):
        since = now - timedelta(seconds=chance.randrange(90))
        QueueEntry.objects.create(
            queue=chance.choice(lines)[0], call=factories.CallFactory(client=client), joined_at=since, place_at=since,
            priority=chance.choice([5, 5, 7]), front=chance.random() < 0.1,
        )  # fmt: skip
    return {queue.pk: queue for queue, _skill in lines}


@pytest.mark.django_db
@pytest.mark.parametrize("strategy", ["longest_idle", "round_robin", "linear", "best_skill", "ring_all"])
@pytest.mark.parametrize("seed", range(6))
def test_the_narrow_read_decides_as_the_whole(narrow, strategy, seed):
    lines, at = crowd(random.Random(f"{seed} {strategy}"), strategy), clock.now()
    wanted = reading.wanted_of(lines.values())
    whole = strategies.assign(
        wanted, reading.callers_of(lines, at, calling_back=True), reading.candidates_of(lines, wanted, at),
        at.timestamp(), limit=MOST,
    )  # fmt: skip

    for read in window.reads(lines, wanted, at, calling_back=True, most=MOST):
        decisions = strategies.assign(wanted, read.callers, read.candidates, at.timestamp(), limit=MOST)
        if not read.lacks(decisions, MOST):
            break

    chosen = [(one.entry_id, one.chosen) for one in decisions]
    assert chosen == [(one.entry_id, one.chosen) for one in whole], f"seed {seed}"


@pytest.fixture
def many(desk, narrow):
    """The desk's queue with eight ready members and nobody who needs them all."""
    return desk, [desk.operator() for _number in range(8)]


def test_a_decision_from_the_first_of_many_says_that_there_were_more(many):
    desk, _people = many
    desk.waits()

    (offer,) = queues.dispatch([desk.queue.pk])

    decision = strategies.Decision.from_json(Offer.objects.get(pk=offer.pk).considered)
    assert decision.more
    assert decision.able == MOST + window.SPARE
    assert not decision.complete
    assert f"the longest of more than {decision.able}" in decision.words


def test_a_caller_handed_to_the_last_of_many_gets_them(many):
    desk, people = many
    last = people[-1]
    entry = desk.waits()
    QueueEntry.objects.filter(pk=entry.pk).update(reserved_for=last)

    assert [offer.operator for offer in queues.dispatch([desk.queue.pk])] == [last]


def test_with_many_ready_no_more_rows_are_read_than_can_be_brought_together(many, monkeypatch):
    desk, _people = many
    desk.waits()
    read = []
    monkeypatch.setattr(
        strategies, "assign",
        lambda wanted, callers, candidates, at, *, limit, kept=strategies.assign: (
            read.append(sum(map(len, candidates.values()))) or kept(wanted, callers, candidates, at, limit=limit)
        ),
    )  # fmt: skip

    queues.dispatch([desk.queue.pk])

    assert read == [MOST + window.SPARE]


def test_nobody_ready_is_one_question(desk):
    desk.waits()

    with CaptureQueriesContext(connection) as queries:
        assert queues.dispatch([desk.queue.pk]) == []

    asked = [one["sql"] for one in queries if "operators_operator" in one["sql"]]
    assert len(asked) == 1
