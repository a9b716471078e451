"""What a round of the dispatcher reads: the first callers and the first operators, as many as it can bring together.

A round costs the same with a hundred operators and with ten thousand. Where few are ready all of them are read, and
decisions count everybody. Where many are, only the first of each queue in the order of its strategy, who may be asked
as far as skills, tiers and rests go; strategies without such an order (by today's calls, by skill, by chance,
everybody at once) need all. What turns out not to be enough (`Read.lacks`) is read again, whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.core.prepared import OneOf, Prepared
from apps.operators.models import OperatorSkill
from apps.queues import reading
from apps.queues.models import Queue
from apps.queues.strategies import LINEAR, LONGEST_IDLE, ROUND_ROBIN, Candidate, Decision, Waiting, Wanted

FEW = 50  # ready memberships that are all read
SPARE = 12  # candidates more than callers: who else might have been asked is kept with a decision

# The strategies of which the database knows the order: the same as `floor` makes of the values.
_ORDERS: dict[str, tuple[Any, ...]] = {
    LONGEST_IDLE: ("idle_since",),
    ROUND_ROBIN: (F("memberships__last_offered_at").asc(nulls_first=True), "idle_since"),
    LINEAR: ("memberships__position", "idle_since"),
}


@dataclass
class Read:
    """Who waits and who is ready, for one round, the callers in the order in which they are served.

    `cut`: the queues of which not all ready members are here; `more_callers`: others wait behind these.
    """

    callers: list[Waiting]
    candidates: dict[int, list[Candidate]]
    more_callers: bool = False
    cut: frozenset[int] = frozenset()

    def lacks(self, decisions: Sequence[Decision], most: int) -> bool:
        """Whether with all callers and operators it might have come to other decisions than these, at most `most`."""
        served = {one.entry_id for one in decisions}
        seen = self.callers
        if len(decisions) == most:
            last = max(place for place, one in enumerate(self.callers) if one.entry_id in served)
            seen = self.callers[:last]  # nobody behind was looked at
        elif self.more_callers:
            taken = {key for one in decisions for key in one.chosen}
            if any(one.operator_id not in taken for here in self.candidates.values() for one in here):
                return True
        # Whoever is handed to somebody by name was looked at with that operator.
        return any(one.queue_id in self.cut and one.entry_id not in served and one.reserved_for is None for one in seen)

    def told(self, decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, each knowing whether it has counted everybody."""
        return [replace(one, more=True) if one.waiting.queue_id in self.cut else one for one in decisions]


def reads(
    queues: Mapping[int, Queue], wanted: Mapping[int, Wanted], at: datetime, *, calling_back: bool, most: int
) -> Iterator[Read]:
    """What may be enough for `most` assignments, then everything. Nothing more is asked where nobody is ready."""
    few = _some(queues=list(queues), most=FEW + 1)
    if not few:
        return
    whole = len(few) <= FEW
    people = reading.candidates_from(few, queues, wanted, at) if whole else {}
    there = {key: queue for key, queue in queues.items() if not whole or key in people}
    callers = reading.callers_of(there, at, calling_back=calling_back, most=2 * most + 1)
    more, callers = len(callers) > 2 * most, callers[: 2 * most]
    if whole:
        yield Read(callers, people, more_callers=more)
    else:
        yield _narrow(there, wanted, callers, at, most=most, more=more)
    if more or not whole:
        people = people if whole else reading.candidates_of(there, wanted, at)
        yield Read(reading.callers_of(there, at, calling_back=calling_back), people)


def _narrow(
    queues: Mapping[int, Queue], wanted: Mapping[int, Wanted], callers: list[Waiting], at: datetime, *, most: int,
    more: bool,
) -> Read:  # fmt: skip
    """The best of each queue in which one of `callers` waits, and whom these callers wait for by name."""
    named = {key for one in callers for key in (one.reserved_for, one.preferred) if key is not None}
    lines: dict[int, list[Waiting]] = {}
    for one in callers:
        lines.setdefault(one.queue_id, []).append(one)
    rows: list[tuple[Any, ...]] = _these(queues=list(lines), people=list(named)) if named else []
    unordered = [key for key in lines if wanted[key].strategy not in _ORDERS]
    rows += _all(queues=unordered) if unordered else []
    cut = set()
    for key in lines.keys() - unordered:
        first, is_cut = _best(key, wanted[key], lines[key], at, most)
        rows += first
        cut |= {key} if is_cut else set()
    once = {row[:2]: row for row in rows}.values()
    return Read(callers, reading.candidates_from(once, queues, wanted, at), more_callers=more, cut=frozenset(cut))


def _best(key: int, wanted: Wanted, line: list[Waiting], at: datetime, most: int) -> tuple[list[tuple[Any, ...]], bool]:
    """The first ready members of a queue that callers of this line may have, and whether there are more."""
    waited = at.timestamp() - min(one.place_at for one in line)
    passed = len({operator for one in line for operator in one.passes})
    enough = most + SPARE + -(-passed // SPARE) * SPARE  # in steps: each number is a statement of its own
    asked = tuple((skill, level) for skill, level in wanted.asked(waited).items() if level)
    rows: list[tuple[Any, ...]] = []
    for tiers in (FIRST_TIER, LATER_TIERS):
        if len(rows) < enough:
            rows += _first(queues=[key], at=at, order=wanted.strategy, tiers=tiers, asked=asked, most=enough)
    return rows, len(rows) >= enough


# An index knows the order within one tier, and nearly all queues have only one.
FIRST_TIER, LATER_TIERS = "memberships__tier__lte", "memberships__tier__gt"


def _in_order(
    queues: list[int], at: datetime, order: str, tiers: str, asked: tuple[tuple[str, int], ...], most: int
) -> QuerySet[Any, Any]:
    rested = Q(memberships__rests_until__isnull=True) | Q(memberships__rests_until__lte=at)
    members = reading.ready(queues, rested & Q(**{tiers: 1}))
    for skill, level in asked:
        has = OperatorSkill.objects.filter(operator=OuterRef("pk"), skill__name=skill, level__gte=level)
        members = members.filter(Exists(has))
    by_tier = ("memberships__tier",) if tiers == LATER_TIERS else ()
    return members.order_by(*by_tier, *_ORDERS[order], "pk")[:most]


_first = Prepared(_in_order)
_some = Prepared(lambda queues, most: reading.ready(queues)[:most])
_all = Prepared(reading.ready)
_these = Prepared(lambda queues, people: reading.ready(queues).filter(pk=OneOf(people)))
