from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F

from apps.clients.models import Client
from apps.core import clock, events
from apps.core.models import User
from apps.notify.models import Notice


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


def _repeat(key: str, text: str) -> Notice | None:
    raised = Notice.objects.open().filter(key=key).update(times=F("times") + 1, text=text, last_at=clock.now())
    return Notice.objects.open().get(key=key) if raised else None


def _note(kind: str, notice: Notice, by: User | None) -> None:
    events.record(
        kind, subject=f"notice:{notice.pk}", client_ref=notice.client.public_id if notice.client else None, actor=by,
        text=notice.text, times=notice.times,
    )  # fmt: skip
