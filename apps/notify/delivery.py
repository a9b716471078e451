"""Messages leave the house. Each is claimed by one conditional UPDATE, sent outside any transaction, then settled."""

from __future__ import annotations

import hashlib
import smtplib
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db.models import F

from apps.carrier import callbacks
from apps.carrier.client import CarrierLost, CarrierRefused, get_port
from apps.carrier.models import PhoneNumber
from apps.core import clock, events
from apps.core.refused import Refused
from apps.notify import services
from apps.notify.models import Message

Status = Message.Status

# How long a process may take before another one looks after its message.
LEASE = timedelta(minutes=5)
TRIES = 6
FIRST_PAUSE_SECONDS = 30
# The carrier's words for "not now": not reached (0), too many requests, its queue is full.
_PASSING = {0, 429, 20429, 30001}
_REFUSED_FOR_GOOD = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPNotSupportedError)


def deliver(message_id: int) -> None:
    """Send one message if it is due and nobody else has taken it."""
    now = clock.now()
    taken = Message.objects.due(now).filter(pk=message_id)
    if not taken.update(status=Status.SENDING, attempts=F("attempts") + 1, due_at=now + LEASE):
        return
    message = Message.objects.select_related("client").get(pk=message_id)
    if message.channel == Message.Channel.EMAIL:
        _send_email(message)
    else:
        _send_sms(message)


def heal() -> None:
    """Take care of messages whose process died while sending. An e-mail goes again under the same Message-ID, so that
    mail programs show it once; whether a text message left is not known, and a person decides."""
    stuck = Message.objects.stuck(clock.now())
    stuck.filter(channel=Message.Channel.EMAIL).update(status=Status.WAITING)
    stuck.filter(channel=Message.Channel.SMS).update(
        status=Status.UNCERTAIN, error="The process that sent it died; whether it left is not known."
    )


def _send_email(message: Message) -> None:
    name = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    mail = EmailMessage(
        message.subject, message.body, to=[message.to], headers={"Message-ID": f"<{name}@callcenter.invalid>"}
    )
    try:
        mail.send()
    except _REFUSED_FOR_GOOD as error:
        _fail(message, f"The mail server refused it ({type(error).__name__}).")
    except (smtplib.SMTPException, OSError) as error:
        _try_later(message, f"The mail server could not take it ({type(error).__name__}).")
    else:
        _settle(message, Status.SENT)


def _send_sms(message: Message) -> None:
    from_ = _sender(message)
    if not from_:
        _fail(message, "The client has no number to send from. Give it a caller id.")
        return
    try:
        get_port().send_sms(
            to=message.to, from_=from_, body=message.body, status_url=callbacks.message_status(message.pk)
        )
    except Refused as refusal:
        _fail(message, refusal.sentence)
    except CarrierRefused as refusal:
        (_try_later if refusal.code in _PASSING else _fail)(message, refusal.sentence)
    except CarrierLost as loss:
        _settle(message, Status.UNCERTAIN, str(loss))
    else:
        _settle(message, Status.SENT)


def _sender(message: Message) -> str:
    if message.client is None:
        return ""
    first = PhoneNumber.objects.active().filter(client=message.client).order_by("pk").first()
    return message.client.caller_id or (first.number if first else "")


def _try_later(message: Message, reason: str) -> None:
    if message.attempts >= TRIES:
        _fail(message, reason)
        return
    pause = timedelta(seconds=FIRST_PAUSE_SECONDS * 2 ** (message.attempts - 1))
    _settle(message, Status.WAITING, reason, due_at=clock.now() + pause)


def _fail(message: Message, reason: str) -> None:
    if not _settle(message, Status.FAILED, reason):
        return
    channel = message.get_channel_display()
    events.record("notify.message_failed", subject=f"message:{message.pk}", channel=channel, reason=reason)
    services.warn(
        f"notify.failed:{message.channel}",
        f"Not sent ({channel}): {reason} Look under Messages.",
        client=message.client,
    )


def _settle(message: Message, status: Status, error: str = "", **also: object) -> bool:
    """Write how it went, unless the carrier's report came first."""
    rows = Message.objects.filter(pk=message.pk, status=Status.SENDING)
    return bool(rows.update(status=status, error=error[:300], **also))
