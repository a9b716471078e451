"""Drawing a menu in the admin, as a manager does: pages are asked for, filled in and sent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

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


@pytest.fixture
def yard(client):
    return DestinationFactory(client=client, label="Yard")


@pytest.fixture
def web():
    return signed_in("administrator")


def signed_in(role: str, *clients) -> Browser:
    web = Browser()
    web.force_login(UserFactory(role=role, clients=clients, is_staff=True))
    return web


def keys(*rows: dict, prefix: str = "options", initial: int = 0) -> dict:
    """The fields of the keys' table."""
    fields = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for n, row in enumerate(rows):
        fields |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return fields


def menu_fields(flow: Flow, *rows: dict, **more) -> dict:
    prompt = PromptFactory(client=flow.client)
    asked = {"flow": flow.pk, "name": "First", "prompt": prompt.pk, "timeout_seconds": 5, "tries": 3}
    return {**asked, **keys(*rows), **more}


def test_a_flow_is_made_and_leads_to_its_first_menu(web, client):
    answer = web.post("/admin/ivr/flow/add/", {"client": client.pk, "name": "Main menu"})

    flow = Flow.objects.get()
    assert answer.url == f"/admin/ivr/menu/add/?flow={flow.pk}"
    assert flow.destination.label == "Main menu"
    assert not flow.active


def test_a_menu_is_added_with_its_keys_and_leads_back_to_the_flow(web, client, yard):
    flow = ivr.create_flow(client, name="Main menu")

    answer = web.post(
        "/admin/ivr/menu/add/", menu_fields(flow, {"key": "1", "label": "Dispatch", "destination": yard.pk}, {})
    )

    flow.refresh_from_db()
    assert answer.url == f"/admin/ivr/flow/{flow.pk}/change/"
    assert flow.start.options.get().destination == yard


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "A menu needs at least one option"),
        ([{}], "A menu needs at least one option"),
        ([{"key": "1", "label": "Dispatch"}], "A key leads to one place"),
        ([{"key": "x", "destination": "yard"}], "Select a valid choice"),
        ([{"key": "1", "destination": "yard"}, {"key": "1", "destination": "yard"}], "duplicate"),
        ([{"key": "1", "destination": "closed"}], "which is switched off"),
        ([{"key": "1", "next_menu": "foreign"}], "Select a valid choice"),
    ],
)
def test_keys_that_lead_nowhere_come_back_with_a_sentence(web, client, yard, rows, words):
    flow = ivr.create_flow(client, name="Main menu")
    foreign = MenuFactory()
    places = {
        "yard": yard.pk,
        "closed": DestinationFactory(client=client, label="Old yard", active=False).pk,
        "foreign": foreign.pk,
    }
    sent = [{name: places.get(value, value) for name, value in row.items()} for row in rows]

    answer = web.post("/admin/ivr/menu/add/", menu_fields(flow, *sent))

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not flow.menus.exists()


def test_a_refused_change_keeps_what_was_typed(web, client, yard):
    """The refusal comes from the service, after the form itself was content."""
    flow = ivr.create_flow(client, name="Main menu")
    fields = {"client": client.pk, "name": "Renamed menu", "active": "on", "start": "", "greeting": ""}

    answer = web.post(f"/admin/ivr/flow/{flow.pk}/change/", fields)

    page = answer.content.decode()
    assert "The flow has no menu yet: add one, then switch the flow on." in page
    assert 'value="Renamed menu"' in page
    assert Flow.objects.get().name == "Main menu"


def test_a_complete_flow_is_switched_on(web, client, yard):
    flow = FlowFactory(client=client, name="Main menu")
    menu = MenuFactory(flow=flow)
    OptionFactory(menu=menu, key="1", destination=yard)
    fields = {"client": client.pk, "name": "Main menu", "active": "on", "start": menu.pk}

    answer = web.post(f"/admin/ivr/flow/{flow.pk}/change/", {**fields, **keys(prefix="menus")})

    assert answer.status_code == 302
    assert Flow.objects.get().active


def test_taking_the_last_key_away_is_refused(web, client, yard):
    menu = MenuFactory(flow__client=client, name="First")
    option = OptionFactory(menu=menu, key="1", destination=yard)
    row = {"id": option.pk, "menu": menu.pk, "key": "1", "destination": yard.pk, "DELETE": "on"}
    fields = {"name": "First", "prompt": menu.prompt_id, "timeout_seconds": 5, "tries": 3, **keys(row, initial=1)}

    answer = web.post(f"/admin/ivr/menu/{menu.pk}/change/", fields)

    assert "A menu needs at least one option" in answer.content.decode()
    assert menu.options.count() == 1


