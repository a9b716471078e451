"""Who waits meets who is free. Woken by events and by the sweep; running it once more is harmless."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import callbacks, places, strategies
from apps.queues.models import Callback, Membership, Offer, Queue, QueueEntry
from apps.queues.strategies import Candidate, Choice

logger = logging.getLogger(__name__)

BATCH = 25  # offers in one transaction: it stays short, the task comes back for the rest
PASSED = (Offer.Status.DECLINED, Offer.Status.MISSED, Offer.Status.WITHDRAWN)


@transaction.atomic
def dispatch(queue_ids: Iterable[int]) -> list[Offer]:
    """Offer the callers of these queues, longest waiting first, to ready members; the offers made, at most BATCH.

    One short transaction. Two dispatchers of one queue take turns (the queue's row), so that the first in line is
    served first; operators and entries that somebody else holds just now are left out. Their holder's commit wakes us
    again, or the sweep does. The carrier is asked to ring after commit.
    """
    ids, at = sorted(set(queue_ids)), clock.now()
    if not QueueEntry.objects.servable(at).filter(queue__in=ids).exists():
        return []
    calling_back = callbacks.hold_limits(ids, at)
    queues = {row.pk: row for row in Queue.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    return _Round(queues, at, calling_back).run()


class _Round:
    """One pass over the lines of some queues. `ready` shrinks as operators are taken or turn out to be held."""

    def __init__(self, queues: dict[int, Queue], at: datetime, calling_back: bool) -> None:
        self.queues, self.at, self.calling_back = queues, at, calling_back
        self.members: dict[int, dict[int, Membership]] = defaultdict(dict)
        rows = Membership.objects.filter(queue__in=queues, active=True, operator__in=Operator.objects.ready())
        for membership in rows.select_related("operator"):
            self.members[membership.queue_id][membership.operator_id] = membership
        self.ready = {operator_id for members in self.members.values() for operator_id in members}

    def run(self) -> list[Offer]:
        offers: list[Offer] = []
        if not self.ready:
            return offers
        line = QueueEntry.objects.servable(self.at).filter(queue__in=self.members)
        if not self.calling_back:
            line = line.exclude(callback__status=Callback.Status.WAITING)
        # A few more than there are operators: the first ones may all have been passed over.
        entries = list(line.order_by("-front", "place_at", "pk")[: len(self.ready) + BATCH])
        passes = _passes(entries)
        for entry in entries:
            if not self.ready or len(offers) == BATCH:
                break
            if offer := self._serve(entry, passes.get(entry.pk, {})):
                offers.append(offer)
        return offers

    def _serve(self, waiting: QueueEntry, passed: dict[int, datetime]) -> Offer | None:
        """Offer one caller to the best member who can be had."""
        queue = self.queues[waiting.queue_id]
        while choice := strategies.choose(queue.strategy, self._candidates(queue, passed), self.at):
            operator = _take_operator(choice.operator_id)
            if operator is None:
                self.ready.discard(choice.operator_id)
                continue
            entry = _take_entry(waiting.pk, self.at)
            if entry is None:
                return None
            self.ready.discard(operator.pk)
            try:
                with transaction.atomic():
                    return _offer(entry, operator, choice, self.at)
            except callbacks.CannotTry as refusal:
                callbacks.put_off(entry, refusal)
                return None
            except (Refused, IntegrityError):
                # An engagement or offer that the sweep has yet to clear up holds this operator.
                logger.warning("Operator %s could not be engaged; the next one is asked.", operator.pk)
        return None

    def _candidates(self, queue: Queue, passed: dict[int, datetime]) -> list[Candidate]:
        return [
            Candidate(operator_id, membership.operator.idle_since, membership.last_offered_at, passed.get(operator_id))
            for operator_id, membership in self.members[queue.pk].items()
            if operator_id in self.ready
        ]


def _passes(entries: list[QueueEntry]) -> dict[int, dict[int, datetime]]:
    """Who passed which of these callers, and when last: {entry: {operator: when}}."""
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    rows = Offer.objects.filter(entry__in=entries, status__in=PASSED).order_by()
    for entry_id, operator_id, when in rows.values_list("entry", "operator").annotate(when=Max("decided_at")):
        found[entry_id][operator_id] = when
    return found


def _take_operator(operator_id: int) -> Operator | None:
    """The operator, locked, if ready still and held by nobody else."""
    rows = Operator.objects.ready().select_for_update(skip_locked=True, no_key=True, of=("self",))
    return rows.select_related("user", "team__client").filter(pk=operator_id).first()


def _take_entry(entry_id: int, at: datetime) -> QueueEntry | None:
    """The entry and its call, locked, if it waits still and nobody else is at work on them."""
    rows = QueueEntry.objects.servable(at).select_for_update(skip_locked=True, no_key=True, of=("self", "call"))
    return rows.select_related("queue", "call__client").filter(pk=entry_id).first()


def _offer(entry: QueueEntry, operator: Operator, choice: Choice, at: datetime) -> Offer:
    engagement = operators.engage(operator, Engagement.Purpose.OFFER, call_ref=entry.call.public_id)
    begin = callbacks.begin_try if entry.kind == QueueEntry.Kind.CALLBACK else callbacks.ring
    leg = begin(entry, operator, engagement)
    offer = Offer.objects.create(
        entry=entry, operator=operator, engagement=engagement, leg=leg, offered_at=at, reason=choice.words[:200]
    )
    Membership.objects.filter(queue=entry.queue, operator=operator).update(last_offered_at=at)
    places.move(entry, QueueEntry.Status.OFFERED, only_from=(QueueEntry.Status.WAITING,))
    places.record(entry, "queues.offered", operator=str(operator), why=choice.words)
    return offer
