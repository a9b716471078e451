import itertools
import uuid
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client

from apps.carrier import callbacks, deliveries
from apps.carrier.incoming import UnknownSubject
from apps.carrier.models import WebhookDelivery
from apps.carrier.verbs import Hangup, Play, Say
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


def test_the_previous_token_is_good_while_tokens_are_changed(house, settings):
    settings.TWILIO_AUTH_TOKEN_PREVIOUS = "token-of-yesterday"
    fields = about_a_call()
    old = signature("/carrier/voice", fields, "token-of-yesterday")
    assert post("/carrier/voice", fields, X_Twilio_Signature=old).status_code == 200
    settings.TWILIO_AUTH_TOKEN_PREVIOUS = ""
    assert post("/carrier/voice", about_a_call(), X_Twilio_Signature=old).status_code == 403


def test_without_a_token_nothing_is_genuine(house, settings):
    settings.TWILIO_AUTH_TOKEN = ""
    fields = about_a_call()
    from twilio.request_validator import RequestValidator

    unlocked = RequestValidator("").compute_signature("http://127.0.0.1:8000/carrier/voice", fields)
    assert post("/carrier/voice", fields, X_Twilio_Signature=unlocked).status_code == 403
    assert house.ran == []


def test_the_public_address_counts_and_not_the_host_that_is_named(house, settings):
    settings.PUBLIC_BASE_URL = "https://calls.example.com:8443"
    fields = about_a_call()
    without_port = "https://calls.example.com/carrier/voice"
    from twilio.request_validator import RequestValidator

    given = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(without_port, fields)
    assert post("/carrier/voice", fields, X_Twilio_Signature=given).status_code == 200
    with_port = signature("/carrier/voice", fields)
    # The carrier leaves the port out over https; the official check takes it either way, and so do we.
    assert (
        post("/carrier/voice", about_a_call(CallSid=fields["CallSid"]), X_Twilio_Signature=with_port).status_code == 200
    )
    by_host = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature("http://testserver/carrier/voice", fields)
    assert post("/carrier/voice", fields, X_Twilio_Signature=by_host).status_code == 403


FIELDS = {"CallSid": "CA" + "a" * 32, "Digits": "12", "Empty": ""}


def changed(**fields):
    return lambda body: {**body, **fields}


def without(name):
    return lambda body: {key: value for key, value in body.items() if key != name}


# Each takes the signed fields and gives what is sent with the signature of the original.
BODIES = {
    "another call": changed(CallSid="CA" + "b" * 32),
    "another status": changed(CallStatus="completed"),
    "another caller": changed(From="+14155550124"),
    "another number of ours": changed(To="+14155550101"),
    "other digits": changed(Digits="13"),
    "digits in upper and lower case": changed(Digits="12*"),
    "one more field": changed(Forged="1"),
    "one more empty field": changed(AccountSi="d"),
    "a field less": without("Digits"),
    "an empty field less": without("Empty"),
    "nothing but the call": lambda body: {"CallSid": body["CallSid"]},
    "a space added": changed(Digits="12 "),
    "a line end added": changed(Digits="12\n"),
    "a zero byte added": changed(Digits="12\x00"),
    "a name in another case": lambda body: {**without("Digits")(body), "digits": "12"},
    "value and name swapped": lambda body: {**without("Digits")(body), "12": "Digits"},
    "another account": changed(AccountSid="AC" + "2" * 32),
    "a look-alike letter": changed(CallStatus="in-progr\u0435ss"),
}


@pytest.mark.parametrize("change", BODIES.values(), ids=BODIES.keys())
def test_a_changed_body_is_refused_and_changes_nothing(house, change):
    signed = about_a_call(**FIELDS)
    response = post("/carrier/voice", change(signed), X_Twilio_Signature=signature("/carrier/voice", signed))
    assert response.status_code == 403
    assert house.ran == []
    row = WebhookDelivery.objects.get()
    assert (row.verdict, row.key, row.params, row.reply) == ("forged", None, {}, "")


SIGNATURES = {
    "of another token": lambda good: signature("/carrier/voice", about_a_call(**FIELDS), "another"),
    "of another address": lambda good: signature("/carrier/app", about_a_call(**FIELDS)),
    "of a query": lambda good: signature("/carrier/voice?x=1", about_a_call(**FIELDS)),
    "cut": lambda good: good[:-1],
    "longer": lambda good: good + "=",
    "in upper case": str.upper,
    "with its first letter changed": lambda good: ("A" if good[0] != "A" else "B") + good[1:],
    "of another alphabet": lambda good: "ы" * len(good),
    "nonsense": lambda good: "x",
}


