"""Flows as drawings, from outside: saving, publishing, trying, going back."""

import copy

import pytest
import time_machine
from django.db import DatabaseError, transaction
from rest_framework.test import APIClient

from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.ivr import services as ivr
from apps.ivr import versions
from apps.ivr.models import Flow, FlowVersion, Menu
from apps.ivr.models import Prompt as PromptRow
from apps.ivr.values import MAX_STEPS
from tests.factories import (
    CallFactory,
    ClientFactory,
    MenuFactory,
    OptionFactory,
    PersonFactory,
    PromptFactory,
    QueueFactory,
    ScheduleFactory,
    UserFactory,
    WebServiceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory(name="Quillon Cargo")


@pytest.fixture
def yard(client):
    return QueueFactory(client=client, name="Yard").destination


@pytest.fixture
def flow(client):
    return ivr.create_flow(client, name="Main menu")


@pytest.fixture
def api():
    api = APIClient()
    api.force_authenticate(UserFactory(role="administrator", first_name="Ann", last_name="Lee"))
    return api


@pytest.fixture
def ask(api, flow):
    """`ask("publish", {...})`: a POST to the flow's action; GET without a body."""

    def ask(action: str, body: dict | None = None, *, method: str = ""):
        path = f"/api/v1/ivr/flows/{flow.public_id}/{action}/"
        return getattr(api, method or ("get" if body is None else "post"))(path, body, format="json")

    return ask


@pytest.fixture
def document(yard):
    return {
        "format": 1, "languages": ["en-US"], "start": "main",
        "nodes": {
            "main": {
                "kind": "menu", "name": "Main", "prompt": {"say": {"en-US": "Press 1, {caller_name}."}}, "tries": 2,
                "options": {"1": {"label": "Yard", "to": "yard"}}, "otherwise": "bye",
            },
            "yard": {"kind": "send", "name": "Yard", "destination": {"kind": "queue", "label": "Yard"}},
            "bye": {"kind": "hangup", "prompt": {"say": {"en-US": "Good-bye."}}},
        },
    }  # fmt: skip


@pytest.fixture
def published(ask, document):
    assert ask("document", {"revision": 0, "document": document}, method="put").status_code == 200
    assert ask("publish", {"note": "The first"}).status_code == 200
    return document


def test_a_document_is_saved_published_and_takes_the_calls(ask, flow, client, published, yard):
    read = ask("document").data

    assert (read["revision"], read["drawn"], read["faults"]) == (1, True, [])
    assert read["document"]["nodes"]["yard"]["destination"]["id"] == str(yard.public_id)
    flow.refresh_from_db()
    turn = ivr.hear(ivr.begin(CallFactory(client=client, person=None), flow).visit, "1")
    assert turn.destination == yard
    listed = ask("versions").data
    assert [(one["number"], one["note"], one["made_by"], one["current"]) for one in listed] == [
        (1, "The first", "Ann Lee", True)
    ]


def test_the_second_who_saves_is_told_and_nothing_is_overwritten(ask, flow, document):
    theirs = copy.deepcopy(document)
    theirs["nodes"]["bye"]["name"] = "Theirs"
    assert ask("document", {"revision": 0, "document": theirs}, method="put").status_code == 200

    late = ask("document", {"revision": 0, "document": document}, method="put")

    assert (late.status_code, late.json()["code"]) == (409, "stale")
    assert Flow.objects.get().draft["nodes"]["bye"]["name"] == "Theirs"


def test_a_wrong_document_is_refused_with_paths_and_nothing_is_saved(ask, flow, document):
    document["nodes"]["main"]["options"]["1"]["to"] = "gone"
    document["nodes"]["bye"]["kind"] = "dance"

    refused = ask("document", {"revision": 0, "document": document}, method="put")

    assert refused.status_code == 409
    assert set(refused.json()["fields"]) == {"nodes.main.options.1.to", "nodes.bye.kind"}
    flow.refresh_from_db()
    assert (flow.draft, flow.revision) == (None, 0)


def test_an_unfinished_document_is_kept_and_not_published(ask, flow, document):
    document["nodes"]["main"]["otherwise"] = None
    document["nodes"]["yard"]["destination"] = None

    saved = ask("document", {"revision": 0, "document": document}, method="put")
    refused = ask("publish", {})

    assert ("nodes.yard.destination", "unfinished") in [(one["path"], one["level"]) for one in saved.data["faults"]]
    assert (refused.status_code, list(refused.json()["fields"])) == (409, ["nodes.yard.destination"])
    assert not FlowVersion.objects.exists()


def test_validate_looks_at_what_is_not_saved(ask, document):
    document["nodes"]["lonely"] = {"kind": "say", "prompt": {"prompt": "Missing"}, "next": "bye"}

    faults = {one["path"]: one["level"] for one in ask("validate", {"document": document}).data["faults"]}

    assert faults == {"nodes.lonely": "hint", "nodes.lonely.prompt": "unfinished"}


def test_what_is_nested_too_deeply_is_an_error_of_the_sender(api, flow):
    path = f"/api/v1/ivr/flows/{flow.public_id}/validate/"
    deep = '{"document": ' + "[" * 100_000 + "]" * 100_000 + "}"

    assert api.post(path, deep, content_type="application/json").status_code == 400


def test_menus_of_pages_become_a_drawing_once_it_is_saved(ask, api, flow, yard):
    menu = MenuFactory(flow=flow, name="First")
    OptionFactory(menu=menu, key="1", destination=yard)
    drawn = ask("document").data
    assert (drawn["drawn"], drawn["revision"]) == (False, 0)

    ask("document", {"revision": 0, "document": drawn["document"]}, method="put")

    assert not Menu.objects.exists()
    flow.refresh_from_db()
    assert versions.document_of(flow) == drawn["document"]
    body = {"flow": flow.public_id, "name": "New", "prompt": PromptFactory(client=flow.client).public_id,
            "options": [{"key": "1", "destination": yard.public_id}]}  # fmt: skip
    late = api.post("/api/v1/ivr/menus/", body, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "drawn")


def test_a_drawn_flow_is_switched_on_once_it_is_published(api, ask, flow, document):
    path = f"/api/v1/ivr/flows/{flow.public_id}/"
    ask("document", {"revision": 0, "document": document}, method="put")
    early = api.patch(path, {"active": True}, format="json")
    ask("publish", {})

    assert (early.status_code, early.json()["detail"]) == (409, "Publish the voice menu first, then switch it on.")
    assert api.patch(path, {"active": True}, format="json").data["version"] == 1


def test_versions_are_compared_and_rolled_back(ask, flow, published):
    changed = copy.deepcopy(ask("document").data["document"])
    changed["nodes"]["main"]["tries"] = 5
    ask("document", {"revision": 1, "document": changed}, method="put")
    ask("publish", {})

    compared = ask("versions/1/compare/2").data
    back = ask("rollback", {"number": 1}).data

    assert compared == [{"path": "nodes.main.tries", "before": "2", "after": "5"}]
    assert (back["number"], back["note"], back["current"]) == (3, "Back to version 1.", True)
    assert ask("versions/1/compare/3").data == []
    assert ask("document").data["document"]["nodes"]["main"]["tries"] == 2
    assert ask("rollback", {"number": 9}).status_code == 404


def test_publishing_nothing_new_makes_no_version(ask, published):
    assert ask("publish", {}).data["number"] == 1
    assert FlowVersion.objects.count() == 1


def test_a_version_cannot_be_changed(published):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        FlowVersion.objects.update(document={})


def test_what_a_published_flow_sends_calls_to_cannot_be_deleted(published, yard):
    with pytest.raises(Refused, match="Calls still come to Yard from voice menu “Main menu”"):
        destinations.refuse_while_used(yard)


def test_a_trial_is_heard_answered_and_calls_nobody(ask, client, published):
    PersonFactory(client=client, name="Bo", numbers=["+12125550177"])
    first = ask("start", {"caller": "+12125550177"}).data
    wrong = ask("input", {"session": first["session"], "digits": "9"}).data
    gone = ask("input", {"session": wrong["session"], "digits": "1"}).data

    assert first["prompts"] == [{"text": "Press 1, Bo.", "language": "en-US", "url": ""}]
    assert (first["node"], first["over"], wrong["over"]) == ("main", False, False)
    assert (gone["over"], gone["destination"]) == (True, "Yard")
    assert [(step["node"], step["edge"], step["cause"]) for step in gone["steps"]] == [
        ("main", "", "wrong"), ("main", "1", "pressed"), ("yard", "", "passed"),
    ]  # fmt: skip


def test_a_trial_that_somebody_made_up_is_refused(ask, published):
    assert ask("input", {"session": "made:up", "digits": "1"}).status_code == 400


def test_a_trial_has_an_end(ask, published):
    answers = [{"digits": "1"}] * (MAX_STEPS + 1)

    assert ask("start", {"answers": answers}).json()["code"] == "too_long"


def test_facts_may_be_pretended(ask, client, document):
    schedule = ScheduleFactory(client=client, name="Office", always=True)
    document["start"] = "hours"
    document["nodes"]["hours"] = {
        "kind": "hours", "schedule": {"label": "Office"}, "open": "main", "closed": "bye",
    }  # fmt: skip
    fact = f"hours:{schedule.public_id}"

    as_it_is = ask("start", {"document": document}).data
    closed = ask("start", {"document": document, "facts": {fact: False}}).data

    assert (as_it_is["node"], as_it_is["facts"]) == ("main", {fact: True})
    assert (closed["end"], closed["prompts"][0]["text"]) == ("hangs up", "Good-bye.")


def test_a_test_call_that_fails_keeps_a_version_from_being_published(ask, published):
    kept = ask("cases", {"name": "To the yard", "answers": [{"digits": "1"}]})
    changed = copy.deepcopy(ask("document").data["document"])
    changed["nodes"]["main"]["options"]["1"]["to"] = "bye"
    ask("document", {"revision": 1, "document": changed}, method="put")

    refused, results = ask("publish", {}), ask("cases/run", {}).data

    assert kept.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "case_failed")
    assert refused.json()["fields"] == {
        "cases.To the yard": ["It hangs up; expected was that it sends the call to “Yard”."]
    }
    assert [(one["name"], one["passed"]) for one in results] == [("To the yard", False)]
    assert FlowVersion.objects.count() == 1
    assert ask(f"cases/{kept.data['id']}", method="delete").status_code == 204
    assert ask("publish", {}).status_code == 200


