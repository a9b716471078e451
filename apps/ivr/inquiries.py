"""Asking a web service for a caller who waits: written down in the webhook, asked after it, told when they return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from apps.core import clock
from apps.core.nudges import nudge
from apps.ivr import fetching
from apps.ivr.lookups import as_id
from apps.ivr.models import Inquiry, Visit, WebService
from apps.ivr.understanding import picked
from apps.ivr.values import Failed, Found, Looking
from apps.notify import services as notify

Status = Inquiry.Status
QUEUEING_SECONDS = 3
"""What the request may wait for a worker, beside the time that the service has."""


def ask(visit: Visit, looking: Looking) -> Inquiry:
    """Have the service asked after commit; the inquiry that the caller waits for already stays."""
    now, service = clock.now(), as_id(looking.service)
    allowed = WebService.objects.filter(client=visit.call.client, public_id=service).first() if service else None
    inquiry, made = Inquiry.objects.get_or_create(
        visit=visit, told_at=None,
        defaults={
            "service": allowed, "node": visit.node, "path": looking.path[:2000], "asked_at": now,
            "results": [[one.variable, one.path] for one in looking.results],
            "timeout_seconds": looking.timeout_seconds,
            "due_at": now + timedelta(seconds=looking.timeout_seconds + QUEUEING_SECONDS),
        },
    )  # fmt: skip
    if made and allowed is None:
        _settle(inquiry, Status.FAILED, why="it is not there any more")
    elif made:
        nudge("apps.ivr.tasks.carry_out", inquiry.pk)
    return inquiry


@transaction.atomic
def news(visit: Visit) -> Found | Failed | None:
    """What came of the caller's inquiry, once; None while it is being asked."""
    inquiry = visit.inquiries.untold().first()
    if inquiry is None:
        return None
    if inquiry.status in Inquiry.OPEN and inquiry.due_at <= clock.now():
        _settle(inquiry, Status.FAILED, why=fetching.TOO_LATE)
        inquiry.refresh_from_db()
    if inquiry.status in Inquiry.OPEN:
        return None
    Inquiry.objects.filter(pk=inquiry.pk).update(told_at=clock.now())
    return Found(inquiry.values) if inquiry.status == Status.ANSWERED else Failed(inquiry.why)


def carry_out(pk: int) -> None:
    """Ask the service. Whoever comes first does it; an answer that comes too late changes nothing."""
    if not Inquiry.objects.filter(pk=pk, status=Status.WAITING).update(status=Status.ASKING):
        return
    inquiry = Inquiry.objects.select_related("service__client").get(pk=pk)
    service = inquiry.service
    if service is None:
        _settle(inquiry, Status.FAILED, why="it is not there any more")
        return
    headers = {service.header: service.secret} if service.header else {}
    try:
        answer = fetching.fetch(service.address, inquiry.path, headers=headers, timeout_seconds=inquiry.timeout_seconds)
    except fetching.NoAnswer as failure:
        if _settle(inquiry, Status.FAILED, why=str(failure)) and not str(failure).endswith(" 404"):
            notify.warn(
                f"ivr.lookup:{service.pk}", f"“{service.name}” was asked for a caller, but {failure}. Look after it.",
                client=service.client,
            )  # fmt: skip
        return
    _settle(inquiry, Status.ANSWERED, values=kept_of(answer, inquiry.results))


def kept_of(answer: Any, results: list[list[str]]) -> dict[str, str]:
    """The variables that `results`, pairs of a variable and its path, take from `answer`."""
    return {variable: picked(answer, path) for variable, path in results}


def sweep() -> int:
    """Close the inquiries that nobody answered in time. Returns how many."""
    return Inquiry.objects.overdue(clock.now()).update(status=Status.FAILED, why=fetching.TOO_LATE)


def _settle(inquiry: Inquiry, status: Status, *, why: str = "", values: dict[str, str] | None = None) -> bool:
    """The end of an open inquiry; False when it had ended before."""
    return bool(Inquiry.objects.open().filter(pk=inquiry.pk).update(status=status, why=why[:200], values=values or {}))
