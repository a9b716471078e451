"""Messages against a mail server and a carrier that really answer, over their own protocols."""

import email
import http.server
import json
import socketserver
import threading
import uuid

import pytest
from django.core import mail

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.notify import delivery, tasks
from apps.notify import services as notify
from apps.notify.models import Message, Notice
from tests.factories import ClientFactory, MessageFactory, PhoneNumberFactory

pytestmark = pytest.mark.django_db

Status = Message.Status
MOBILE = "+12125550142"


@pytest.fixture
def frozen():
    clock.freeze()
    yield
    clock.release()


class FakeCarrier(http.server.ThreadingHTTPServer):
    """Takes Messages as the carrier does. `answers` says how: an HTTP status, or "drop" to break off without a word."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list = []
        self.heard: list[dict] = []


class _Handler(http.server.BaseHTTPRequestHandler):
    server: FakeCarrier

    def do_POST(self) -> None:
        from urllib.parse import parse_qsl

        self.server.heard.append(dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())))
        answer = self.server.answers.pop(0) if self.server.answers else 201
        if answer == "drop":
            self.connection.close()
            return
        body = {"sid": f"SM{uuid.uuid4().hex}", "status": "queued"}
        if answer >= 400:
            body = {"code": 21610 if answer == 400 else 20429, "message": "No.", "status": answer}
        reply = json.dumps(body).encode()
        self.send_response(answer)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def carrier(settings):
    server = FakeCarrier()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.CARRIER_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = f"AC{'0' * 32}", "token"
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def text_message(carrier):
    number = PhoneNumberFactory()
    return MessageFactory(client=number.client, channel=Message.Channel.SMS, to=MOBILE, body="Your truck is late.")


def after(message) -> Message:
    message.refresh_from_db()
    return message


def test_an_e_mail_leaves_once_however_often_its_task_runs():
    message = MessageFactory(to="manager@example.com", subject="Notice", body="Look.")
    tasks.deliver(message.pk)
    tasks.deliver(message.pk)
    assert [(sent.subject, sent.to, sent.body) for sent in mail.outbox] == [
        ("Notice", ["manager@example.com"], "Look.")
    ]
    assert (after(message).status, message.attempts) == (Status.SENT, 1)


def test_one_key_is_one_message(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks():
        first = notify.send("email", to="a@example.com", body="Once.", key="incident:1")
        assert notify.send("email", to="a@example.com", body="Twice.", key="incident:1") is None
    assert list(Message.objects.all()) == [first]


def test_a_text_message_needs_a_client():
    with pytest.raises(Refused):
        notify.send("sms", to=MOBILE, body="x", key="k")
    assert not Message.objects.exists()


def test_the_sweep_sends_what_its_nudge_did_not(frozen):
    due, later = MessageFactory(), MessageFactory(due_at=clock.now() + delivery.LEASE)
    tasks.sweep()
    assert (after(due).status, after(later).status) == (Status.SENT, Status.WAITING)


class FullMailbox(socketserver.StreamRequestHandler):
    """A mail server that speaks SMTP and takes nothing: `code` is its answer to the recipient."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(self.server.code if word == b"RCPT" else b"250 fine\r\n")


@pytest.fixture
def mail_server(settings):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), FullMailbox)
    server.code = b"550 nobody here\r\n"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_an_address_that_does_not_exist_fails_for_good_and_warns_the_manager(mail_server):
    message = MessageFactory()
    tasks.deliver(message.pk)
    assert after(message).status == Status.FAILED
    assert "Look under Messages" in Notice.objects.get(key="notify.failed:email").text
    assert Event.objects.filter(kind="notify.message_failed").count() == 1


def test_a_mail_server_that_is_away_is_tried_again_later_and_in_the_end_given_up(settings, frozen):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = MessageFactory()
    tasks.deliver(message.pk)
    assert after(message).status == Status.WAITING
    assert (message.due_at - clock.now()).total_seconds() == 30
    for _try in range(delivery.TRIES - 1):
        clock.advance(1000)
        tasks.sweep()
    assert (after(message).status, message.attempts) == (Status.FAILED, delivery.TRIES)


