"""The port against the real sandbox: the official SDK over HTTP, nothing in between."""

import io
import logging
import socket
import threading
import uuid
import wave
from datetime import timedelta

import jwt
import pytest
from django.db import transaction
from django.utils import timezone

from apps.carrier import callbacks
from apps.carrier.client import CarrierGone, CarrierLost, CarrierRefused, get_port
from apps.carrier.models import CarrierRequest
from apps.core.refused import Refused
from tests.carrier.conftest import CREDENTIALS
from tests.factories import sid

OURS, CUSTOMER = "+14155550100", "+14155550123"


@pytest.fixture
def carrier(carrier, settings):
    """The sandbox with one number of ours."""
    # Nobody listens there: what the sandbox reports is not what these tests are about.
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:9"
    get_port().buy_number(OURS, name="Main line")
    CarrierRequest.objects.all().delete()
    return carrier


def dial(to=CUSTOMER, **more):
    said = {
        "to": to,
        "from_": OURS,
        "answer_url": callbacks.answered(uuid.UUID(int=1)),
        "status_url": callbacks.status(uuid.UUID(int=1)),
        "timeout_seconds": 20,
        "call_ref": uuid.UUID(int=5),
    }
    return get_port().dial(**said | more)


def test_dialling_makes_a_call_and_a_row(carrier):
    call_sid = dial()
    phone = carrier.get(f"/sandbox/calls/{call_sid}")
    assert (phone["from"], phone["to"], phone["direction"]) == (OURS, CUSTOMER, "outbound-api")
    row = CarrierRequest.objects.get()
    assert (row.action, row.outcome, row.call_ref, row.error_code) == ("dial", "done", uuid.UUID(int=5), None)


def test_a_desk_can_be_dialled(carrier):
    carrier.post("/sandbox/devices/op_7/register", {})
    call_sid = dial(to="client:op_7?leg=abc")
    assert carrier.get(f"/sandbox/calls/{call_sid}")["to"].startswith("client:op_7")


def test_a_forbidden_number_is_never_sent(carrier):
    for number in ("+19005551234", "911", "+18765551234", "client:; DROP"):
        with pytest.raises(Refused):
            dial(to=number)
        with pytest.raises(Refused):
            get_port().send_sms(to=number, from_=OURS, body="Hello")
    assert carrier.get("/sandbox/calls") == []
    assert not CarrierRequest.objects.exists()


def test_nothing_is_asked_inside_a_transaction(carrier):
    with pytest.raises(RuntimeError, match="after commit"), transaction.atomic():
        dial()
    assert carrier.get("/sandbox/calls") == []


def test_a_call_is_fetched_found_redirected_and_ended(carrier):
    port, began = get_port(), timezone.now()
    carrier.put(f"/sandbox/phones/{CUSTOMER}", {"answer": "human", "after_s": 1})
    with Listening() as document:
        call_sid = dial(answer_url=document.url)
        assert port.fetch(call_sid).status in {"queued", "ringing"}
        assert [facts.sid for facts in port.find(to=CUSTOMER, since=began)] == [call_sid]
        assert port.find(to=CUSTOMER, since=began + timedelta(hours=1)) == []
        assert port.find(to="+14155550199", since=began) == []
        carrier.advance(2)
        port.redirect(call_sid, document.url + "/elsewhere", call_ref=None)
        carrier.advance(0)
        assert any(b"/document/elsewhere" in asked for asked in document.stub.asked)
        port.hang_up(call_sid, call_ref=None)
        carrier.advance(3)
    facts = port.fetch(call_sid)
    assert (facts.status, facts.duration_seconds) == ("completed", 1)
    for command in (port.hang_up, lambda sid, call_ref: port.redirect(sid, document.url, call_ref=call_ref)):
        with pytest.raises(CarrierGone) as gone:
            command(call_sid, call_ref=None)
        assert gone.value.code == 21220
    row = CarrierRequest.objects.filter(action="hang up", outcome="refused").get()
    assert (row.error_code, row.call_sid) == (21220, call_sid)


def test_a_ringing_call_can_be_ended(carrier):
    call_sid = dial()
    get_port().hang_up(call_sid, call_ref=None)
    carrier.advance(0)
    assert get_port().fetch(call_sid).status in {"canceled", "completed"}
    assert get_port().fetch(call_sid).duration_seconds in {None, 0}


def test_an_unknown_call_is_none_to_fetch_and_gone_to_command(carrier):
    assert get_port().fetch(sid("CA")) is None
    with pytest.raises(CarrierGone):
        get_port().hang_up(sid("CA"), call_ref=None)


def test_a_call_from_a_number_that_is_not_ours_is_refused_by_the_carrier(carrier):
    with pytest.raises(CarrierRefused) as refusal:
        dial(from_="+14155550177")
    assert refusal.value.code in {21210, 21212}
    assert str(refusal.value.code) in refusal.value.sentence
    assert CarrierRequest.objects.get().outcome == "refused"


def test_a_wrong_token_is_refused(carrier, settings):
    settings.TWILIO_AUTH_TOKEN = "wrong"
    with pytest.raises(CarrierRefused) as refusal:
        dial()
    assert refusal.value.code == 20003


