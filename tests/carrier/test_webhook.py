"""What a request that passes the door does, once, and what its answer is."""

import uuid
from pathlib import Path
from urllib.parse import urlencode

from django.test import Client

from apps.carrier import callbacks, deliveries
from apps.carrier.incoming import UnknownSubject
from apps.carrier.models import WebhookDelivery
from apps.carrier.verbs import DialNumber, Hangup, Play, Say
from apps.clients.models import Client as Customer
from apps.core.refused import Refused
from tests.factories import ClientFactory, EventFactory, sid
from tests.support.signed import FORM, about_a_call, post, signature

LEG = uuid.UUID(int=7)
ROOT = Path(__file__).resolve().parents[2]


def address(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def step_address(n: int = 1) -> str:
    return address(callbacks.step(LEG, n, "menu"))


def test_a_signed_request_gets_the_document_and_is_kept(house):
    call = uuid.uuid4()

    def greet(event):
        event.call_ref = call
        return [Say("Good day."), Hangup()]

    house.acts["voice"] = greet
    fields = about_a_call(CallStatus="ringing")
    response = post("/carrier/voice", fields)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/xml")
    assert b'<Say language="en-US">Good day.</Say><Hangup />' in response.content
    row = WebhookDelivery.objects.get()
    assert (row.kind, row.verdict, row.call_sid, row.call_ref) == ("voice", "accepted", fields["CallSid"], call)
    assert row.reply == response.content.decode()
    assert row.params["From"] == "+14155550123"
    assert row.repeats == 0


def test_a_view_without_an_answer_gives_an_empty_document_and_a_report_nothing(house):
    assert post("/carrier/voice", about_a_call()).content.endswith(b"<Response />")
    response = post(address(callbacks.status(LEG)), about_a_call())
    assert (response.status_code, response.content) == (204, b"")


def test_a_repeated_request_gets_the_same_reply_and_no_second_effect(house):
    replies = iter(["first", "second"])
    house.acts["step"] = lambda event, step: [Say(next(replies))]
    fields = about_a_call(Digits="1")
    first, second, third = (post(step_address(), fields) for _ in range(3))
    assert first.content == second.content == third.content
    assert b"first" in first.content
    assert len(house.ran) == 1
    assert WebhookDelivery.objects.get().repeats == 2


def test_the_same_fields_in_another_order_are_the_same_request(house):
    house.acts["step"] = lambda event, step: EventFactory() and None
    fields = about_a_call(Digits="1")
    given = signature(step_address(), fields)
    for order in (fields, dict(reversed(fields.items()))):
        assert post(step_address(), order, X_Twilio_Signature=given).status_code == 200
    assert WebhookDelivery.objects.get().repeats == 1


def test_equal_keys_at_two_steps_are_two_requests(house):
    fields = about_a_call(Digits="1")
    post(step_address(1), fields)
    post(step_address(2), fields)
    assert len(house.ran) == 2
    assert WebhookDelivery.objects.count() == 2


def test_a_second_redirect_to_do_the_same_is_not_a_repetition():
    assert callbacks.resume(LEG, "room") != callbacks.resume(LEG, "room")


def test_a_repeated_report_is_undone(house):
    house.acts["status"] = lambda event, leg: ClientFactory() and None
    path, fields = address(callbacks.status(LEG)), about_a_call(CallStatus="completed", SequenceNumber="3")
    before = Customer.objects.count()
    assert [post(path, fields).status_code for _ in range(3)] == [204, 204, 204]
    assert Customer.objects.count() == before + 1
    assert WebhookDelivery.objects.get().repeats == 2


def test_a_wait_document_is_read_again_and_again_also_by_get(house):
    house.acts["wait"] = lambda event, entry: [Play("https://example.com/x.wav")]
    path, fields = address(callbacks.wait(LEG)), about_a_call()
    assert post(path, fields).content == post(path, fields).content
    full = f"{path}?{urlencode(fields)}"
    response = Client().get(full, headers={"X-Twilio-Signature": signature(full, {})})
    assert b"x.wav" in response.content
    assert len(house.ran) == 3
    assert house.ran[2].call_sid == fields["CallSid"]
    assert WebhookDelivery.objects.filter(key=None, verdict="accepted").count() == 3
    forged = Client().get(full + "&Digits=1", headers={"X-Twilio-Signature": signature(full, {})})
    assert forged.status_code == 403


def test_an_unknown_call_gets_an_empty_document_and_is_kept_for_inspection(house):
    def unknown(event, *more):
        ClientFactory(name="left behind")
        raise UnknownSubject("No call of ours.")

    house.acts["voice"] = house.acts["status"] = unknown
    fields = about_a_call()
    for _ in range(2):
        response = post("/carrier/voice", fields)
        assert (response.status_code, response.content[-12:]) == (200, b"<Response />")
    row = WebhookDelivery.objects.get()
    assert (row.verdict, row.reason, row.repeats) == ("unknown", "No call of ours.", 1)
    assert not Customer.objects.filter(name="left behind").exists()
    assert post(address(callbacks.status(LEG)), about_a_call()).status_code == 204


def test_a_refusal_is_told_kindly_to_a_customer_and_plainly_to_a_desk(house):
    def refuse(event):
        ClientFactory(name="left behind")
        raise Refused("The queue is closed: open it first.")

    house.acts["voice"] = refuse
    to_customer = post("/carrier/voice", about_a_call())
    assert to_customer.status_code == 200
    assert b"We are sorry" in to_customer.content
    assert b"The queue is closed" not in to_customer.content
    to_desk = post("/carrier/voice", about_a_call(From="client:op_7"))
    assert b"The queue is closed: open it first." in to_desk.content
    assert [row.reason for row in WebhookDelivery.objects.all()] == ["The queue is closed: open it first."] * 2
    assert not Customer.objects.filter(name="left behind").exists()


def test_a_forbidden_number_in_a_document_is_refused(house):
    house.acts["voice"] = lambda event: [DialNumber("+19005551234", "https://x", "+14155550100")]
    response = post("/carrier/voice", about_a_call())
    assert b"We are sorry" in response.content
    assert b"Dial" not in response.content


def test_what_fails_here_is_undone_and_the_retry_can_succeed(house, caplog):
    tries = []

    def fail_once(event, step):
        ClientFactory(name="once")
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError("14155550123 is in this text")
        return [Say("Now.")]

    house.acts["step"] = fail_once
    fields = about_a_call(Digits="1")
    browser = Client(raise_request_exception=False)
    assert post(step_address(), fields, client=browser).status_code == 500
    assert not Customer.objects.filter(name="once").exists()
    row = WebhookDelivery.objects.get()
    assert (row.verdict, row.key, row.reason) == ("failed", None, "ZeroDivisionError")

    assert b"Now." in post(step_address(), fields, client=browser).content
    assert Customer.objects.filter(name="once").count() == 1
    assert b"Now." in post(step_address(), fields, client=browser).content
    assert len(tries) == 2
    assert list(WebhookDelivery.objects.order_by("pk").values_list("verdict", "repeats")) == [
        ("failed", 0),
        ("accepted", 1),
    ]


def test_a_row_of_digits_is_not_kept_and_a_menu_key_is(house):
    post(step_address(1), about_a_call(Digits="4111111111111111"))
    post(step_address(2), about_a_call(Digits="2"))
    assert [row.params["Digits"] for row in WebhookDelivery.objects.order_by("pk")] == ["*" * 16, "2"]
    assert house.ran[0].digits == "4111111111111111"


def test_somebody_knocking_all_night_does_not_fill_the_disk(house, monkeypatch):
    monkeypatch.setattr(deliveries, "_knocking", deliveries._Knocking())
    monkeypatch.setattr(deliveries, "REFUSED_ROWS_A_MINUTE", 3)
    for _ in range(5):
        assert Client().post("/carrier/voice", "x=1", content_type=FORM).status_code == 403
    assert WebhookDelivery.objects.count() == 3


def test_no_number_key_or_name_of_a_field_reaches_the_log(house, caplog):
    caplog.set_level("DEBUG")
    house.acts["voice"] = lambda event: (_ for _ in ()).throw(Refused("No."))
    post("/carrier/voice", about_a_call(Digits="73501"))
    post("/carrier/voice", about_a_call(Digits="73501"), X_Twilio_Signature="no")
    assert not any(secret in caplog.text for secret in ("5550123", "73501"))


def test_an_accepted_report_costs_one_statement_of_ours(house, django_assert_num_queries):
    # SAVEPOINT, INSERT, RELEASE: outside of a test's transaction BEGIN, INSERT, COMMIT.
    path = address(callbacks.status(LEG))
    with django_assert_num_queries(3):
        post(path, about_a_call(CallStatus="ringing"))


def test_an_accepted_document_costs_two_statements_of_ours(house, django_assert_num_queries):
    house.acts["step"] = lambda event, step: [Hangup()]
    with django_assert_num_queries(4):
        post(step_address(), about_a_call(CallStatus="ringing"))


def test_the_event_tells_what_the_carrier_said(house):
    house.acts["conference"] = lambda event, room: None
    path = address(callbacks.conference(12))
    fields = {
        "AccountSid": "AC" + "1" * 32, "ConferenceSid": sid("CF"), "StatusCallbackEvent": "participant-leave",
        "FriendlyName": "call-1", "CallSid": sid("CA"), "SequenceNumber": "4", "Muted": "false", "Hold": "false",
        "Timestamp": "Tue, 31 Aug 2010 20:36:28 +0000", "ReasonParticipantLeft": "participant_hung_up",
    }  # fmt: skip
    assert post(path, fields).status_code == 204
    event = house.ran[0]
    assert (event.conference_event, event.room_name, event.sequence) == ("participant-leave", "call-1", 4)
    assert event.conference_sid == fields["ConferenceSid"]
    assert event.reason == "participant_hung_up"
    assert event.at.isoformat() == "2010-08-31T20:36:28+00:00"
    assert fields["CallSid"] in repr(event)
    assert "FriendlyName" not in repr(event)
