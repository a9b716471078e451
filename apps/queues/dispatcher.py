"""Who waits meets who is free. Woken by events and by the sweep; running it once more is harmless."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.calls import limits
from apps.calls import services as calls
from apps.calls.models import Leg
from apps.carrier import policy
from apps.clients.models import Client
from apps.core import clock, events
from apps.core.prepared import OneOf, Prepared, PreparedUpdate, insert
from apps.core.refused import Refused
from apps.notify import services as notify
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import callbacks, places, reading, strategies, window
from apps.queues.models import Callback, Membership, Offer, Queue, QueueEntry
from apps.queues.strategies import Decision, Wanted

logger = logging.getLogger(__name__)

BATCH = 50  # callers in one transaction: it stays short, the task comes back for the rest
ROUNDS = 4  # how often it is decided anew because somebody else holds an operator or a caller just now


@transaction.atomic
def dispatch(queue_ids: Iterable[int]) -> list[Offer]:
    """Offer the callers of these queues to ready members, in the right order: the offers made, for BATCH callers.

    Operators are shared between queues, so all queues of the same clients in which somebody waits are served together.
    One short transaction. Two dispatchers of one client take turns (the queues' rows), so that the first in line is
    served first; operators and entries that somebody else holds just now are left out. Their holder's commit wakes us
    again, or the sweep does. The carrier is asked to ring after commit.
    """
    asked, at = set(queue_ids), clock.now()
    lines = [(key, client, due) for key, client, waits, due in _lines(asked=list(asked), at=at) if waits]
    if asked.isdisjoint(key for key, *_rest in lines):
        return []
    calling_back = any(due for *_rest, due in lines)
    if calling_back:
        limits.hold()  # limits come before queues
    queues = {row.pk: row for row in _held_queues(keys=[key for key, *_rest in lines])}
    with events.gathered():
        return _Round(queues, at, calling_back=calling_back).run()


def _in_line(at: datetime) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.servable(at).filter(queue=OuterRef("pk")).order_by()


# The queues of the same clients: whether somebody waits, and whether that is a callback which is due.
_lines = Prepared(
    lambda asked, at: (
        Queue.objects.filter(client__in=Queue.objects.filter(pk=OneOf(asked)).order_by().values("client"))
        .order_by()
        .values_list(
            "pk", "client", Exists(_in_line(at)), Exists(_in_line(at).filter(callback__status=Callback.Status.WAITING))
        )
    )
)
_held_queues = Prepared(
    lambda keys: (
        Queue.objects.select_for_update(no_key=True, of=("self",)).select_related("client").filter(pk=OneOf(keys))
    ).order_by("pk")
)


class _Round:
    """One pass over the lines of some queues. `calling_back`: callbacks may be begun, the limits are held."""

    def __init__(self, queues: dict[int, Queue], at: datetime, *, calling_back: bool) -> None:
        self.queues, self.at, self.calling_back = queues, at, calling_back
        self.clients = {queue.client_id: queue.client for queue in queues.values()}
        self.operators: dict[int, Operator] = {}  # locked, free and ours
        self.entries: dict[int, QueueEntry] = {}  # locked, waiting and ours
        self.missed: set[int] = set()  # operators whom somebody else holds
        self.gone: set[int] = set()  # entries that somebody else is at work on

    def run(self) -> list[Offer]:
        wanted, decisions = reading.wanted_of(self.queues.values()), list[Decision]()
        for read in window.reads(self.queues, wanted, self.at, calling_back=self.calling_back, most=BATCH):
            decisions = read.told(self._decide(wanted, read))
            if not read.lacks(decisions, BATCH):
                break
        return self._offer(decisions)

    def _decide(self, wanted: Mapping[int, Wanted], read: window.Read) -> list[Decision]:
        """Decisions about people who are ours; none when somebody else takes them each time."""
        callers, candidates = read.callers, read.candidates
        for _round in range(ROUNDS):
            decisions = strategies.assign(wanted, callers, candidates, self.at.timestamp(), limit=BATCH)
            if self._hold(decisions):
                return decisions
            # Decided anew without them: whoever stands first is served first with who is left.
            callers = [one for one in callers if one.entry_id not in self.gone]
            candidates = {
                queue_id: [one for one in people if one.operator_id not in self.missed]
                for queue_id, people in candidates.items()
            }
        return []

    def _hold(self, decisions: Sequence[Decision]) -> bool:
        """Lock the operators, then the callers; whether all of them are ours."""
        people = {key for decision in decisions for key in decision.chosen} - self.operators.keys()
        self.operators |= _take_operators(people, self.clients)
        self.missed |= people - self.operators.keys()
        if self.missed & people:
            return False
        waiting = {decision.entry_id for decision in decisions} - self.entries.keys()
        self.entries |= _take_entries(waiting, self.at, self.queues)
        self.gone |= waiting - self.entries.keys()
        return not self.gone & waiting

    def _offer(self, decisions: Sequence[Decision]) -> list[Offer]:
        """Write all offers with what belongs to them, table by table."""
        made = [*self._lines_of_callers(decisions), *self._lines_of_callbacks(decisions)]
        if not made:
            return []
        # Not when the round began: some of them were held by another offer then.
        now = clock.now()
        words = {decision.entry_id: decision.words for decision in decisions}
        offers = insert(
            [
                Offer(
                    entry=entry, operator=engagement.operator, engagement=engagement, leg=leg, offered_at=now,
                    reason=words[entry.pk][:200], considered=decision.as_json(),
                )
                for decision, entry, engagement, leg in made
            ]
        )  # fmt: skip
        served: dict[int, set[int]] = {}
        for decision, *_rest in made:
            served.setdefault(decision.waiting.queue_id, set()).update(decision.chosen)
        for queue_id, people in served.items():
            _take_turn(queues=[queue_id], people=list(people), at=now)
        places.offered(list({entry.pk: entry for _decision, entry, *_rest in made}.values()))
        for _decision, entry, engagement, _leg in made:
            places.record(entry, "queues.offered", operator=str(engagement.operator), why=words[entry.pk])
        return list(offers)

    def _pairs(self, decisions: Sequence[Decision], kind: str) -> list[tuple[Decision, QueueEntry, Operator]]:
        return [
            (decision, entry, self.operators[key])
            for decision in decisions
            if (entry := self.entries[decision.entry_id]).kind == kind
            for key in decision.chosen
        ]

    def _lines_of_callers(self, decisions: Sequence[Decision]) -> list[_Made]:
        """Engagements and lines for callers on the line."""
        pairs = self._pairs(decisions, QueueEntry.Kind.LIVE)
        engagements = operators.engage_all(
            [(operator, entry.call.public_id) for _decision, entry, operator in pairs], Engagement.Purpose.OFFER
        )
        legs = calls.add_legs(
            [
                calls.new_leg(
                    entry.call, role=Leg.Role.OPERATOR, address=operator.ring_address, operator=operator,
                    engagement=engagement, ring_seconds=entry.queue.ring_seconds,
                )
                for (_decision, entry, operator), engagement in zip(pairs, engagements, strict=True)
            ]
        )  # fmt: skip
        return [
            (decision, entry, engagement, leg)
            for (decision, entry, _operator), engagement, leg in zip(pairs, engagements, legs, strict=True)
        ]

    def _lines_of_callbacks(self, decisions: Sequence[Decision]) -> list[_Made]:
        """The same for callbacks, one by one: a try may turn out not to be possible now, and is put off."""
        made: list[_Made] = []
        for decision, entry, operator in self._pairs(decisions, QueueEntry.Kind.CALLBACK):
            try:
                with transaction.atomic():
                    (engagement,) = operators.engage_all([(operator, entry.call.public_id)], Engagement.Purpose.OFFER)
                    made.append((decision, entry, engagement, callbacks.begin_try(entry, operator, engagement)))
            except callbacks.CannotTry as refusal:
                callbacks.put_off(entry, refusal)
        return made


_take_turn = PreparedUpdate(
    lambda queues, people, at: (
        Membership.objects.filter(queue=OneOf(queues), operator=OneOf(people)), {"last_offered_at": at}
    )
)  # fmt: skip
_Made = tuple[Decision, QueueEntry, Engagement, Leg | None]


def _take_operators(keys: set[int], clients: Mapping[int, Client]) -> dict[int, Operator]:
    """Those of them who are free still and held by nobody else, locked."""
    if not keys:
        return {}
    rows = _held_operators(keys=list(keys))
    for row in rows:
        row.team.client = clients[row.team.client_id]
    held = {row.pk: row for row in rows if _may_be_rung(row)}
    # Whoever engaged them a moment ago has committed by now, and nobody can while their row is ours. A forgotten
    # offer holds them as well, until the sweep clears it up.
    for key in held.keys() - set(_still_free(keys=list(held))):
        logger.warning("Operator %s could not be engaged; others are asked.", key)
        del held[key]
    return held


def _may_be_rung(operator: Operator) -> bool:
    """False for a fallback phone that must not be dialled any more; its manager is told."""
    try:
        policy.check_address(operator.ring_address, country=operator.team.client.country)
    except Refused as refusal:
        notify.warn(
            f"fallback-phone:{operator.public_id}", f"The fallback phone of {operator} is not rung. {refusal.sentence}",
            client=operator.team.client,
        )  # fmt: skip
        return False
    return True


_held_operators = Prepared(
    lambda keys: (
        Operator.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("user", "team")
        .filter(pk=OneOf(keys))
        .order_by("pk")
    )
)
_still_free = Prepared(
    lambda keys: (
        reading.free().filter(pk=OneOf(keys)).without(Offer.objects.ringing()).order_by().values_list("pk", flat=True)
    )
)


def _take_entries(keys: set[int], at: datetime, queues: Mapping[int, Queue]) -> dict[int, QueueEntry]:
    """Those of them who wait still and whom nobody else is at work on, with their calls, locked."""
    if not keys:
        return {}
    held = {row.pk: row for row in _held_entries(keys=list(keys), at=at)}
    for row in held.values():
        row.queue = queues[row.queue_id]
        row.call.client = row.queue.client
    return held


_held_entries = Prepared(
    lambda keys, at: (
        QueueEntry.objects.servable(at)
        .select_for_update(skip_locked=True, no_key=True, of=("self", "call"))
        .select_related("call")
        .filter(pk=OneOf(keys))
        .order_by("call", "pk")
    )
)
