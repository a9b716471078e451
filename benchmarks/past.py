"""A made-up past: days of calls, offers, wrap-ups, holds and presence, written straight into the tables."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.calls.models import Call
from apps.core.models import Event
from apps.core.prepared import insert
from apps.operators.models import Engagement, Operator, PresenceSpan
from apps.queues.models import Offer, Queue, QueueEntry

_BATCH = 5000
_BUSY_HOURS = (9, 17)


def live_through(
    queues: Sequence[Queue], staff: Sequence[Operator], *, calls: int, days: int, until: datetime, seed: int
) -> None:
    """So many callers in the `days` before `until`, most of them in working hours; nobody works on two at once."""
    chance = random.Random(seed)
    since = until - timedelta(days=days)
    _presence(staff, since, days, chance)
    free = {operator.pk: since for operator in staff}
    moments = sorted(_moment(since, days, chance) for _ in range(calls))
    for first in range(0, calls, _BATCH):
        _some(queues, staff, moments[first : first + _BATCH], free, chance, until)


def _moment(since: datetime, days: int, chance: random.Random) -> datetime:
    hour = min(23.99, max(0.0, chance.gauss(13, 2.5)))
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=chance.randrange(days))
    return midnight + timedelta(hours=hour)


def _presence(staff: Sequence[Operator], since: datetime, days: int, chance: random.Random) -> None:
    """A working day each: available, with breaks in between."""
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    PresenceSpan.objects.filter(operator__in=staff).delete()
    rows = []
    for operator in staff:
        for day in range(days):
            moment = midnight + timedelta(days=day, hours=_BUSY_HOURS[0], minutes=chance.gauss(0, 6))
            end = midnight + timedelta(days=day, hours=_BUSY_HOURS[1], minutes=chance.gauss(0, 10))
            presence = "available"
            while moment < end:
                lasting = chance.uniform(30, 150) if presence == "available" else chance.uniform(5, 40)
                after = min(end, moment + timedelta(minutes=lasting))
                rows.append(PresenceSpan(operator=operator, presence=presence, since=moment, until=after))
                moment, presence = after, "on_break" if presence == "available" else "available"
    insert(rows)


def _some(
    queues: Sequence[Queue], staff: Sequence[Operator], moments: Sequence[datetime],
    free: dict[int, datetime], chance: random.Random, until: datetime,
) -> None:  # fmt: skip
    made: list[tuple[Call, QueueEntry, Offer | None, list[Engagement], list[Event]]] = [
        _caller(chance.choice(queues), joined, staff, free, chance) for joined in moments if joined < until
    ]
    offers = [offer for _call, _entry, offer, *_rest in made if offer is not None]
    insert([call for call, *_rest in made])
    for call, entry, *_rest in made:
        entry.call = call  # which has its key now
    insert([entry for _call, entry, *_rest in made])
    insert([row for _call, _entry, _offer, rows, _events in made for row in rows])
    for offer in offers:
        offer.entry, offer.engagement = offer.entry, offer.engagement
    insert(offers)
    insert([event for *_rest, events in made for event in events])


def _caller(
    queue: Queue, joined: datetime, staff: Sequence[Operator], free: dict[int, datetime], chance: random.Random
):
    call = Call(
        client=queue.client, direction="inbound", status="over", customer_number="+12125550100",
        our_number="+14155550100", started_at=joined, ended_at=joined, outcome="abandoned",
    )  # fmt: skip
    entry = QueueEntry(queue=queue, call=call, joined_at=joined, place_at=joined, status="abandoned")
    operator = min(chance.sample(list(staff), min(8, len(staff))), key=lambda each: free[each.pk])
    patience = joined + timedelta(seconds=chance.expovariate(1 / 120))
    rung = max(joined, free[operator.pk])
    if rung > patience:
        entry.ended_at = call.ended_at = patience
        return call, entry, None, [], []
    taken = rung + timedelta(seconds=chance.uniform(2, 12))
    ended = taken + timedelta(seconds=math.exp(chance.gauss(5, 0.6)))
    after = ended + timedelta(seconds=chance.uniform(5, 45))
    free[operator.pk] = after
    call.outcome, call.operator, call.answered_at, call.ended_at = "answered", operator, taken, ended
    entry.status, entry.operator, entry.answered_at, entry.ended_at = "answered", operator, taken, ended
    held = Engagement(operator=operator, purpose="offer", since=rung, ended_at=ended, call_ref=call.public_id)
    filed = Engagement(operator=operator, purpose="wrap_up", since=ended, ended_at=after, call_ref=call.public_id)
    offer = Offer(
        entry=entry, operator=operator, engagement=held, status="accepted", offered_at=rung, decided_at=taken,
        ended_at=ended,
    )  # fmt: skip
    return call, entry, offer, [held, filed], _events(call, taken, ended, chance)


def _events(call: Call, taken: datetime, ended: datetime, chance: random.Random) -> list[Event]:
    """One call in ten is put on hold; every one leaves some of the lines that a real one does."""
    facts: dict[str, Any] = {"call_ref": call.public_id, "client_ref": call.client.public_id}
    marks = [(taken, "calls.connected"), (ended, "queues.finished"), (ended, "calls.closed")]
    if chance.random() < 0.1:
        third = (ended - taken) / 3
        marks += [(taken + third, "calls.held"), (ended - third, "calls.resumed")]
    return [Event(kind=kind, at=at, **facts) for at, kind in marks]
