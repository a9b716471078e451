"""The ready members of one queue, kept in the order in which its strategy asks them.

Each lies in the pile of those alike: same tier, same moment from which their skills suffice. A pile is a heap by rank,
so that taking the best one costs the same with ten members and with ten thousand; who was taken elsewhere stays in the
heap until it comes up, or until there are too many of them, and is dropped then.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from apps.queues.strategies import values
from apps.queues.strategies.values import BREATH, PASS_OVER, Candidate, Waiting, Wanted

NEVER = 1_000_000  # the stage of who lacks a skill however long the caller waits


class Item(NamedTuple):
    """A candidate in a pile. The first four decide the order; `serial` keeps the rest out of it."""

    rank: float
    then: float
    operator_id: int
    serial: int
    candidate: Candidate
    pile: tuple[int, int]


def chance(seed: str, operator_id: int) -> float:
    """A number above 0 and up to 1 that looks drawn, and is the same whenever it is asked for."""
    drawn = blake2b(f"{seed}:{operator_id}".encode(), digest_size=7).digest()
    return (int.from_bytes(drawn) + 1) / 2**56


class Floor:
    """Who of one queue is ready. `seed` is what chance is drawn from, where the strategy leaves it to chance."""

    def __init__(self, wanted: Wanted, seed: str = "") -> None:
        self.wanted, self.seed = wanted, seed
        self._rank = _RANKS[wanted.strategy]
        self._starts = [after for after, _level in wanted.stages()] if wanted.requirements else [0]
        self._asked = [list(wanted.asked(after).items()) for after in self._starts] if wanted.requirements else []
        self._piles: dict[tuple[int, int], list[Item]] = {}
        self._sizes: dict[tuple[int, int], int] = {}
        self._ready: dict[int, Item] = {}
        self._resting: dict[int, Candidate] = {}
        self._rest_ends: list[tuple[float, int]] = []
        self._times: dict[int, int] = {}
        self._serial = 0
        self.drawn = 0.0  # the last rank that chance has served: newcomers draw from there on, so all are equal again

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def anybody(self) -> bool:
        """Whether somebody is here, resting or not."""
        return bool(self._ready or self._resting)

    def __contains__(self, operator_id: int) -> bool:
        return operator_id in self._ready

    def add(self, candidate: Candidate, at: float) -> None:
        """`candidate` is ready, or rests still. Who is here already is here with the new facts."""
        if candidate.operator_id in self._ready or self._resting:
            self.remove(candidate.operator_id)
        if candidate.rests_until is not None and candidate.rests_until > at:
            self._resting[candidate.operator_id] = candidate
            heapq.heappush(self._rest_ends, (candidate.rests_until, candidate.operator_id))
            return
        self._serial += 1
        pile = (candidate.tier, self.stage_of(candidate))
        rank, then = self._rank(self, candidate)
        item = Item(rank, then, candidate.operator_id, self._serial, candidate, pile)
        self._ready[candidate.operator_id] = item
        heap = self._piles.get(pile)
        if heap is None:
            heap = self._piles[pile] = []
            self._piles = dict(sorted(self._piles.items()))
        heapq.heappush(heap, item)
        self._sizes[pile] = self._sizes.get(pile, 0) + 1

    def remove(self, operator_id: int) -> None:
        """The operator is not ready any more."""
        self._resting.pop(operator_id, None)
        item = self._ready.pop(operator_id, None)
        if item is None:
            return
        self._sizes[item.pile] -= 1
        heap, left = self._piles[item.pile], self._sizes[item.pile]
        while heap and self._ready.get(heap[0].operator_id) is not heap[0]:
            heapq.heappop(heap)
        if len(heap) > left + left // 32 + 64:
            # Somebody who is not asked may stay on top while those below are taken in other queues.
            heap[:] = [one for one in heap if self._ready.get(one.operator_id) is one]
            heapq.heapify(heap)

    def wake(self, at: float) -> None:
        """Who has rested enough is ready again."""
        while self._rest_ends and self._rest_ends[0][0] <= at:
            _until, operator_id = heapq.heappop(self._rest_ends)
            rested = self._resting.get(operator_id)
            if rested is not None and rested.rests_until is not None and rested.rests_until <= at:
                self.add(rested, at)

    def stage_of(self, candidate: Candidate) -> int:
        """The first stage of relaxation at which the candidate's skills are enough."""
        skills = candidate.skills
        for stage, asked in enumerate(self._asked):
            for skill, level in asked:
                if skills.get(skill, 0) < level:
                    break
            else:
                return stage
        return NEVER if self._asked else 0

    def stage_at(self, waited: float) -> int:
        """The last stage that a caller has reached after so long a wait."""
        return max(0, bisect_right(self._starts, waited) - 1)

    def is_open(self, tier: int, waited: float) -> bool:
        """Whether members of this tier are asked after so long a wait."""
        return tier <= 1 or waited >= (tier - 1) * self.wanted.tier_wait

    def get(self, operator_id: int) -> Candidate | None:
        """The candidate, ready or resting."""
        item = self._ready.get(operator_id)
        return item.candidate if item else self._resting.get(operator_id)

    def best(self, waiting: Waiting, at: float) -> Candidate | None:
        """The first of `able`, found without making the list."""
        if waiting.passes:
            return next(self.able(waiting, at), None)
        waited = at - waiting.place_at
        stage = self.stage_at(waited) if self._asked else 0
        found: Item | None = None
        for (tier, pile_stage), heap in self._piles.items():
            if found is not None and tier > found.pile[0]:
                break
            # The top of a heap is always somebody who is ready: `remove` sees to it.
            if heap and pile_stage <= stage and self.is_open(tier, waited) and (found is None or heap[0] < found):
                found = heap[0]
        return found.candidate if found else None

    def able(self, waiting: Waiting, at: float) -> Iterator[Candidate]:
        """Who may be asked for this caller now, best first. Who passed this caller comes last, and not too soon."""
        yield from self._fresh(waiting, at)
        if waiting.passes:
            yield from self._passers_able(waiting, at)

    def may_be_asked(self, operator_id: int, waiting: Waiting, at: float) -> bool:
        """Whether this one is ready, has the skills and has not passed this caller; of any tier."""
        item = self._ready.get(operator_id)
        stage = self.stage_at(at - waiting.place_at)
        return item is not None and item.pile[1] <= stage and operator_id not in waiting.passes

    def resting(self, most: int) -> list[Candidate]:
        """Who rests, the soonest ready first."""
        return heapq.nsmallest(most, self._resting.values(), key=lambda one: (one.rests_until, one.operator_id))

    def count_resting(self) -> int:
        return len(self._resting)

    def why_left_out(self, operator_id: int, waiting: Waiting, at: float) -> str:
        """Why this one could not be asked for this caller; empty for who could, and for who is not here."""
        item = self._ready.get(operator_id)
        if item is None:
            return values.RESTS if operator_id in self._resting else ""
        if why := self._closed(item.pile, at - waiting.place_at):
            return why
        if operator_id not in waiting.passes:
            return ""
        return values.PASSED if item.candidate not in self._passers_able(waiting, at) else ""

    def passed_now(self, waiting: Waiting, at: float) -> list[Candidate]:
        """Who passed this caller too short a time ago to be asked again, and might be asked otherwise."""
        if not waiting.passes:
            return []
        able = {one.operator_id for one in self._passers_able(waiting, at)}
        return [item.candidate for item in self._passers(waiting, at) if item.operator_id not in able]

    def shut_out(self, waited: float) -> Iterator[tuple[str, int, Iterator[Candidate]]]:
        """The piles that are closed to a caller after so long a wait: why, how many, and who."""
        for pile, heap in self._piles.items():
            if (size := self._sizes[pile]) and (why := self._closed(pile, waited)):
                yield why, size, (item.candidate for item in self._in_order(heap))

    def _closed(self, pile: tuple[int, int], waited: float) -> str:
        """Why a pile is closed to a caller after so long a wait; empty when it is open."""
        tier, stage = pile
        if stage > self.stage_at(waited):
            return values.LACKS_SKILL
        return "" if self.is_open(tier, waited) else values.TIER_CLOSED

    def count_open(self, waited: float) -> int:
        """How many lie in the piles that are open after so long a wait, whether they passed the caller or not."""
        stage = self.stage_at(waited)
        return sum(n for (tier, at), n in self._sizes.items() if at <= stage and self.is_open(tier, waited))

    def took(self, candidate: Candidate) -> None:
        """Note how far chance has got. Call it before `remove`."""
        if self.wanted.strategy in BY_CHANCE and (item := self._ready.get(candidate.operator_id)):
            self.drawn = max(self.drawn, item.rank)

    def _fresh(self, waiting: Waiting, at: float) -> Iterator[Candidate]:
        for item in self._open_items(at - waiting.place_at):
            if item.operator_id not in waiting.passes:
                yield item.candidate

    def _passers_able(self, waiting: Waiting, at: float) -> list[Candidate]:
        """Who passed this caller long enough ago; sooner when everybody did."""
        rest = BREATH if next(self._fresh(waiting, at), None) is None else PASS_OVER
        passers = self._passers(waiting, at)
        return [item.candidate for item in passers if at - waiting.passes[item.operator_id] >= rest]

    def _passers(self, waiting: Waiting, at: float) -> list[Item]:
        waited = at - waiting.place_at
        stage = self.stage_at(waited)
        items = [self._ready[key] for key in waiting.passes if key in self._ready]
        items = [one for one in items if one.pile[1] <= stage and self.is_open(one.pile[0], waited)]
        return sorted(items, key=lambda one: (one.pile[0], one))

    def _open_items(self, waited: float) -> Iterator[Item]:
        """Tier by tier; within one tier by rank."""
        stage = self.stage_at(waited)
        tiers: dict[int, list[list[Item]]] = {}
        for (tier, pile_stage), heap in self._piles.items():
            if heap and pile_stage <= stage and self.is_open(tier, waited):
                tiers.setdefault(tier, []).append(heap)
        for heaps in tiers.values():
            if len(heaps) == 1:
                yield from self._in_order(heaps[0])
                continue
            yield from heapq.merge(*(self._in_order(heap) for heap in heaps))

    def _in_order(self, heap: list[Item]) -> Iterator[Item]:
        """The items of a heap from the best on, without taking any away."""
        front, size, ready = ([(heap[0], 0)] if heap else []), len(heap), self._ready
        while front:
            item, place = front[0]
            child = 2 * place + 1
            if child < size:
                heapq.heapreplace(front, (heap[child], child))
                if child + 1 < size:
                    heapq.heappush(front, (heap[child + 1], child + 1))
            else:
                heapq.heappop(front)
            if ready.get(item.operator_id) is item:
                yield item

    def draw(self, operator_id: int, weight: float) -> float:
        """When this one's turn comes, if chance decides.

        Exponential times: who has twice the weight is first twice as often, whoever else is here.
        """
        times = self._times[operator_id] = self._times.get(operator_id, -1) + 1
        seed = f"{self.seed}/{times}" if times else self.seed
        return self.drawn - math.log(chance(seed, operator_id)) / max(1, weight)


