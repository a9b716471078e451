"""Puts right what an event should have: a lost report, a worker that died between two commits.

Idempotent; run by beat.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from apps.calls import state
from apps.calls.models import Call
from apps.core import clock
from apps.core.prepared import Prepared
from apps.operators import services as operators
from apps.operators.models import Engagement
from apps.queues import offers, places, reading, services, supervision
from apps.queues.models import Callback, Membership, Offer, QueueEntry

logger = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)  # what is under way is left alone for so long
ROUND = 200  # rows of one kind in one round; the next round takes the rest


def heal() -> None:
    """One round over everything that stands where it should not. One row's trouble does not stop the others."""
    long_ago = clock.now() - PATIENCE
    for repair, rows in (
        (_leave, _entries_of_calls_over()),
        (services.settle, _offers_whose_line_ended()),
        (_take_back, _offers_without_a_waiting_caller()),
        (_ring_out, _offers_that_ring_too_long(before=long_ago)),
        (_back_in_line, _entries_that_nobody_is_asked_about()),
        (_free, _engagements_without_an_offer(before=long_ago)),
        (supervision.let_go, _kept_for_nobody()),
    ):
        _each(repair, rows)


def queues_to_dispatch() -> list[int]:
    """The queues in which somebody waits while a member is free."""
    return [queue_id for (queue_id,) in _to_dispatch(at=clock.now())]


@Prepared
def _to_dispatch(at: datetime) -> QuerySet[Any, Any]:
    ready = Membership.objects.filter(queue=OuterRef("queue"), active=True, operator__in=reading.free())
    return QueueEntry.objects.servable(at).filter(Exists(ready)).order_by().values_list("queue").distinct()


def _each(repair: Callable[[Any], object], rows: Iterable[Any]) -> None:
    for row in rows:
        try:
            repair(row)
        except DatabaseError:
            logger.exception("%s %s could not be put right; the next round tries again.", type(row).__name__, row.pk)


@Prepared
def _entries_of_calls_over() -> QuerySet[QueueEntry]:
    return (
        QueueEntry.objects.open()
        .filter(call__status=Call.Status.OVER)
        .exclude(callback__status__in=Callback.OPEN)  # that place outlives its calls: see `callback_care`
        .select_related("call__client", "queue")[:ROUND]
    )


def _leave(entry: QueueEntry) -> None:
    _note(entry, "the call was over")
    services.leave(entry.call)


def _ringing() -> QuerySet[Offer]:
    return Offer.objects.ringing().select_related(*offers.WITH)


@Prepared
def _offers_whose_line_ended() -> QuerySet[Offer]:
    return _ringing().filter(leg__status__in=state.FINAL)[:ROUND]


@Prepared
def _offers_without_a_waiting_caller() -> QuerySet[Offer]:
    return _ringing().exclude(entry__status=QueueEntry.Status.OFFERED)[:ROUND]


def _take_back(offer: Offer) -> None:
    offers.withdraw(offer, "The caller did not wait any more.")


@Prepared
def _offers_that_ring_too_long(before: datetime) -> QuerySet[Offer]:
    ringing = ExpressionWrapper(
        F("entry__queue__ring_seconds") * Value(timedelta(seconds=1), DurationField()), output_field=DurationField()
    )
    rings = _ringing().filter(leg__isnull=False) | _ringing().exclude(entry__kind=QueueEntry.Kind.CALLBACK)
    return rings.filter(offered_at__lt=Value(before) - ringing)[:ROUND]


def _ring_out(offer: Offer) -> None:
    offers.miss(offer, why="no answer, and the carrier did not say so")


@Prepared
def _entries_that_nobody_is_asked_about() -> QuerySet[QueueEntry]:
    asked = Offer.objects.ringing().filter(entry=OuterRef("pk"))
    rows = QueueEntry.objects.filter(status=QueueEntry.Status.OFFERED).exclude(Exists(asked))
    return rows.select_related("call__client", "queue")[:ROUND]


@transaction.atomic
def _back_in_line(entry: QueueEntry) -> None:
    row = places.lock(entry.pk)
    if places.back_in_line(row):
        _note(row, "no phone rang for it")


@Prepared
def _engagements_without_an_offer(before: datetime) -> QuerySet[Engagement]:
    """Operators held for an offer that is over: nothing else would ever free them."""
    held = Engagement.objects.open().filter(purpose=Engagement.Purpose.OFFER, since__lt=before)
    held = held.filter(Q(offer__isnull=True) | Q(offer__ended_at__isnull=False))
    return held.select_related("operator__team__client", "operator__user")[:ROUND]


_kept_for_nobody = Prepared(lambda: supervision.kept_for_nobody()[:ROUND])


def _free(engagement: Engagement) -> None:
    operators.release(engagement)


def _note(entry: QueueEntry, why: str) -> None:
    places.record(entry, "queues.healed", why=why)