def test_an_export_is_brought_into_another_house(ask, api, published):
    ask("cases", {"name": "To the yard", "answers": [{"digits": "1"}]})
    file = ask("export").data
    there = ivr.create_flow(ClientFactory(), name="Copy")
    path = f"/api/v1/ivr/flows/{there.public_id}/import/"

    refused = api.post(path, file, format="json")
    QueueFactory(client=there.client, name="Yard")
    brought = api.post(path, file, format="json")

    assert list(refused.json()["fields"]) == ["nodes.yard.destination"]
    assert brought.status_code == 200
    place = brought.data["document"]["nodes"]["yard"]["destination"]
    assert (place["label"], place["id"] != file["document"]["nodes"]["yard"]["destination"]["id"]) == ("Yard", True)
    assert there.cases.get().name == "To the yard"
    assert api.post(path, {"document": file["document"]}, format="json").status_code == 200
    assert there.cases.get().name == "To the yard"


def test_logs_are_found_by_caller_node_and_outcome(api, client, flow, published):
    flow.refresh_from_db()
    call = CallFactory(client=client, customer_number="+16465550123")
    ivr.hear(ivr.begin(call, flow).visit, "1")
    ivr.begin(CallFactory(client=client), flow)

    def found(**asked) -> int:
        return api.get("/api/v1/ivr/logs/", asked).data["count"]

    assert found() == 2
    assert found(caller="5550123") == found(node="yard") == found(outcome="to yard") == 1
    assert found(node="bye") == 0
    assert found(flow__public_id=str(flow.public_id), version__number=1) == 2


