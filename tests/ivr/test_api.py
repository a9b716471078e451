import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.ivr import services as ivr
from apps.ivr.models import Flow, Menu, Prompt
from tests.factories import (
    CallFactory,
    ClientFactory,
    DestinationFactory,
    FlowFactory,
    MenuFactory,
    OptionFactory,
    PromptFactory,
    UserFactory,
    VisitFactory,
)
from tests.support.sounds import wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory()


def signed_in(role: str, *clients) -> APIClient:
    api = APIClient()
    api.force_authenticate(UserFactory(role=role, clients=clients))
    return api


@pytest.fixture
def admin():
    return signed_in("administrator")


def test_a_menu_is_drawn_and_switched_on_from_outside(admin, client):
    yard = DestinationFactory(client=client)
    prompt = admin.post(
        "/api/v1/ivr/prompts/", {"client": client.public_id, "name": "Main", "text": "Press 1."}, format="json"
    )
    flow = admin.post("/api/v1/ivr/flows/", {"client": client.public_id, "name": "Main menu"}, format="json")
    menu = admin.post(
        "/api/v1/ivr/menus/",
        {
            "flow": flow.data["id"],
            "name": "First",
            "prompt": prompt.data["id"],
            "options": [{"key": "1", "label": "Dispatch", "destination": yard.public_id}],
        },
        format="json",
    )
    switched = admin.patch(f"/api/v1/ivr/flows/{flow.data['id']}/", {"active": True}, format="json")

    assert [prompt.status_code, flow.status_code, menu.status_code, switched.status_code] == [201, 201, 201, 200]
    assert switched.data["start"] == Menu.objects.get().public_id
    read = admin.get(f"/api/v1/ivr/flows/{flow.data['id']}/").data
    assert read["menus"][0]["options"][0]["destination"] == yard.public_id


def test_an_incomplete_flow_is_refused_with_what_to_do(admin, client):
    flow = ivr.create_flow(client, name="Main menu")

    answer = admin.patch(f"/api/v1/ivr/flows/{flow.public_id}/", {"active": True}, format="json")

    assert answer.status_code == 409
    assert answer.json()["code"] == "faulty_flow"
    assert "add one, then switch the flow on" in answer.json()["detail"]
    assert not Flow.objects.get().active


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "may not be empty"),
        ([{"key": "1"}], "A key leads to one place"),
        ([{"key": "A", "destination": "yard"}], "One of 0 to 9"),
        ([{"key": "1", "destination": "yard"}, {"key": "1", "destination": "yard"}], "Each key can be used once"),
        ([{"key": "1", "destination": "foreign"}], "There is no"),
    ],
)
def test_options_that_lead_nowhere_are_refused(client, options, words):
    api = signed_in("administrator")
    yard, foreign = DestinationFactory(client=client), "01900000-0000-7000-8000-000000000000"
    places = {"yard": str(yard.public_id), "foreign": foreign}
    rows = [{name: places.get(value, value) for name, value in option.items()} for option in options]
    flow = ivr.create_flow(client, name="Main menu")
    body = {"flow": flow.public_id, "name": "First", "prompt": PromptFactory(client=client).public_id, "options": rows}

    answer = api.post("/api/v1/ivr/menus/", body, format="json")

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Menu.objects.exists()


def test_writing_options_replaces_them_all(admin, client):
    menu = MenuFactory(flow__client=client)
    OptionFactory(menu=menu, key="1")
    yard = DestinationFactory(client=client)

    answer = admin.patch(
        f"/api/v1/ivr/menus/{menu.public_id}/",
        {"options": [{"key": "5", "destination": yard.public_id}]},
        format="json",
    )

    assert [option["key"] for option in answer.data["options"]] == ["5"]
    assert [option.key for option in menu.options.all()] == ["5"]


def test_a_sound_is_uploaded_and_checked(admin, client):
    body = {"client": str(client.public_id), "name": "Main", "text": "Press 1."}
    good = SimpleUploadedFile("hello.wav", wav(2))
    bad = SimpleUploadedFile("hello.wav", b"<html>")

    refused = admin.post("/api/v1/ivr/prompts/", {**body, "audio": bad}, format="multipart")
    made = admin.post("/api/v1/ivr/prompts/", {**body, "audio": good}, format="multipart")

    assert (refused.status_code, refused.json()["code"]) == (409, "bad_sound")
    assert made.status_code == 201
    assert made.data["audio_seconds"] == 2
    assert made.data["audio_url"].endswith(Prompt.objects.get().audio_path)


def test_a_flow_is_deleted_with_its_menus_unless_it_is_used(admin, client):
    flow = ivr.create_flow(client, name="Main menu")
    OptionFactory(menu=MenuFactory(flow=flow))
    used = FlowFactory(client=client)
    VisitFactory(flow=used)

    assert admin.delete(f"/api/v1/ivr/flows/{flow.public_id}/").status_code == 204
    assert admin.delete(f"/api/v1/ivr/flows/{used.public_id}/").status_code == 409
    assert list(Flow.objects.all()) == [used]


def test_the_log_of_visits_is_read_and_searched(client):
    supervisor = signed_in("supervisor", client)
    call = CallFactory(client=client, customer_number="+16465550123")
    flow = FlowFactory(client=client)
    menu = MenuFactory(flow=flow)
    OptionFactory(menu=menu, key="1", label="Dispatch")
    flow.refresh_from_db()
    ivr.publish(flow)
    ivr.hear(ivr.begin(call, flow).visit, "1")
    VisitFactory()

    listed = supervisor.get("/api/v1/ivr/logs/", {"search": "6465550123"}).data

    assert listed["count"] == 1
    assert listed["results"][0]["call"] == call.public_id
    step = listed["results"][0]["path"][0]
    assert (step["key"], step["label"]) == ("1", "Dispatch")


def test_a_supervisor_reads_and_does_not_write(client):
    supervisor = signed_in("supervisor", client)
    flow = FlowFactory(client=client)

    assert supervisor.get("/api/v1/ivr/flows/").data["count"] == 1
    assert supervisor.patch(f"/api/v1/ivr/flows/{flow.public_id}/", {"name": "x"}, format="json").status_code == 403
    assert signed_in("operator", client).get("/api/v1/ivr/flows/").status_code == 403


def test_another_clients_flows_do_not_exist(client):
    supervisor = signed_in("supervisor", client)
    foreign = FlowFactory()

    assert supervisor.get(f"/api/v1/ivr/flows/{foreign.public_id}/").status_code == 404
    assert supervisor.get("/api/v1/ivr/flows/").data["count"] == 0
