"""/api/v1/queues, /queue-entries and /offers."""

import pytest
from rest_framework.test import APIClient

from apps.queues import services as queues
from apps.queues.models import Queue
from tests import factories
from tests.queues.conftest import now


def signed_in(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def admin(db):
    return factories.UserFactory(role="administrator")


@pytest.fixture
def supervisor(desk):
    return factories.UserFactory(role="supervisor", clients=[desk.queue.client])


def test_an_administrator_makes_a_queue_with_its_members(admin):
    client = factories.ClientFactory()
    operator = factories.OperatorFactory(client=client)
    closed = factories.EndingFactory(destination__client=client).destination

    reply = signed_in(admin).post(
        "/api/v1/queues/",
        {
            "client": str(client.public_id), "name": "Support", "strategy": "round_robin", "ring_seconds": 15,
            "overflow": str(closed.public_id), "members": [str(operator.public_id)],
        },
    )  # fmt: skip

    assert reply.status_code == 201, reply.json()
    queue = Queue.objects.get()
    assert (queue.strategy, queue.ring_seconds, queue.overflow) == ("round_robin", 15, closed)
    assert reply.json()["destination"] == str(queue.destination.public_id)
    assert reply.json()["members"] == [str(operator.public_id)]


def test_a_loop_is_refused_with_a_sentence_and_nothing_is_made(desk, admin):
    reply = signed_in(admin).patch(
        f"/api/v1/queues/{desk.queue.public_id}/", {"overflow": str(desk.queue.destination.public_id)}
    )

    assert reply.status_code == 409
    assert "circle" in reply.json()["detail"]
    assert now(desk.queue).overflow is None


def test_another_clients_destination_is_refused(desk, admin):
    foreign = factories.EndingFactory().destination

    reply = signed_in(admin).patch(f"/api/v1/queues/{desk.queue.public_id}/", {"overflow": str(foreign.public_id)})

    assert reply.status_code == 409
    assert reply.json()["fields"] == {"overflow": ["Not ours."]}


def test_members_are_replaced_or_left_alone(desk, admin):
    anna, ben = desk.operator(), factories.OperatorFactory(client=desk.queue.client)
    path = f"/api/v1/queues/{desk.queue.public_id}/"

    assert signed_in(admin).patch(path, {"wrap_up_seconds": 5}).json()["members"] == [str(anna.public_id)]
    reply = signed_in(admin).patch(path, {"members": [str(ben.public_id)]})

    assert reply.json()["members"] == [str(ben.public_id)]
    assert now(desk.queue).wrap_up_seconds == 5


def test_a_queue_with_a_past_is_not_deleted(desk, admin):
    desk.waits()

    reply = signed_in(admin).delete(f"/api/v1/queues/{desk.queue.public_id}/")

    assert reply.status_code == 409
    assert "Switch it off" in reply.json()["detail"]


def test_an_operator_sees_only_the_queues_they_serve(desk):
    anna = desk.operator()
    factories.QueueFactory(client=desk.queue.client)

    listed = signed_in(anna.user).get("/api/v1/queues/").json()["results"]

    assert [row["id"] for row in listed] == [str(desk.queue.public_id)]
    assert signed_in(anna.user).get(f"/api/v1/queues/{desk.queue.public_id}/stats/").status_code == 403


def test_the_figures_of_a_queue(desk, supervisor):
    desk.operator()
    desk.talking()
    desk.waits()

    figures = signed_in(supervisor).get(f"/api/v1/queues/{desk.queue.public_id}/stats/").json()

    assert (figures["now"]["waiting"], figures["now"]["talking"], figures["now"]["busy"]) == (1, 1, 1)
    assert figures["since"].endswith("Z")


def test_figures_of_a_span_that_is_no_time_are_refused(desk, supervisor):
    reply = signed_in(supervisor).get(f"/api/v1/queues/{desk.queue.public_id}/stats/?since=yesterday")

    assert reply.status_code == 400
    assert "since" in reply.json()["fields"]


def test_entries_are_found_by_status_and_queue(desk, supervisor):
    waiting = desk.waits()
    queues.abandon(desk.waits())
    client = signed_in(supervisor)

    found = client.get(f"/api/v1/queue-entries/?status__in=waiting,offered&queue__public_id={desk.queue.public_id}")

    assert [row["call"] for row in found.json()["results"]] == [str(waiting.call.public_id)]


def test_another_clients_entries_and_offers_do_not_exist(desk):
    desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    stranger = signed_in(factories.UserFactory(role="supervisor", clients=[factories.ClientFactory()]))

    for path in ("queue-entries", "offers", "queues"):
        assert stranger.get(f"/api/v1/{path}/").json()["count"] == 0
    assert stranger.get(f"/api/v1/queue-entries/{entry.public_id}/").status_code == 404
    assert stranger.post(f"/api/v1/offers/{offer.public_id}/decline/").status_code in (403, 404)


def test_an_operator_turns_down_what_rings(desk):
    anna = desk.operator()
    entry = desk.waits()
    offer = desk.offer()

    reply = signed_in(anna.user).post(f"/api/v1/offers/{offer.public_id}/decline/")

    assert reply.json()["status"] == "declined"
    assert now(entry).status == "waiting"


def test_turning_down_too_late_changes_nothing(desk):
    anna = desk.operator()
    entry = desk.waits()
    offer = desk.offer()
    queues.accept(offer)

    reply = signed_in(anna.user).post(f"/api/v1/offers/{offer.public_id}/decline/")

    assert reply.json()["status"] == "accepted"
    assert now(entry).status == "talking"


def test_nobody_turns_down_for_somebody_else(desk):
    desk.operator()
    ben = desk.operator(presence="offline")
    desk.waits()
    offer = desk.offer()

    assert signed_in(ben.user).post(f"/api/v1/offers/{offer.public_id}/decline/").status_code == 404
    assert now(offer).status == "ringing"
