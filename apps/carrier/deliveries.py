"""The rows of what the carrier asked and what we answered: written once, found again when it asks twice."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from apps.carrier.incoming import CarrierEvent
from apps.carrier.models import CarrierRequest, WebhookDelivery
from apps.core import clock

logger = logging.getLogger(__name__)

Verdict = WebhookDelivery.Verdict
# More than this in a minute is somebody knocking to fill our disk: the rest is only counted in the log.
REFUSED_ROWS_A_MINUTE = 120
KEEP_DAYS = 90
_LONGEST_MENU_KEYS = 4
_PIECE = 2000


class Repeated(Exception):
    """The same delivery was served before."""


def write(event: CarrierEvent, key: str | None, path: str, *, reply: str = "") -> WebhookDelivery:
    """Insert the accepted delivery. Raises Repeated when `key` is taken; waits while the first one is still served.

    A taken key spoils the transaction: let it be undone.
    """
    row = _row(event, key, path, Verdict.ACCEPTED, reply=reply)
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        raise Repeated from error
    return row


def complete(row: WebhookDelivery, reply: str, call_ref: uuid.UUID | None) -> None:
    """Add what the view found out."""
    if reply or call_ref:
        WebhookDelivery.objects.filter(pk=row.pk).update(reply=reply, call_ref=call_ref)


@transaction.atomic
def keep(
    event: CarrierEvent, key: str | None, path: str, verdict: WebhookDelivery.Verdict, *, reason: str, reply: str = ""
) -> str:
    """Keep a delivery whose effect was rolled back, and return the reply to give.

    With a `key` the reply is final: a repetition gets it too, and when another thread was faster, we give its reply.
    """
    row = _row(event, key, path, verdict, reason=reason[:300], reply=reply)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return repeat(key)
    return reply


def repeat(key: str | None) -> str:
    """Count a repetition and return the reply that was given the first time."""
    WebhookDelivery.objects.filter(key=key).update(repeats=F("repeats") + 1)
    return WebhookDelivery.objects.values_list("reply", flat=True).get(key=key)


def committed(key: str) -> str | None:
    """The reply of a delivery that was carried out, or None."""
    try:
        return WebhookDelivery.objects.filter(key=key).values_list("reply", flat=True).first()
    except DatabaseError:
        return None


class _Knocking:
    """How many refused requests this process kept in the present minute."""

    minute = 0
    kept = 0

    def may_keep(self) -> bool:
        minute = int(clock.now().timestamp() // 60)
        if minute != self.minute:
            self.minute, self.kept = minute, 0
        self.kept += 1
        return self.kept <= REFUSED_ROWS_A_MINUTE


_knocking = _Knocking()


def keep_refused(kind: str, path: str, verdict: WebhookDelivery.Verdict, reason: str) -> None:
    """Keep that a request was turned away; not what it held, for anybody can send anything."""
    logger.warning("A %s request was turned away: %s", kind, reason)
    if _knocking.may_keep():
        WebhookDelivery.objects.create(kind=kind, verdict=verdict, reason=reason[:300], path=path[:400])


def forget(before: datetime | None = None) -> int:
    """Delete requests in both directions from before `before` (KEEP_DAYS ago); they hold people's numbers. How many."""
    before, gone = before or clock.now() - timedelta(days=KEEP_DAYS), 0
    for rows, moment in ((WebhookDelivery.objects, "received_at"), (CarrierRequest.objects, "at")):
        old = rows.filter(**{f"{moment}__lt": before}).order_by()
        # In pieces: one long statement would meet the time limit, and hold up whoever writes.
        while done := rows.filter(pk__in=list(old.values_list("pk", flat=True)[:_PIECE])).delete()[0]:
            gone += done
    return gone


def _row(
    event: CarrierEvent,
    key: str | None,
    path: str,
    verdict: WebhookDelivery.Verdict,
    *,
    reason: str = "",
    reply: str = "",
) -> WebhookDelivery:
    params = event.params
    # A menu's keys help to understand a call; a longer row of digits may be a card.
    if len(event.digits) > _LONGEST_MENU_KEYS:
        params = {**params, "Digits": "*" * len(event.digits)}
    return WebhookDelivery(
        key=key, kind=event.kind, verdict=verdict, reason=reason, path=path[:400], params=params, reply=reply,
        call_sid=event.call_sid, call_ref=event.call_ref,
    )  # fmt: skip