def test_a_carrier_out_of_reach_is_a_refusal_because_nothing_happened(carrier, settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.CARRIER_BASE_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(CarrierRefused) as refusal:
        dial()
    assert refusal.value.code == 0
    row = CarrierRequest.objects.get()
    assert (row.outcome, row.error_code) == ("refused", 0)


def test_a_lost_answer_is_lost_although_the_call_rings_and_can_be_found(carrier):
    began = timezone.now()
    carrier.put("/sandbox/faults", {"lost_answers": 1})
    with pytest.raises(CarrierLost):
        dial()
    assert CarrierRequest.objects.get().outcome == "lost"
    [ringing] = carrier.get("/sandbox/calls")
    assert [facts.sid for facts in get_port().find(to=CUSTOMER, since=began)] == [ringing["sid"]]


@pytest.mark.parametrize(("status", "kind"), [(500, CarrierLost), (503, CarrierLost), (429, CarrierRefused)])
def test_a_failing_carrier_is_lost_and_a_busy_one_refuses(carrier, status, kind):
    code = {429: 20429, 500: 20500, 503: 20503}[status]
    carrier.put("/sandbox/faults", {"fail_next": [{"path": "Calls", "status": status, "code": code}]})
    with pytest.raises(kind):
        dial()
    assert CarrierRequest.objects.get().outcome == ("refused" if kind is CarrierRefused else "lost")


class Stub:
    """A carrier that answers each connection with the same bytes, whatever is asked."""

    def __init__(self, answer: bytes, pieces: int = 1) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        self.asked: list[bytes] = []
        self.answer = answer
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.server.accept()
            except OSError:
                return
            with link:
                self.asked.append(link.recv(65536))
                link.sendall(self.answer)

    def close(self) -> None:
        self.server.close()


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


ODD = {
    "nothing": b"",
    "half an answer": http(b'{"sid": "CA')[:-4],
    "no JSON": http(b"<html>", "201 Created"),
    "no object": http(b"[]", "201 Created"),
    "no sid": http(b"{}", "201 Created"),
    "a sid that is a path": http(b'{"sid": "../../etc"}', "201 Created"),
    "a sid of another kind": http(b'{"sid": "PN' + b"a" * 32 + b'"}', "201 Created"),
    "a redirect": http(b"", "302 Found", Location="http://127.0.0.1:9/elsewhere"),
    "an endless answer": http(b'{"sid": "' + b"x" * 5_000_000 + b'"}', "201 Created"),
    "deep JSON": http(b"[" * 100_000, "201 Created"),
    "not HTTP": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD.keys())
def test_an_answer_that_cannot_be_understood_is_lost(carrier, settings, answer):
    stub = Stub(answer)
    settings.CARRIER_BASE_URL = stub.url
    try:
        with pytest.raises(CarrierLost):
            dial()
    finally:
        stub.close()
    assert CarrierRequest.objects.get().outcome == "lost"


@pytest.mark.parametrize("answer", [b"<html>no</html>", b'{"code": "x", "message": null}', b"[]", b""])
def test_a_refusal_in_odd_words_is_still_a_refusal(carrier, settings, answer):
    stub = Stub(http(answer, "400 Bad Request"))
    settings.CARRIER_BASE_URL = stub.url
    try:
        with pytest.raises((CarrierRefused, CarrierLost)) as said:
            dial()
    finally:
        stub.close()
    assert isinstance(said.value, CarrierRefused), said.value


def test_our_password_is_not_carried_to_where_a_recording_is_redirected(carrier, settings):
    canary = Stub(http(b"secret"))
    stub = Stub(http(b"", "302 Found", Location=canary.url))
    settings.CARRIER_BASE_URL = stub.url
    try:
        with pytest.raises(CarrierRefused):
            list(get_port().fetch_recording_media(sid("RE")))
    finally:
        stub.close()
        canary.close()
    assert canary.asked == []
    assert b"Authorization: Basic" in stub.asked[0]


def test_a_recording_that_breaks_off_is_lost(carrier, settings):
    stub = Stub(http(b"RIFF" * 1000)[:-100])
    settings.CARRIER_BASE_URL = stub.url
    try:
        with pytest.raises(CarrierLost):
            list(get_port().fetch_recording_media(sid("RE")))
    finally:
        stub.close()


def test_a_sid_that_is_none_never_gets_into_an_address(carrier):
    for bad in ("../../Accounts", "RE1", "CA" + "a" * 32, "RE" + "A" * 32):
        with pytest.raises(CarrierLost):
            get_port().delete_recording(bad)
    assert not CarrierRequest.objects.exists()


def test_a_call_is_recorded_paused_resumed_stopped_fetched_and_deleted(carrier):
    port = get_port()
    carrier.put(f"/sandbox/phones/{CUSTOMER}", {"answer": "human", "after_s": 1})
    with Listening() as document:
        call_sid = dial(answer_url=document.url)
        carrier.advance(2)
        assert port.fetch(call_sid).status == "in-progress"
        recording = port.start_recording(call_sid, status_url="http://127.0.0.1:9/recording", call_ref=None)
        carrier.advance(2)
        port.pause_recording(call_sid, call_ref=None)
        carrier.advance(1)
        port.resume_recording(call_sid, call_ref=None)
        carrier.advance(2)
        with pytest.raises(CarrierGone):
            list(port.fetch_recording_media(recording))
        port.stop_recording(call_sid, call_ref=None)
        with pytest.raises(CarrierRefused):
            port.pause_recording(call_sid, call_ref=None)
        port.hang_up(call_sid, call_ref=None)
        carrier.advance(5)
    sound = b"".join(port.fetch_recording_media(recording))
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnchannels() == 2
        assert 4 <= file.getnframes() / file.getframerate() <= 6
    port.delete_recording(recording)
    port.delete_recording(recording)
    with pytest.raises(CarrierGone):
        list(port.fetch_recording_media(recording))


def test_a_leg_in_a_room_is_held_muted_and_the_room_found(carrier):
    from apps.carrier import twiml
    from apps.carrier.verbs import DialRoom

    port = get_port()
    carrier.put(f"/sandbox/phones/{CUSTOMER}", {"answer": "human", "after_s": 1})
    room = f"call-{uuid.uuid4()}-1"
    with Listening(twiml.render([DialRoom(room, "http://127.0.0.1:9/left")])) as document:
        call_sid = dial(answer_url=document.url)
        carrier.advance(2)
        conference = port.find_conference(room)
        assert conference.startswith("CF")
        port.hold(conference, call_sid, on=True, music_url="http://127.0.0.1:9/music", call_ref=None)
        assert carrier.get(f"/sandbox/calls/{call_sid}")["on_hold"] is True
        port.hold(conference, call_sid, on=False, music_url="", call_ref=None)
        port.set_voice(conference, call_sid, muted=True, coaches="", call_ref=None)
        seen = carrier.get(f"/sandbox/calls/{call_sid}")
        assert (seen["on_hold"], seen["muted"]) == (False, True)
        port.set_voice(conference, call_sid, muted=False, coaches="", call_ref=None)
        port.hang_up(call_sid, call_ref=None)
        carrier.advance(1)
    assert port.find_conference(room) == ""
    assert port.find_conference("call-never-1") == ""
    with pytest.raises(CarrierGone):
        port.hold(conference, call_sid, on=True, music_url="http://127.0.0.1:9/music", call_ref=None)


class Listening:
    """Answers every request with one document."""

    def __init__(self, document: str = "<Response><Pause length='600'/></Response>") -> None:
        body = document.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.stub = Stub(head.encode() + body)
        self.url = self.stub.url + "/document"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stub.close()


def test_a_text_message_is_sent(carrier):
    message = get_port().send_sms(
        to=CUSTOMER, from_=OURS, body="Your driver is near.", status_url=callbacks.message_status(3)
    )
    assert message.startswith("SM")
    assert CarrierRequest.objects.get().action == "send message"


def test_numbers_and_the_application_are_told_our_addresses(carrier):
    port = get_port()
    [number] = port.list_numbers()
    assert (number.number, number.name, number.voice_url) == (OURS, "Main line", "")
    port.set_number_urls(
        number.sid, voice_url=callbacks.voice(), fallback_url=callbacks.fallback(), status_url=callbacks.number_status()
    )
    [number] = port.list_numbers()
    assert number.voice_url == "http://127.0.0.1:9/carrier/voice"
    assert number.fallback_url == "http://127.0.0.1:9/carrier/fallback"
    assert number.status_url == "http://127.0.0.1:9/carrier/number-status"
    app_sid = CREDENTIALS["app_sid"]
    port.set_application_urls(
        app_sid, voice_url=callbacks.app(), fallback_url=callbacks.fallback(), status_url=callbacks.number_status()
    )
    assert port.fetch_application(app_sid).voice_url == callbacks.app()
    assert port.fetch_application(sid("AP")) is None


def test_a_device_token_opens_one_desk_for_a_quarter_of_an_hour(carrier):
    token = get_port().device_token("op_7")
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, CREDENTIALS["api_secret"], algorithms=["HS256"])
    assert header["cty"] == "twilio-fpa;v=1"
    assert (claims["iss"], claims["sub"]) == (CREDENTIALS["api_key"], CREDENTIALS["account_sid"])
    assert claims["grants"]["identity"] == "op_7"
    assert claims["grants"]["voice"]["incoming"] == {"allow": True}
    assert claims["grants"]["voice"]["outgoing"]["application_sid"] == CREDENTIALS["app_sid"]
    assert claims["exp"] - claims["iat"] if "iat" in claims else claims["exp"] - claims["nbf"] == 900


def test_no_number_and_no_secret_reaches_the_log(carrier, caplog):
    caplog.set_level(logging.INFO)
    dial()
    get_port().find(to=CUSTOMER, since=timezone.now())
    with pytest.raises(CarrierRefused):
        dial(from_="+14155550177")
    for secret in ("5550123", "5550177", "4155550100", CREDENTIALS["auth_token"]):
        assert secret not in caplog.text
