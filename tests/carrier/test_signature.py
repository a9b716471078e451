"""What does not pass the door: unsigned, changed, of another account, of a strange form."""

import itertools
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from apps.carrier import callbacks
from apps.carrier.models import WebhookDelivery
from apps.carrier.verbs import Hangup, Say
from tests.factories import sid
from tests.support.signed import FORM, about_a_call, post, signature

LEG = uuid.UUID(int=7)
ROOT = Path(__file__).resolve().parents[2]


def address(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def step_address(n: int = 1) -> str:
    return address(callbacks.step(LEG, n, "menu"))


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
    unlocked = RequestValidator("").compute_signature("http://127.0.0.1:8000/carrier/voice", fields)
    assert post("/carrier/voice", fields, X_Twilio_Signature=unlocked).status_code == 403
    assert house.ran == []


def test_the_public_address_counts_and_not_the_host_that_is_named(house, settings):
    settings.PUBLIC_BASE_URL = "https://calls.example.com:8443"
    fields = about_a_call()
    without_port = "https://calls.example.com/carrier/voice"
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
