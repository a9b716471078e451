import pytest
from rest_framework.test import APIClient

from apps.clients import services as clients
from apps.clients.models import Client
from apps.core import roles
from apps.core.models import Event
from apps.core.refused import Refused
from tests.factories import ClientFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_new_house_has_one_client():
    assert [(client.name, client.slug) for client in Client.objects.all()] == [("Main", "main")]
    assert clients.first_client() == Client.objects.get()


def test_a_client_gets_a_slug_that_nobody_has():
    assert clients.create_client(name="Northline Freight").slug == "northline-freight"
    assert clients.create_client(name="Northline, Freight").slug == "northline-freight-2"
    assert clients.create_client(name="東京").slug == "client"


def test_a_name_is_used_once():
    ClientFactory(name="Northline")
    with pytest.raises(Refused, match="There is a client called Northline already"):
        clients.create_client(name="Northline")
    with pytest.raises(Refused):
        clients.change_client(ClientFactory(), name="Northline")
    assert Client.objects.filter(name="Northline").count() == 1


def test_the_last_active_client_stays_on():
    only = clients.first_client()
    with pytest.raises(Refused, match="only active client"):
        clients.change_client(only, active=False)
    assert Client.objects.get(pk=only.pk).active
    ClientFactory()
    clients.change_client(only, active=False)
    assert not Client.objects.get(pk=only.pk).active


def test_without_an_active_client_the_sentence_says_where_to_add_one():
    Client.objects.update(active=False)
    with pytest.raises(Refused, match="Add one in the admin"):
        clients.first_client()


def test_the_api_makes_and_changes_clients():
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.ADMINISTRATOR))
    made = api.post("/api/v1/clients/", {"name": "Northline", "time_zone": "America/Chicago"})
    assert made.status_code == 201, made.json()
    assert (made.json()["slug"], made.json()["time_zone"]) == ("northline", "America/Chicago")
    address = f"/api/v1/clients/{made.json()['id']}/"
    assert api.patch(address, {"max_concurrent_calls": 20}).json()["max_concurrent_calls"] == 20
    assert Event.objects.get(kind="clients.changed").data["what"] == "max concurrent calls"
    assert api.patch(address, {"time_zone": "Mars/Olympus"}).status_code == 400
    assert api.patch(address, {"max_concurrent_calls": 0}).status_code == 400
    assert api.delete(address).status_code == 405


def test_a_member_sees_their_client_and_changes_nothing():
    client = ClientFactory()
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.SUPERVISOR, clients=[client]))
    assert [row["name"] for row in api.get("/api/v1/clients/").json()["results"]] == [client.name]
    assert api.patch(f"/api/v1/clients/{client.public_id}/", {"name": "x"}).status_code == 403


def test_the_admin_adds_and_changes_a_client(admin_client):
    member = UserFactory()
    form = {
        "name": "Northline", "active": "on", "country": "US", "time_zone": "America/Chicago", "language": "en-US",
        "caller_id": "", "max_concurrent_calls": 20, "members": [member.pk],
    }  # fmt: skip
    page = admin_client.post("/admin/clients/client/add/", {**form, "caller_id": "+14155550100"}).content.decode()
    assert "is not one of Northline&#x27;s numbers" in page
    assert not Client.objects.filter(name="Northline").exists()
    reply = admin_client.post("/admin/clients/client/add/", form)
    assert reply.status_code == 302, reply.content.decode()
    client = Client.objects.get(name="Northline")
    assert (client.slug, list(client.members.all()), client.record_calls) == ("northline", [member], False)
    reply = admin_client.post(f"/admin/clients/client/{client.pk}/change/", {**form, "language": "es-MX"})
    assert reply.status_code == 302, reply.content.decode()
    client.refresh_from_db()
    assert client.language == "es-MX"
    assert Event.objects.get(kind="clients.changed").data["what"] == "language"


def test_the_admin_refuses_to_switch_off_the_last_client_on_the_same_form(admin_client):
    client = clients.first_client()
    form = {
        "name": "Renamed", "country": "US", "time_zone": "UTC", "language": "en-US", "max_concurrent_calls": 10,
    }  # fmt: skip
    page = admin_client.post(f"/admin/clients/client/{client.pk}/change/", form).content.decode()
    assert "This is the only active client" in page and 'value="Renamed"' in page
    client.refresh_from_db()
    assert (client.name, client.active) == ("Main", True)