def test_the_page_of_a_flow_says_what_is_wrong(web, client):
    flow = FlowFactory(client=client)
    MenuFactory(flow=flow, name="First")
    MenuFactory(flow=flow, name="Lonely")

    page = web.get(f"/admin/ivr/flow/{flow.pk}/change/").content.decode()

    assert "The menu “First” has no options: give it at least one key, or delete it." in page
    assert "No key leads to “Lonely”" in page


def test_a_sound_is_uploaded_heard_and_taken_away(web, client):
    fields = {"client": client.pk, "name": "Welcome", "language": "en-US", "text": "Welcome."}
    web.post("/admin/ivr/prompt/add/", {**fields, "audio": SimpleUploadedFile("a.wav", wav(3))})
    prompt = Prompt.objects.get()

    assert prompt.audio_seconds == 3
    page = web.get(f"/admin/ivr/prompt/{prompt.pk}/change/").content.decode()
    assert f'src="{prompt.audio_path}"' in page

    web.post(f"/admin/ivr/prompt/{prompt.pk}/change/", {**fields, "audio-clear": "on"})
    assert not Prompt.objects.get().audio


def test_a_file_that_is_no_sound_comes_back_with_a_sentence(web, client):
    fields = {"client": client.pk, "name": "Welcome", "language": "en-US", "text": "Welcome."}

    answer = web.post("/admin/ivr/prompt/add/", {**fields, "audio": SimpleUploadedFile("a.mp3", b"<html>" * 9)})

    assert "neither a WAV nor an MP3 file" in answer.content.decode()
    assert not Prompt.objects.exists()


def test_a_visit_is_read_in_words(web, client, yard):
    flow = FlowFactory(client=client)
    menu = MenuFactory(flow=flow, name="First")
    OptionFactory(menu=menu, key="1", label="Dispatch", destination=yard)
    flow.refresh_from_db()
    ivr.publish(flow)
    visit = ivr.begin(CallFactory(client=client), flow).visit
    for answer in ("7", "", "1"):
        ivr.hear(visit, answer)

    page = web.get(f"/admin/ivr/visit/{visit.pk}/change/").content.decode()

    assert "First: answered 7, which means nothing" in page
    assert "First: no answer in time" in page
    assert "First: pressed 1: Dispatch" in page
    assert "to Yard" in page


def test_a_deleted_flow_takes_its_menus_along(web, client, yard):
    flow = ivr.create_flow(client, name="Main menu")
    OptionFactory(menu=MenuFactory(flow=flow), destination=yard)

    answer = web.post(f"/admin/ivr/flow/{flow.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert not Flow.objects.exists()
    assert not Menu.objects.exists()


def test_deleting_what_a_flow_in_use_needs_is_refused_with_a_sentence(web, client, yard):
    flow = FlowFactory(client=client, name="Main menu", active=True)
    menu = MenuFactory(flow=flow, name="First")
    OptionFactory(menu=menu, key="1", destination=yard)

    answer = web.post(f"/admin/ivr/menu/{menu.pk}/delete/", {"post": "yes"}, follow=True)

    assert "The flow has no menu yet" in answer.content.decode()
    assert menu.options.count() == 1
    assert Flow.objects.get().start == menu


def test_a_flow_with_a_past_stays_and_says_why(web, client, yard):
    flow = FlowFactory(client=client)
    OptionFactory(menu=MenuFactory(flow=flow), destination=yard)
    flow.refresh_from_db()
    ivr.begin(CallFactory(client=client), flow)

    web.post(f"/admin/ivr/flow/{flow.pk}/delete/", {"post": "yes"})

    assert Flow.objects.exists()


@pytest.mark.parametrize("model", ["flow", "prompt", "visit"])
def test_a_supervisor_reads_the_rows_of_their_client_only(client, model):
    supervisor = signed_in("supervisor", client)
    mine, foreign = FlowFactory(client=client, name="Mine"), FlowFactory(name="Foreign")
    seen, hidden = {
        "flow": lambda: (mine, foreign),
        "prompt": lambda: (PromptFactory(client=client), PromptFactory()),
        "visit": lambda: (VisitFactory(flow=mine), VisitFactory(flow=foreign)),
    }[model]()

    assert supervisor.get(reverse(f"admin:ivr_{model}_changelist")).status_code == 200
    assert supervisor.get(reverse(f"admin:ivr_{model}_change", args=[seen.pk])).status_code == 200
    assert supervisor.get(reverse(f"admin:ivr_{model}_change", args=[hidden.pk])).status_code == 302
    assert supervisor.get("/admin/ivr/flow/add/").status_code == 403