@pytest.mark.parametrize("change", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_changed_signature_is_refused(house, change):
    fields = about_a_call(**FIELDS)
    given = change(signature("/carrier/voice", fields))
    if not given.isascii():
        given = given.encode().decode("latin-1")
    assert post("/carrier/voice", fields, X_Twilio_Signature=given).status_code == 403
    assert house.ran == []
    assert WebhookDelivery.objects.get().verdict == "forged"


def test_a_request_sent_to_another_address_than_it_was_signed_for_is_refused(house):
    fields = about_a_call()
    given = signature(step_address(1), fields)
    assert post(step_address(2), fields, X_Twilio_Signature=given).status_code == 403
    assert post(step_address(1) + "?again=1", fields, X_Twilio_Signature=given).status_code == 403
    assert house.ran == []


@pytest.mark.parametrize("given", [None, ""])
def test_an_unsigned_request_is_refused(house, given):
    headers = {} if given is None else {"X-Twilio-Signature": given}
    response = Client().post("/carrier/voice", urlencode(about_a_call()), content_type=FORM, headers=headers)
    assert response.status_code == 403
    assert WebhookDelivery.objects.get().verdict == "unsigned"


def test_another_account_is_refused_even_with_our_signature(house):
    assert post("/carrier/voice", about_a_call(AccountSid=sid("AC"))).status_code == 403
    assert WebhookDelivery.objects.get().verdict == "forged"
    assert house.ran == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_only_forms_are_read(house, kind):
    fields = about_a_call()
    response = Client().post(
        "/carrier/voice", urlencode(fields), content_type=kind,
        headers={"X-Twilio-Signature": signature("/carrier/voice", fields)},
    )  # fmt: skip
    assert response.status_code == 415
    assert WebhookDelivery.objects.get().verdict == "malformed"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_only_post_is_answered(house, method):
    assert getattr(Client(), method)("/carrier/voice").status_code == 405
    assert house.ran == []


@pytest.mark.parametrize("size", [64 * 1024, 2 * 1024 * 1024])
def test_a_large_body_is_refused(house, size):
    response = post("/carrier/voice", about_a_call(Large="x" * size))
    assert response.status_code == 413
    row = WebhookDelivery.objects.get()
    assert (row.verdict, row.params) == ("oversized", {})


def send(body: str, path: str = "/carrier/voice"):
    """Post `body` as it stands, rightly signed."""
    from urllib.parse import parse_qsl

    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, errors="replace"):
        fields.setdefault(name, []).append(value)

    class Multi(dict):
        def getlist(self, name):
            return self[name]

    return Client().post(
        path, body, content_type=FORM, headers={"X-Twilio-Signature": signature(path, Multi(fields))}
    )  # fmt: skip


MALFORMED = {
    "a name twice": "&Digits=1&Digits=2",
    "a name twice with the same value": "&Digits=1&Digits=1",
    "the call twice": "&CallSid=CA" + "a" * 32,
    "a strange name": "&1x=2",
    "a name with a space": "&a+b=2",
    "no name": "&=2",
    "a zero byte": "&Note=a%00b",
    "a very long value": "&Note=" + "x" * 5000,
    "digits that are none": "&Digits=1;2",
    "a duration that is none": "&CallDuration=5CallSidCA1",
    "a sequence below zero": "&SequenceNumber=-1",
    "a duration in words": "&RecordingDuration=long",
    "a parent that is none": "&ParentCallSid=CA1",
    "an unheard-of dial status": "&DialCallStatus=happy",
    "a conference that is none": "&ConferenceSid=CF" + "x" * 32,
}


@pytest.mark.parametrize("more", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_signed_request_of_a_strange_form_is_refused(house, more):
    response = send(urlencode(about_a_call()) + more)
    assert response.status_code == 400
    assert house.ran == []
    row = WebhookDelivery.objects.get()
    assert row.verdict == "malformed"
    assert row.reason.endswith(".")


@pytest.mark.parametrize("name", ["AccountSid", "CallSid", "CallStatus"])
def test_a_request_that_names_no_call_is_refused(house, name):
    fields = about_a_call()
    del fields[name]
    assert post("/carrier/voice", fields).status_code == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [("CallSid", "CA1"), ("CallSid", "ca" + "a" * 32), ("CallSid", "CA" + "a" * 32 + "\n"), ("CallStatus", "weird")],
)
def test_a_known_field_of_another_form_is_refused(house, name, value):
    assert post("/carrier/voice", about_a_call(**{name: value})).status_code == 400