def test_the_heat_of_a_flow_counts_ways_hang_ups_and_time(ask, client, flow, published):
    flow.refresh_from_db()
    with time_machine.travel("2026-01-05T10:00:00Z", tick=False) as clock:
        chosen, gone = (ivr.begin(CallFactory(client=client), flow).visit for _ in range(2))
        clock.shift(4)
        ivr.hear(chosen, "9")
        clock.shift(2)
        ivr.hear(chosen, "1")
        ivr.end(gone, "hung up")
        heat = ask("heat").data
        clock.shift(8 * 86_400)
        later = ask("heat").data

    assert (heat["visits"], heat["edges"]) == (2, {"main/1": 1})
    assert heat["nodes"] == {
        "main": {"calls": 2, "hung_up": 1, "seconds": 3.0, "rating": None, "ratings": {}},
        "yard": {"calls": 1, "hung_up": 0, "seconds": 0.0, "rating": None, "ratings": {}},
    }  # fmt: skip
    assert later == {"visits": 0, "nodes": {}, "edges": {}}


def test_what_callers_rated_is_counted(ask, client, flow):
    rating = {"kind": "rating", "prompt": {"say": {"en-US": "How was it, 1 to 5?"}}, "next": "bye", "tries": 2}
    document = {"start": "rate", "nodes": {"rate": rating, "bye": {"kind": "hangup"}}}
    ask("document", {"revision": 0, "document": document}, method="put")
    ask("publish", {})
    flow.refresh_from_db()
    for keys in (["5"], ["4"], ["9", "5"], ["", ""]):
        visit = ivr.begin(CallFactory(client=client), flow).visit
        for key in keys:
            ivr.hear(visit, key)

    rated = ask("heat").data["nodes"]["rate"]

    assert (rated["rating"], rated["ratings"]) == (4.67, {"4": 1, "5": 2})


