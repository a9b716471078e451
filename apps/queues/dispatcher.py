"""Who waits meets who is free. Woken by events and by the sweep; running it once more is harmless."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import places, strategies
from apps.queues.models import Membership, Offer, Queue, QueueEntry
from apps.queues.strategies import Candidate, Decision, Waiting, Wanted

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
    ids = sorted(set(queue_ids))
    if not QueueEntry.objects.waiting().filter(queue__in=ids).exists():
        return []
    queues = {row.pk: row for row in Queue.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    return _Round(queues, clock.now()).run()


class _Round:
    """One pass over the lines of some queues. `ready` shrinks as operators are taken or turn out to be held."""

    def __init__(self, queues: dict[int, Queue], at: datetime) -> None:
        self.queues, self.at = queues, at
        self.members: dict[int, dict[int, Membership]] = defaultdict(dict)
        rows = Membership.objects.filter(queue__in=queues, active=True, operator__in=Operator.objects.ready())
        for membership in rows.select_related("operator"):
            self.members[membership.queue_id][membership.operator_id] = membership
        self.ready = {operator_id for members in self.members.values() for operator_id in members}

    def run(self) -> list[Offer]:
        offers: list[Offer] = []
        if not self.ready:
            return offers
        line = QueueEntry.objects.waiting().filter(queue__in=self.members, call__status=Call.Status.OPEN)
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
        caller = Waiting(waiting.pk, waiting.place_at.timestamp(), passes={k: v.timestamp() for k, v in passed.items()})
        while True:
            choice = strategies.decide(Wanted(queue.strategy), caller, self._candidates(queue), self.at.timestamp())
            if not choice.chosen:
                return None
            operator = _take_operator(choice.chosen[0])
            if operator is None:
                self.ready.discard(choice.chosen[0])
                continue
            entry = _take_entry(waiting.pk)
            if entry is None:
                return None
            self.ready.discard(operator.pk)
            try:
                with transaction.atomic():
                    return _offer(entry, operator, choice, self.at)
            except (Refused, IntegrityError):
                # An engagement or offer that the sweep has yet to clear up holds this operator.
                logger.warning("Operator %s could not be engaged; the next one is asked.", operator.pk)

    def _candidates(self, queue: Queue) -> list[Candidate]:
        return [
            Candidate(
                operator_id,
                membership.operator.idle_since.timestamp(),
                last_offered_at=membership.last_offered_at.timestamp() if membership.last_offered_at else None,
            )
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


def _take_entry(entry_id: int) -> QueueEntry | None:
    """The entry and its call, locked, if it waits still and nobody else is at work on them."""
    rows = QueueEntry.objects.waiting().select_for_update(skip_locked=True, no_key=True, of=("self", "call"))
    rows = rows.select_related("queue", "call__client")
    return rows.filter(pk=entry_id, call__status=Call.Status.OPEN).first()


def _offer(entry: QueueEntry, operator: Operator, choice: Decision, at: datetime) -> Offer:
    engagement = operators.engage(operator, Engagement.Purpose.OFFER, call_ref=entry.call.public_id)
    leg = calls.add_leg(
        entry.call, role=Leg.Role.OPERATOR, address=f"client:{operator.identity}", operator=operator,
        engagement=engagement, ring_seconds=entry.queue.ring_seconds,
    )  # fmt: skip
    offer = Offer.objects.create(
        entry=entry, operator=operator, engagement=engagement, leg=leg, offered_at=at, reason=choice.words[:200]
    )
    Membership.objects.filter(queue=entry.queue, operator=operator).update(last_offered_at=at)
    places.move(entry, QueueEntry.Status.OFFERED, only_from=(QueueEntry.Status.WAITING,))
    places.record(entry, "queues.offered", operator=str(operator), why=choice.words)
    return offer