def test_bytes_that_are_no_text_are_refused(house):
    assert send(urlencode(about_a_call()) + "&Note=%ff%fe").status_code == 400


def test_too_many_fields_are_refused(house):
    assert send(urlencode(about_a_call()) + "".join(f"&F{n}=1" for n in range(300))).status_code == 400


def test_fields_that_we_do_not_know_and_strange_callers_are_taken(house):
    for caller in ("anonymous", "+266696687", "client:op_7", "sip:a@example.com", "", "Ünknown"):
        fields = about_a_call(From=caller, NewField="x", SipHeader_X_Y="z")
        assert post("/carrier/voice", fields).status_code == 200
    assert len(house.ran) == 6


def test_the_fallback_hears_whatever_is_wrong_with_the_rest(house):
    house.acts["fallback"] = lambda event: [Say("Sorry."), Hangup()]
    response = post("/carrier/fallback", about_a_call(CallStatus="strange", ErrorCode="11200"))
    assert b"Sorry." in response.content
    assert house.ran[0].error_code == 11200
    assert house.ran[0].call_status == ""


def test_an_address_that_we_did_not_make_is_refused(house):
    path = f"/carrier/step/{LEG.hex}~1~menu.{'x' * 43}"
    assert post(path, about_a_call()).status_code == 404
    assert WebhookDelivery.objects.get().verdict == "malformed"
    swapped = step_address().replace("~1~", "~2~")
    assert post(swapped, about_a_call()).status_code == 404
    other_kind = address(callbacks.answered(LEG)).replace("answered", "status")
    assert post(other_kind, about_a_call()).status_code == 404
    assert house.ran == []


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
    from apps.clients.models import Client as Customer

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
    from apps.clients.models import Client as Customer

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
    from apps.clients.models import Client as Customer

    assert not Customer.objects.filter(name="left behind").exists()


def test_a_forbidden_number_in_a_document_is_refused(house):
    from apps.carrier.verbs import DialNumber

    house.acts["voice"] = lambda event: [DialNumber("+19005551234", "https://x", "+14155550100")]
    response = post("/carrier/voice", about_a_call())
    assert b"We are sorry" in response.content
    assert b"Dial" not in response.content


def test_what_fails_here_is_undone_and_the_retry_can_succeed(house, caplog):
    from apps.clients.models import Client as Customer

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


def test_moving_the_border_between_name_and_value_has_no_second_effect(house):
    """The signature covers names and values run together, so `A=1B2` and `A=1, B=2` are signed alike."""
    house.acts["step"] = lambda event, step: [Say("Once.")]
    fields = about_a_call(Digits="1", CallerCity="SPRINGFIELD", QueueTime="5", ParentCallSid="")
    given = signature(step_address(), fields)
    assert post(step_address(), fields).status_code == 200
    names = sorted(fields)
    for first, second in itertools.pairwise(names):
        merged = {name: value for name, value in fields.items() if name not in (first, second)}
        merged[first] = fields[first] + second + fields[second]
        moved = {name: value for name, value in fields.items() if name != first}
        moved[first + fields[first][:1]] = fields[first][1:]
        for sent in (merged, moved):
            reply = post(step_address(), sent, X_Twilio_Signature=given)
            assert reply.status_code in {200, 400, 403}
            if reply.status_code == 200:
                assert b"Once." in reply.content
    assert len(house.ran) == 1
    assert WebhookDelivery.objects.filter(verdict="accepted").count() == 1


def test_only_the_port_and_the_documents_reach_a_telephone():
    """One place makes calls, one sends texts, one writes <Dial><Number>: each asks the policy first."""
    sources = {path: path.read_text() for path in (ROOT / "apps").rglob("*.py") if "sandbox" not in path.parts}
    for words, home in {
        ".calls.create(": "client.py",
        ".messages.create(": "client.py",
        ".number(": "twiml.py",
    }.items():
        places = [path for path, text in sources.items() if words in text and "twilio" in text]
        assert [path.name for path in places] == [home]
        assert "policy.check_" in sources[places[0]]