def test_a_web_service_is_answered_in_a_trial_and_never_asked(ask, client, document):
    service = WebServiceFactory(client=client, name="Orders")
    document["nodes"]["look"] = {
        "kind": "lookup", "service": {"label": "Orders"}, "path": "orders/1", "next": "said", "otherwise": "main",
        "results": [{"variable": "state", "path": "state"}],
    }  # fmt: skip
    document["nodes"]["said"] = {"kind": "hangup", "prompt": {"say": {"en-US": "It is {state}."}}}
    document["start"] = "look"
    begun = ask("start", {"document": document}).data

    assert (begun["over"], begun["node"], begun["looks_up"]) == (False, "look", ["state"])
    found = ask("input", {"session": begun["session"], "document": document, "found": {"state": "late"}}).data
    assert (found["prompts"][0]["text"], found["over"]) == ("It is late.", True)
    failed = ask("input", {"session": begun["session"], "document": document, "found": None}).data
    assert failed["node"] == "main"
    case = {"name": "Late", "document": document, "answers": [{"found": {"state": "late"}}]}
    assert ask("cases", case).data["expected"] == {"asked": ["look"], "end": "hangs up"}
    assert not service.inquiries.exists()


def test_a_changed_prompt_is_heard_at_once_and_a_used_name_stays(ask, client, flow, document):
    prompt = PromptFactory(client=client, name="Welcome", text="Welcome.")
    document["nodes"]["bye"]["prompt"] = {"prompt": "Welcome"}
    ask("document", {"revision": 0, "document": document}, method="put")
    ask("publish", {})
    prompt.text = "Hello."
    ivr.save_prompt(prompt)

    assert FlowVersion.objects.first().sounds["Welcome"]["en-US"]["text"] == "Hello."
    prompt.name = "Other"
    with pytest.raises(Refused, match="speaks “Welcome”"):
        ivr.save_prompt(prompt)
    with pytest.raises(Refused, match="speaks “Welcome”"):
        ivr.delete_prompt(PromptRow.objects.get())


def test_a_prompt_is_changed_also_while_a_place_of_the_menu_is_off(ask, client, document, yard):
    prompt = PromptFactory(client=client, name="Welcome", text="Welcome.")
    document["nodes"]["bye"]["prompt"] = {"prompt": "Welcome"}
    ask("document", {"revision": 0, "document": document}, method="put")
    ask("publish", {})
    destinations.retire(yard)
    prompt.text = "Hello."

    ivr.save_prompt(prompt)

    assert FlowVersion.objects.first().sounds["Welcome"]["en-US"]["text"] == "Hello."
