"""Callbacks for programs, in the admin, on the board and on the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from apps.core import clock
from apps.hours import services as hours
from apps.live import desk_state, snapshot
from apps.live.scope import Scope
from apps.operators.models import Engagement
from apps.queues.models import Callback
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def callback() -> Callback:
    client = factories.ClientFactory()
    queue = factories.QueueFactory(client=client, name="Dispatch")
    queue.callback_schedule = hours.create_schedule(client, name="Always", week=hours.ALWAYS)
    queue.save()
    person = factories.PersonFactory(client=client, name="Bluebird Grocers")
    call = factories.CallFactory(client=client, person=person, status="over", outcome="callback", ended_at=clock.now())
    return factories.CallbackFactory(queue=queue, call=call, promised_until=clock.now() + timedelta(hours=1))


@pytest.fixture
def supervisor(callback):
    return factories.UserFactory(role="supervisor", clients=[callback.queue.client])


def asks(user, method: str, path: str, body: dict | None = None):
    client = APIClient()
    client.force_authenticate(user)
    return getattr(client, method)(f"/api/v1/callbacks/{path}", body or {}, format="json")


def test_a_supervisor_sees_moves_and_cancels_a_callback(callback, supervisor):
    listed = asks(supervisor, "get", "?status__in=waiting,calling").json()
    assert [(row["id"], row["number"], row["tries"]) for row in listed["results"]] == [
        (str(callback.public_id), callback.number, [])
    ]

    later = clock.now() + timedelta(hours=2)
    moved = asks(supervisor, "post", f"{callback.public_id}/reschedule/", {"next_try_at": later.isoformat()})
    assert moved.status_code == 200
    callback.refresh_from_db()
    assert callback.next_try_at == later

    first = asks(supervisor, "post", f"{callback.public_id}/call-now/")
    assert first.status_code == 200
    callback.refresh_from_db()
    assert callback.next_try_at <= clock.now()
    assert callback.entry.front or Callback.objects.get().entry.front

    for _twice in range(2):
        gone = asks(supervisor, "post", f"{callback.public_id}/cancel/")
        assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"next_try_at": "soon"}, 400), ({"next_try_at": "2001-01-01T00:00:00Z"}, 409)],
)
def test_a_moment_that_is_none_is_refused_and_changes_nothing(callback, supervisor, body, status):
    before = callback.next_try_at

    refused = asks(supervisor, "post", f"{callback.public_id}/reschedule/", body)

    assert refused.status_code == status
    assert refused.json()["fields"]["next_try_at"]
    callback.refresh_from_db()
    assert callback.next_try_at == before


def test_the_admin_lists_callbacks_and_cancels_the_chosen(client, callback, supervisor):
    client.force_login(supervisor)
    page = client.get(reverse("admin:queues_callback_changelist"))
    assert "Bluebird Grocers" in page.content.decode()
    assert "0 of 3" in page.content.decode()
    assert client.get(reverse("admin:queues_callback_change", args=[callback.pk])).status_code == 200
    assert client.get(reverse("admin:calls_call_change", args=[callback.call_id])).status_code == 200

    done = client.post(
        reverse("admin:queues_callback_changelist"),
        {"action": "cancel", "_selected_action": [callback.pk]}, follow=True,
    )  # fmt: skip

    assert "1 callback cancelled." in done.content.decode()
    callback.refresh_from_db()
    assert callback.status == "cancelled"


def test_the_board_shows_the_promise_and_the_place(callback, supervisor):
    picture = snapshot.board(Scope.of(supervisor))

    (row,) = picture["callbacks"]
    assert (row["name"], row["queue_name"], row["status"]) == ("Bluebird Grocers", "Dispatch", "waiting")
    assert (row["tries"], row["tries_at_most"]) == (0, 3)
    assert row["promised_from"] is None
    assert row["promised_until"].endswith("Z")
    (place,) = picture["line"]
    assert (place["kind"], place["place"], place["number"]) == ("callback", 1, row["number"])


def test_the_board_of_another_client_does_not_show_it(callback):
    stranger = factories.UserFactory(role="supervisor", clients=[factories.ClientFactory()])

    assert snapshot.board(Scope.of(stranger))["callbacks"] == []


def test_a_ringing_desk_says_that_it_is_a_callback_and_for_whom(callback):
    operator = factories.OperatorFactory(client=callback.queue.client, presence="available")
    call = factories.CallFactory(client=callback.queue.client, direction="outbound", person=callback.call.person)
    callback.entry.call, callback.entry.status = call, "offered"
    callback.entry.save()
    factories.CallbackTryFactory(callback=callback, call=call)
    Callback.objects.update(status="calling")
    factories.OfferFactory(entry=callback.entry, operator=operator)
    assert Engagement.objects.get().call_ref == call.public_id

    offer = desk_state.states([operator.pk])[operator.pk]["offer"]

    assert offer["name"] == "Bluebird Grocers"
    assert offer["callback"] == {
        "asked_at": offer["callback"]["asked_at"], "tries": 0, "customer_first": False,
    }  # fmt: skip