def test_a_text_message_leaves_from_the_clients_own_number(text_message, carrier):
    tasks.deliver(text_message.pk)
    assert after(text_message).status == Status.SENT
    sender = text_message.client.phone_numbers.get().number
    assert [(said["To"], said["From"], said["Body"]) for said in carrier.heard] == [
        (MOBILE, sender, "Your truck is late.")
    ]
    assert "/carrier/message/" in carrier.heard[0]["StatusCallback"]


def test_without_a_number_of_its_own_a_client_sends_nothing(carrier):
    message = MessageFactory(channel="sms", to=MOBILE)
    tasks.deliver(message.pk)
    assert after(message).status == Status.FAILED
    assert "Give it a caller id" in message.error
    assert carrier.heard == []


def test_a_forbidden_number_is_never_sent_to(carrier):
    message = MessageFactory(channel="sms", to="+19005550123", client=PhoneNumberFactory().client)
    tasks.deliver(message.pk)
    assert after(message).status == Status.FAILED
    assert carrier.heard == []


def test_what_the_carrier_refuses_for_good_failed_and_what_may_pass_waits(text_message, carrier, frozen):
    carrier.answers = [429, 400]
    tasks.deliver(text_message.pk)
    assert after(text_message).status == Status.WAITING
    clock.advance(60)
    tasks.sweep()
    assert after(text_message).status == Status.FAILED
    assert len(carrier.heard) == 2


def test_a_lost_answer_leaves_a_text_message_uncertain_and_it_is_not_sent_again(text_message, carrier, frozen):
    carrier.answers = ["drop"]
    tasks.deliver(text_message.pk)
    assert after(text_message).status == Status.UNCERTAIN
    clock.advance(3600)
    tasks.sweep()
    assert len(carrier.heard) == 1
    assert notify.delivered(text_message.pk, "delivered")
    assert after(text_message).status == Status.SENT


def test_the_carriers_reports_are_taken_in_any_order():
    message = MessageFactory(channel="sms", status=Status.SENT)
    assert not notify.delivered(message.pk, "queued")
    assert notify.delivered(message.pk, "undelivered")
    assert not notify.delivered(message.pk, "sent"), "a failure is final"
    assert after(message).status == Status.FAILED
    assert not notify.delivered(message.pk + 1000, "delivered")


def test_a_process_that_died_while_sending_leaves_no_message_behind(frozen):
    mail_, text = (MessageFactory(channel=channel, status=Status.SENDING) for channel in ("email", "sms"))
    young = MessageFactory(status=Status.SENDING, due_at=clock.now() + delivery.LEASE)
    clock.advance(1)
    tasks.sweep()
    assert (after(mail_).status, after(text).status, after(young).status) == (
        Status.SENT, Status.UNCERTAIN, Status.SENDING,
    )  # fmt: skip


def test_an_e_mail_that_goes_twice_has_the_same_message_id(frozen):
    message = MessageFactory()
    tasks.deliver(message.pk)
    Message.objects.update(status=Status.SENDING, due_at=clock.now())
    tasks.sweep()
    ids = {email.message_from_bytes(sent.message().as_bytes())["Message-ID"] for sent in mail.outbox}
    assert (len(mail.outbox), len(ids)) == (2, 1)


def test_a_person_sends_again_what_failed_and_nothing_else(admin_client):
    failed, sent = MessageFactory(status=Status.FAILED), MessageFactory(status=Status.SENT)
    form = {"action": "send_again", "_selected_action": [failed.pk, sent.pk]}
    page = admin_client.post("/admin/notify/message/", form, follow=True).content.decode()
    assert "1 on their way. This message is sent; only one that failed can be sent again." in page
    assert (after(failed).status, after(sent).status) == (Status.WAITING, Status.SENT)


def test_a_client_without_numbers_is_not_an_error():
    assert delivery._sender(MessageFactory(client=ClientFactory())) == ""
    assert delivery._sender(MessageFactory(client=None)) == ""
