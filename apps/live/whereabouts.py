"""Where calls are at this moment, read from their open rows: a menu, a line, a ringing operator, a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.calls import state
from apps.calls.models import Call, Leg
from apps.ivr.models import Visit
from apps.queues.models import Offer, QueueEntry


@dataclass
class Whereabouts:
    """`status`: menu, waiting, ringing, dialling, connecting, talking, held. `since`: when that began.

    `queue` and those `ringing` by their keys.
    """

    status: str
    since: datetime
    queue: int | None = None
    waiting_since: datetime | None = None
    held_since: datetime | None = None
    ringing: list[int] = field(default_factory=list)


def of(calls: Iterable[Call]) -> dict[int, Whereabouts]:
    """The whereabouts of open calls by key, in four queries."""
    calls = list(calls)
    keys = [call.pk for call in calls]
    legs = {leg.call_id: leg for leg in Leg.objects.open().filter(call__in=keys, role=Leg.Role.CUSTOMER)}
    visits = {visit.call_id: visit for visit in Visit.objects.open().filter(call__in=keys)}
    entries = {entry.call_id: entry for entry in QueueEntry.objects.open().filter(call__in=keys)}
    offers: dict[int, list[Offer]] = {}
    for offer in Offer.objects.ringing().filter(entry__call__in=keys).select_related("entry").order_by("offered_at"):
        offers.setdefault(offer.entry.call_id, []).append(offer)
    return {
        call.pk: place(
            call, legs.get(call.pk), visits.get(call.pk), entries.get(call.pk), offers.get(call.pk, [])
        )
        for call in calls
    }  # fmt: skip


def place(call: Any, leg: Any, visit: Any, entry: Any, offers: Sequence[Any]) -> Whereabouts:
    """Where `call` is by its open rows (None: there is none): models, or facts of the same names. `offers`: by age."""
    where = _place(call, leg, visit, entry, offers)
    if entry is not None:
        where.queue, where.waiting_since = entry.queue_id, entry.joined_at
    where.ringing = [offer.operator_id for offer in offers]
    return where


def _place(call: Any, leg: Any, visit: Any, entry: Any, offers: Sequence[Any]) -> Whereabouts:
    if entry is not None and entry.status != QueueEntry.Status.TALKING:
        if offers and offers[0].leg_id is not None:
            return Whereabouts("ringing", offers[0].offered_at)
        if entry.kind == QueueEntry.Kind.CALLBACK and leg is not None and leg.status != state.IN_PROGRESS:
            return Whereabouts("dialling", leg.created_at)
        return Whereabouts("waiting", entry.joined_at)
    if visit is not None:
        return Whereabouts("menu", visit.started_at)
    if leg is not None and leg.on_hold_since is not None:
        return Whereabouts("held", leg.on_hold_since, held_since=leg.on_hold_since)
    if entry is not None and entry.kind == QueueEntry.Kind.LIVE:
        return Whereabouts("talking", call.answered_at or call.started_at)
    if call.answered_at is not None:
        return Whereabouts("talking", call.answered_at)
    if leg is not None and leg.outgoing and leg.status != state.IN_PROGRESS:
        return Whereabouts("dialling", leg.created_at)
    return Whereabouts("connecting", call.started_at)
