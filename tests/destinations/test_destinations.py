import pytest
from rest_framework.test import APIClient

from apps.core import roles
from apps.core.models import Event
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.destinations.models import Destination, Ending, OutsideNumber
from tests.factories import (
    ClientFactory,
    EndingFactory,
    FlowFactory,
    OutsideNumberFactory,
    PhoneNumberFactory,
    QueueFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.ADMINISTRATOR))
    return api


def test_an_outside_number_is_read_in_the_clients_country():
    outside = destinations.add_outside_number(ClientFactory(country="US"), label="Night", number="(415) 555-0190")
    assert outside.number == "+14155550190"
    assert str(outside.destination) == "Night (outside number)"
    assert Event.objects.get(kind="destinations.added").sentence == "Night (outside number) was added as a destination."


@pytest.mark.parametrize("number", ["", "hello", "+1", "+1900555012345678", "911", "+19005550123"])
def test_what_must_not_be_dialled_cannot_be_an_outside_number(number):
    with pytest.raises(Refused):
        destinations.add_outside_number(ClientFactory(), label="Night", number=number)
    assert not OutsideNumber.objects.exists()
    assert not Destination.objects.filter(label="Night").exists()


def test_a_retired_destination_is_kept_but_not_active():
    destination = EndingFactory().destination
    destinations.retire(destination)
    destinations.retire(destination)
    assert not Destination.objects.active().filter(pk=destination.pk).exists()
    assert Event.objects.filter(kind="destinations.retired").count() == 1
    destinations.restore(destination)
    assert Destination.objects.active().filter(pk=destination.pk).exists()


def test_what_calls_come_to_cannot_be_removed_and_the_sentence_says_from_where():
    ending = EndingFactory()
    number = PhoneNumberFactory(client=ending.destination.client, destination=ending.destination, label="Main line")
    with pytest.raises(Refused) as refusal:
        destinations.remove(ending.destination)
    assert f"phone number “{number}”" in refusal.value.sentence
    assert Ending.objects.filter(pk=ending.pk).exists()
    number.delete()
    destinations.remove(ending.destination)
    assert not Ending.objects.filter(pk=ending.pk).exists()


def test_a_queues_destination_changes_with_its_queue_only():
    queue = QueueFactory(name="Support")
    with pytest.raises(Refused, match="Support stands for a queue: change it there"):
        destinations.change(queue.destination, label="Other")
    assert Destination.objects.get(pk=queue.destination.pk).label == "Support"


def test_the_owner_of_a_destination_is_found():
    queue, flow, ending = QueueFactory(), FlowFactory(), EndingFactory()
    assert destinations.owner(queue.destination) == queue
    assert destinations.owner(flow.destination) == flow
    assert destinations.owner(ending.destination) == ending


def test_every_use_of_a_destination_is_found():
    client = ClientFactory()
    ending = EndingFactory(client=client)
    queue = QueueFactory(client=client, overflow=ending.destination)
    number = PhoneNumberFactory(client=client, destination=ending.destination)
    assert set(destinations.used_by(ending.destination)) == {queue, number}


def test_the_api_makes_changes_and_removes_an_outside_number(administrator):
    client = ClientFactory()
    values = {"client": str(client.public_id), "kind": "number", "label": "Night", "number": "415 555 0190"}
    made = administrator.post("/api/v1/destinations/", values)
    assert made.status_code == 201, made.json()
    assert made.json() | {"id": ""} == {
        "id": "", "client": str(client.public_id), "kind": "number", "label": "Night", "active": True,
        "number": "+14155550190", "ring_seconds": 30, "message": None,
    }  # fmt: skip
    address = f"/api/v1/destinations/{made.json()['id']}/"
    changed = administrator.patch(address, {"ring_seconds": 15, "active": False}).json()
    assert (changed["ring_seconds"], changed["active"], changed["number"]) == (15, False, "+14155550190")
    assert administrator.delete(address).status_code == 204
    assert not OutsideNumber.objects.exists()


def test_the_api_makes_an_ending_that_is_off(administrator):
    values = {"client": str(ClientFactory().public_id), "kind": "ending", "label": "Closed", "active": False}
    made = administrator.post("/api/v1/destinations/", values)
    assert made.status_code == 201, made.json()
    assert (made.json()["message"], made.json()["active"]) == ("", False)


def test_the_api_refuses_a_premium_number_with_a_sentence(administrator):
    values = {"client": str(ClientFactory().public_id), "kind": "number", "label": "Night", "number": "+19005550123"}
    refused = administrator.post("/api/v1/destinations/", values)
    assert refused.status_code == 409
    assert "premium" in refused.json()["detail"]
    assert not OutsideNumber.objects.exists()


@pytest.mark.parametrize("kind", ["queue", "flow", "nonsense"])
def test_the_api_makes_no_other_kinds(administrator, kind):
    values = {"client": str(ClientFactory().public_id), "kind": kind, "label": "Night"}
    assert administrator.post("/api/v1/destinations/", values).status_code == 409


def test_a_supervisor_reads_the_destinations_of_their_own_clients_only():
    ours, _theirs = EndingFactory().destination, EndingFactory().destination
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.SUPERVISOR, clients=[ours.client]))
    assert [row["id"] for row in api.get("/api/v1/destinations/").json()["results"]] == [str(ours.public_id)]
    assert api.patch(f"/api/v1/destinations/{ours.public_id}/", {"label": "x"}).status_code == 403


def test_the_admin_makes_an_outside_number(admin_client):
    form = {
        "kind": "number",
        "client": ClientFactory().pk,
        "label": "Night",
        "number": "+14155550190",
        "ring_seconds": 25,
    }
    reply = admin_client.post("/admin/destinations/destination/add/", form)
    assert reply.status_code == 302, reply.content.decode()
    assert OutsideNumber.objects.get().ring_seconds == 25


def test_the_admin_keeps_what_was_typed_when_the_number_is_refused(admin_client):
    form = {"kind": "number", "client": ClientFactory().pk, "label": "Night shift", "number": "911"}
    page = admin_client.post("/admin/destinations/destination/add/", form).content.decode()
    assert 'value="Night shift"' in page
    assert "emergency" in page.lower() or "digits" in page
    assert not Destination.objects.filter(label="Night shift").exists()


def test_the_admin_changes_a_message(admin_client):
    ending = EndingFactory()
    form = {"label": "Closed", "message": "We are closed today.", "active": "on"}
    reply = admin_client.post(f"/admin/destinations/destination/{ending.destination.pk}/change/", form)
    assert reply.status_code == 302, reply.content.decode()
    ending.refresh_from_db()
    assert (ending.message, ending.destination.label) == ("We are closed today.", "Closed")


def test_the_admin_shows_a_queues_destination_with_a_link_and_no_way_to_save(admin_client):
    queue = QueueFactory(name="Support")
    page = admin_client.get(f"/admin/destinations/destination/{queue.destination.pk}/change/").content.decode()
    assert "Support (change it there)" in page
    assert 'name="_save"' not in page


def test_the_admin_says_from_where_calls_come_instead_of_deleting(admin_client):
    outside = OutsideNumberFactory()
    PhoneNumberFactory(client=outside.destination.client, destination=outside.destination)
    admin_client.post(f"/admin/destinations/destination/{outside.destination.pk}/delete/", {"post": "yes"})
    assert OutsideNumber.objects.filter(pk=outside.pk).exists()
