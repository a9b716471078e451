"""The sandbox's answers beside the carrier's own API description, where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from .world import ACCOUNT, COLLEAGUE, CUSTOMER, OURS, ROOT, TOKEN, World

NAME = "shared/specs/twilio_voice_subset.prism.json"
SPEC = next((folder / NAME for folder in ROOT.parents if (folder / NAME).is_file()), Path(NAME))
ABSENT = "the carrier's API description is not at hand (it is shared among developers, not part of the project)"
pytestmark = pytest.mark.skipif(not SPEC.is_file(), reason=ABSENT)

MEMBER = "/Queues/{QueueSid}/Members/{CallSid}.json"
PARTICIPANT = "/Conferences/{ConferenceSid}/Participants/{CallSid}.json"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return json.loads(SPEC.read_text())


@pytest.fixture
def things(world: World) -> dict[str, str]:
    """One of everything; the sids by the names of the description's path parameters."""
    world.app.answers["/voice"] = "<Dial><Conference record='record-from-start'>call-1</Conference></Dial>"
    world.app.answers["/out"] = world.app.answers["/voice"]
    customer, colleague = world.dial_in(), world.dial_out(COLLEAGUE)
    world.app.answers["/voice"] = "<Enqueue waitUrl=''>support</Enqueue>"
    waiting = world.dial_in()
    recording = world.client.calls(customer).recordings.create()
    message = world.client.messages.create(to=CUSTOMER, from_=OURS, body="Hello")
    world.app.answers["/voice"] = "<Wrong/>"
    broken = world.dial_in()
    world.advance(10)
    return {
        "customer": customer,
        "colleague": colleague,
        "waiting": waiting,
        "broken": broken,
        "recording": recording.sid,
        "message": message.sid,
        "conference": world.client.conferences.list()[0].sid,
        "room_recording": world.client.recordings.list(conference_sid=world.client.conferences.list()[0].sid)[0].sid,
        "queue": world.client.queues.list()[0].sid,
        "number": world.client.incoming_phone_numbers.list()[0].sid,
        "application": world.client.applications.list()[0].sid,
        "notice": world.client.notifications.list()[0].sid,
    }


CASES = [
    (".json", "/2010-04-01/Accounts/{Sid}.json", ""),
    ("/Balance.json", "/Balance.json", ""),
    ("/Calls/{customer}.json", "/Calls/{Sid}.json", ""),
    ("/Calls/{colleague}.json", "/Calls/{Sid}.json", ""),
    ("/Calls/{broken}.json", "/Calls/{Sid}.json", ""),
    ("/Calls.json", "/Calls.json", "calls"),
    ("/Calls/{customer}/Events.json", "/Calls/{CallSid}/Events.json", "events"),
    ("/Calls/{broken}/Notifications.json", "/Calls/{CallSid}/Notifications.json", "notifications"),
    ("/Calls/{customer}/Recordings.json", "/Calls/{CallSid}/Recordings.json", "recordings"),
    ("/Calls/{customer}/Recordings/{recording}.json", "/Calls/{CallSid}/Recordings/{Sid}.json", ""),
    ("/Conferences.json", "/Conferences.json", "conferences"),
    ("/Conferences/{conference}.json", "/Conferences/{Sid}.json", ""),
    (
        "/Conferences/{conference}/Participants.json",
        "/Conferences/{ConferenceSid}/Participants.json",
        "participants",
    ),
    ("/Conferences/{conference}/Participants/{customer}.json", PARTICIPANT, ""),
    ("/Conferences/{conference}/Recordings.json", "/Conferences/{ConferenceSid}/Recordings.json", "recordings"),
    (
        "/Conferences/{conference}/Recordings/{room_recording}.json",
        "/Conferences/{ConferenceSid}/Recordings/{Sid}.json",
        "",
    ),
    ("/Queues.json", "/Queues.json", "queues"),
    ("/Queues/{queue}.json", "/Queues/{Sid}.json", ""),
    ("/Queues/{queue}/Members.json", "/Queues/{QueueSid}/Members.json", "queue_members"),
    ("/Queues/{queue}/Members/{waiting}.json", MEMBER, ""),
    ("/Recordings.json", "/Recordings.json", "recordings"),
    ("/Recordings/{recording}.json", "/Recordings/{Sid}.json", ""),
    ("/Messages.json", "/Messages.json", "messages"),
    ("/Messages/{message}.json", "/Messages/{Sid}.json", ""),
    ("/IncomingPhoneNumbers.json", "/IncomingPhoneNumbers.json", "incoming_phone_numbers"),
    ("/IncomingPhoneNumbers/{number}.json", "/IncomingPhoneNumbers/{Sid}.json", ""),
    ("/Applications.json", "/Applications.json", "applications"),
    ("/Applications/{application}.json", "/Applications/{Sid}.json", ""),
    ("/Notifications.json", "/Notifications.json", "notifications"),
    ("/Notifications/{notice}.json", "/Notifications/{Sid}.json", ""),
]


def test_every_resource_has_the_keys_and_types_that_are_described(world: World, things, spec):
    wrong = []
    for path, described, key in CASES:
        url = f"{world.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}{path.format(**things)}"
        answer = requests.get(url, auth=(ACCOUNT, TOKEN), timeout=5)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        described = described if described.startswith("/2010") else f"/2010-04-01/Accounts/{{AccountSid}}{described}"
        schema = spec["paths"][described]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        wrong += [f"{path}: {what}" for what in _differences(answer.json(), schema, spec, key)]
    assert not wrong, "\n".join(wrong)


def _differences(said: Any, schema: dict[str, Any], spec: dict[str, Any], key: str) -> list[str]:
    """Missing and unknown keys (the description requires none, so a validator cannot see them), and wrong values."""
    schema = _whole(schema, spec)
    found = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(said)]
    if key:
        assert set(said) - {key} >= {"page", "page_size", "next_page_uri", "uri"}
        assert said[key], f"{key} is empty"
        schema, said = schema["properties"][key]["items"], said[key][0]
    described = set(schema["properties"])
    found += [f"missing {name}" for name in sorted(described - set(said))]
    found += [f"unknown {name}" for name in sorted(set(said) - described)]
    return found


def _whole(schema: Any, spec: dict[str, Any]) -> Any:
    """The schema without references, `nullable` in JSON Schema's own words."""
    if isinstance(schema, list):
        return [_whole(each, spec) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target: Any = spec
        for step in schema["$ref"].lstrip("#/").split("/"):
            target = target[step]
        return _whole(target, spec)
    whole = {name: _whole(each, spec) for name, each in schema.items() if name not in ("example", "nullable")}
    nullable = schema.get("nullable") is True or "enum" in schema  # enumerations are null until they mean something
    if nullable and isinstance(whole.get("type"), str):
        whole["type"] = [whole["type"], "null"]
        if "enum" in whole:
            whole["enum"] = [*whole["enum"], None]
    return whole
