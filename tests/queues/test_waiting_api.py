"""What a supervisor does to a waiting caller over the API, and what it says of the reasons for an offer."""

from __future__ import annotations

import pytest

from apps.calls.models import Leg
from apps.queues import services as queues
from tests import factories
from tests.queues.conftest import now
from tests.queues.test_api import signed_in


@pytest.fixture
def supervisor(desk):
    return signed_in(factories.UserFactory(role="supervisor", clients=[desk.queue.client]))


def path(entry, act: str) -> str:
    return f"/api/v1/queue-entries/{entry.public_id}/{act}"


def test_a_caller_is_put_first_and_given_a_priority(desk, supervisor):
    desk.waits()
    entry = desk.waits()

    first = supervisor.post(path(entry, "first"))
    reply = supervisor.post(path(entry, "priority"), {"priority": 8})

    assert (first.status_code, first.json()["front"]) == (200, True)
    assert (reply.json()["priority"], now(entry).priority) == (8, 8)
    assert supervisor.post(path(entry, "priority"), {"priority": 11}).status_code == 400
    assert supervisor.post(path(entry, "priority"), {}).status_code == 400


def test_a_caller_is_handed_over_and_given_back(desk, supervisor):
    ana, entry = desk.operator(), desk.waits()

    reply = supervisor.post(path(entry, "assign"), {"operator": str(ana.public_id)})
    assert reply.json()["reserved_for"] == str(ana.public_id)
    reply = supervisor.post(path(entry, "assign"), {"operator": None}, format="json")

    assert (reply.status_code, reply.json()["reserved_for"]) == (200, None)
    assert now(entry).reserved_for is None


def test_who_is_away_is_refused_with_a_sentence(desk, supervisor):
    entry = desk.waits()
    away = desk.operator(presence="offline")
    stranger = factories.OperatorFactory(presence="available")

    reply = supervisor.post(path(entry, "assign"), {"operator": str(away.public_id)})
    assert (reply.status_code, reply.json()["code"]) == (409, "offline")
    assert reply.json()["detail"] == f"{away} is signed out. Choose another operator."
    assert supervisor.post(path(entry, "assign"), {"operator": str(stranger.public_id)}).status_code == 400
    assert now(entry).reserved_for is None


def test_who_has_gone_is_refused(desk, supervisor):
    entry, ana = desk.waits(), desk.operator()
    queues.abandon(entry)

    other = factories.QueueFactory(client=desk.queue.client)
    bodies = {
        "first": {}, "priority": {"priority": 9}, "assign": {"operator": str(ana.public_id)},
        "move": {"queue": str(other.public_id)},
    }  # fmt: skip

    for act, body in bodies.items():
        reply = supervisor.post(path(entry, act), body)
        assert (reply.status_code, reply.json()["code"]) == (409, "not_waiting"), act


def test_a_caller_is_moved_and_the_line_is_shown_the_way_once(desk, supervisor, django_capture_on_commit_callbacks):
    other, entry = factories.QueueFactory(client=desk.queue.client), desk.waits()
    factories.MembershipFactory(queue=other)
    Leg.objects.filter(call=entry.call).update(status="in-progress")

    with django_capture_on_commit_callbacks() as first:
        reply = supervisor.post(path(entry, "move"), {"queue": str(other.public_id)})
    with django_capture_on_commit_callbacks() as second:
        again = supervisor.post(path(entry, "move"), {"queue": str(other.public_id)})

    assert reply.status_code == 200, reply.json()
    assert reply.json()["queue"] == again.json()["queue"] == str(other.public_id)
    assert reply.json()["id"] == again.json()["id"] != str(entry.public_id)
    assert (len(first) > 0, len(second)) == (True, 0)


def test_the_reasons_of_an_offer_are_for_those_who_watch_the_board(desk, supervisor):
    ana, ben = desk.operator(), desk.operator()
    desk.waits()
    offer = desk.offer()

    shown = supervisor.get(f"/api/v1/offers/{offer.public_id}").json()["considered"]
    hidden = signed_in(ana.user).get(f"/api/v1/offers/{offer.public_id}").json()["considered"]

    assert shown["sentence"] == f"{ana}: idle 0 s, the longest of 2; next would have been {ben} (idle 0 s)."
    assert (shown["able"], shown["excluded"]) == (2, {})
    assert [row["verdict"] for row in shown["candidates"]] == ["asked", "would have been next"]
    assert hidden is None
