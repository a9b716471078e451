from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F

from apps.clients.models import Client
from apps.core import clock, events
from apps.core.models import User
from apps.core.nudges import nudge
from apps.core.refused import Refused
from apps.notify.models import Message, Notice

Status = Message.Status
_ARRIVED = {"sent", "delivered", "read"}
_LOST_ON_THE_WAY = {"undelivered", "failed", "canceled"}


@transaction.atomic
def warn(key: str, text: str, *, client: Client | None = None) -> Notice:
    """Tell the managers that something needs to be put right; `text` says what to do.

    One open notice per `key`: a repetition raises `times` and renews the text. Resolved notices stay as they are.
    """
    text = text[:500]
    notice = _repeat(key, text)
    if notice is None:
        try:
            with transaction.atomic():
                at = clock.now()
                notice = Notice.objects.create(key=key, text=text, client=client, first_at=at, last_at=at)
        except IntegrityError:
            # Another call met the same trouble in this moment and wrote the row.
            notice = _repeat(key, text)
            if notice is None:
                raise
    _note("notify.warned", notice, None)
    return notice


@transaction.atomic
def resolve(notice: Notice, *, by: User | None = None) -> Notice:
    """The trouble is over; the next one with the same key is a new notice. Does nothing when already resolved."""
    at = clock.now()
    if Notice.objects.open().filter(pk=notice.pk).update(resolved_at=at):
        notice.resolved_at = at
        _note("notify.resolved", notice, by)
    return notice


@transaction.atomic
def send(
    channel: str, *, to: str, body: str, key: str, subject: str = "", client: Client | None = None
) -> Message | None:
    """Have a message leave after commit, once per `key`; None when one with this key was asked for before.

    A text message is sent from the client's caller id, so it needs a client; Refused without one.
    """
    if channel == Message.Channel.SMS and client is None:
        raise Refused("A text message is sent from a client's number: choose the client.")
    message, made = Message.objects.get_or_create(
        key=key,
        defaults={"channel": channel, "to": to, "subject": subject, "body": body, "client": client},
    )
    if not made:
        return None
    nudge("apps.notify.tasks.deliver", message.pk)
    return message


@transaction.atomic
def send_again(message: Message, *, by: User | None = None) -> Message:
    """A person decides that a message which failed, or of which nobody knows, is to be sent once more."""
    again = Message.objects.filter(pk=message.pk, status__in=[Status.FAILED, Status.UNCERTAIN]).update(
        status=Status.WAITING, attempts=0, due_at=clock.now(), error=""
    )
    if not again:
        raise Refused(f"This message is {message.get_status_display()}; only one that failed can be sent again.")
    message.refresh_from_db()
    events.record("notify.sent_again", subject=f"message:{message.pk}", actor=by, channel=message.get_channel_display())
    nudge("apps.notify.tasks.deliver", message.pk)
    return message


@transaction.atomic
def delivered(message_id: int, status: str) -> bool:
    """The carrier's report on a text message, in its own word. False when it changed nothing (late, or not final)."""
    rows = Message.objects.filter(pk=message_id)
    if status in _ARRIVED:
        return bool(rows.filter(status__in=[Status.SENDING, Status.UNCERTAIN]).update(status=Status.SENT, error=""))
    if status in _LOST_ON_THE_WAY:
        open_or_sent = [Status.SENDING, Status.UNCERTAIN, Status.SENT]
        error = f"The carrier reports: {status}."
        return bool(rows.filter(status__in=open_or_sent).update(status=Status.FAILED, error=error))
    return False


def _repeat(key: str, text: str) -> Notice | None:
    raised = Notice.objects.open().filter(key=key).update(times=F("times") + 1, text=text, last_at=clock.now())
    return Notice.objects.open().get(key=key) if raised else None


def _note(kind: str, notice: Notice, by: User | None) -> None:
    events.record(
        kind, subject=f"notice:{notice.pk}", client_ref=notice.client.public_id if notice.client else None, actor=by,
        text=notice.text, times=notice.times,
    )  # fmt: skip