def skill_sum(wanted: Wanted, candidate: Candidate) -> int:
    """How good somebody is at what the queue asks for: the levels of the required skills together."""
    return sum(candidate.skills.get(skill, 0) for skill, _level in wanted.requirements)


BY_CHANCE = (values.RANDOM, values.WEIGHTED)

_RANKS: dict[str, Callable[[Floor, Candidate], tuple[Any, float]]] = {
    values.LONGEST_IDLE: lambda _floor, one: (one.idle_since, 0),
    values.ROUND_ROBIN: lambda _floor, one: (
        -math.inf if one.last_offered_at is None else one.last_offered_at,
        one.idle_since,
    ),
    values.FEWEST_CALLS: lambda _floor, one: (one.calls, one.idle_since),
    values.LEAST_ACTIVE: lambda _floor, one: (one.active_seconds, one.idle_since),
    values.RANDOM: lambda floor, one: (floor.draw(one.operator_id, 1), 0),
    values.WEIGHTED: lambda floor, one: (floor.draw(one.operator_id, one.weight), 0),
    values.LINEAR: lambda _floor, one: (one.position, one.idle_since),
    values.RING_ALL: lambda _floor, one: (one.idle_since, 0),
    values.BEST_SKILL: lambda floor, one: (-skill_sum(floor.wanted, one), one.idle_since),
}
