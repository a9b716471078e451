"""Answering machine detection, messages, numbers: what is told and when."""

import pytest
from twilio.base.exceptions import TwilioRestException

from .world import COLLEAGUE, CUSTOMER, OURS, World


def test_detection_before_the_document_tells_it_who_answered(world: World):
    world.phone(CUSTOMER, answer="machine")
    world.app.answers["/out"] = "<Say>Hello machine</Say>"
    sid = world.dial_out(machine_detection="Enable")
    assert world.app.at("/out") == []
    world.advance(3)
    told = world.app.at("/out")[0].params
    assert (told["AnsweredBy"], told["MachineDetectionDuration"]) == ("machine_start", "3000")
    assert world.client.calls(sid).fetch().answered_by == "machine_start"


def test_detection_beside_the_document_calls_back(world: World):
    world.phone(CUSTOMER, answer="machine", greeting="x" * 100)
    world.app.answers["/out"] = "<Pause length='60'/>"
    sid = world.dial_out(
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=f"{world.app.url}/amd",
    )
    assert "AnsweredBy" not in world.app.at("/out")[0].params
    world.advance(6)
    told = world.app.at("/amd")[0].params
    assert (told["AnsweredBy"], told["CallSid"]) == ("machine_end_beep", sid)


@pytest.mark.parametrize("found", ["human", "fax", "unknown", "machine_end_silence", "machine_end_other"])
def test_whatever_is_found_is_told(world: World, found):
    world.phone(CUSTOMER, answered_by=found)
    world.dial_out(machine_detection="DetectMessageEnd")
    world.advance(2)
    assert world.app.values("/out", "AnsweredBy") == [found]


def test_a_message_is_sent_and_delivered(world: World):
    message = world.client.messages.create(
        to=CUSTOMER, from_=OURS, body="Your truck is near", status_callback=f"{world.app.url}/sms"
    )
    assert (message.status, message.num_segments) == ("queued", "1")
    world.advance(2)
    assert world.app.values("/sms", "MessageStatus") == ["sending", "sent", "delivered"]
    assert world.client.messages(message.sid).fetch().status == "delivered"


def test_a_message_that_cannot_be_sent_is_refused(world: World):
    for to, from_, body, code in (
        (CUSTOMER, COLLEAGUE, "x", 21606),
        (CUSTOMER, OURS, "x" * 1601, 21617),
        ("+15005550004", OURS, "x", 21610),
    ):
        with pytest.raises(TwilioRestException) as refusal:
            world.client.messages.create(to=to, from_=from_, body=body)
        assert refusal.value.code == code


def test_numbers_are_bought_changed_found_and_given_back(world: World):
    made = world.client.incoming_phone_numbers.create(phone_number=COLLEAGUE, friendly_name="Sales")
    assert (made.phone_number, made.friendly_name, made.capabilities["voice"]) == (COLLEAGUE, "Sales", True)
    world.client.incoming_phone_numbers(made.sid).update(voice_url=f"{world.app.url}/sales", voice_method="GET")
    found = world.client.incoming_phone_numbers.list(phone_number=COLLEAGUE)
    assert [(row.sid, row.voice_url, row.voice_method) for row in found] == [
        (made.sid, f"{world.app.url}/sales", "GET")
    ]
    world.dial_in(to=COLLEAGUE)
    assert world.app.at("/sales")[0].method == "GET"
    assert world.client.incoming_phone_numbers(made.sid).delete()
    assert world.client.incoming_phone_numbers.list(phone_number=COLLEAGUE) == []
    with pytest.raises(TwilioRestException):
        world.client.incoming_phone_numbers.create(phone_number=OURS)


def test_a_number_follows_its_application(world: World):
    made = world.client.applications.create(friendly_name="Other", voice_url=f"{world.app.url}/app")
    number = world.client.incoming_phone_numbers.list()[0]
    number.update(voice_application_sid=made.sid)
    world.dial_in()
    assert len(world.app.at("/app")) == 1


def test_what_really_happened_stands_in_the_ledger(world: World):
    world.app.answers["/voice"] = "<Say>Hello</Say>"
    world.dial_in()
    world.advance(2)
    kinds = [entry["kind"] for entry in world.control("GET", "/ledger")["entries"]]
    assert kinds == ["call.created", "call.answered", "call.ended"]
    first = world.control("GET", "/ledger")["entries"][0]["id"]
    rest = world.control("GET", f"/ledger?after={first}")["entries"]
    assert [entry["kind"] for entry in rest] == kinds[1:]


def test_the_journal_keeps_every_webhook_with_its_answer(world: World):
    world.app.answers["/voice"] = "<Say>Hello</Say>"
    sid = world.dial_in()
    entry = world.journal()[0]
    assert (entry["sid"], entry["status"], entry["attempt"], entry["error"]) == (sid, 200, 1, None)
    assert entry["answer"] == "<Response><Say>Hello</Say></Response>"
    assert entry["params"]["From"] == CUSTOMER
