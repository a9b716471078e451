"""Callers of several queues meet the operators who serve them: who is served first, and by whom.

Callers go by front, then effective priority, then place. Those who are alike (one queue, one priority, nothing special
about them) stand in one line: when its first cannot be served, nobody behind can, because a longer wait only opens
doors. So one round costs as much as there are assignments and lines, not callers times operators.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

from apps.queues.strategies import explained
from apps.queues.strategies.decision import Decision
from apps.queues.strategies.floor import Floor
from apps.queues.strategies.values import BREATH, RING_ALL, Candidate, Waiting, Wanted

RING_AT_MOST = 30  # phones that ring for one caller at once

_Line = tuple[int, bool, int, bool]  # queue, in front, priority, special


class Hall:
    """Who waits and who is ready, in several queues. It can be kept and told what changes, or made for one round."""

    def __init__(self, wanted: Mapping[int, Wanted], seeds: Mapping[int, str] | None = None) -> None:
        """`seeds`: what chance is drawn from in each queue."""
        self.floors = {queue_id: Floor(one, (seeds or {}).get(queue_id, "")) for queue_id, one in wanted.items()}
        self._of: dict[int, list[Floor]] = {}
        self._lines: dict[_Line, list[tuple[float, int]]] = {}
        self._callers: dict[int, Waiting] = {}

    def arrives(self, waiting: Waiting) -> None:
        """A caller joins. Raises KeyError for a queue that is not of this hall."""
        self.floors[waiting.queue_id]
        self._callers[waiting.entry_id] = waiting
        special = bool(waiting.passes) or waiting.reserved_for is not None or waiting.preferred is not None
        line = self._lines.setdefault((waiting.queue_id, waiting.front, waiting.priority, special), [])
        heapq.heappush(line, (waiting.place_at, waiting.entry_id))

    def leaves(self, entry_id: int) -> None:
        """A caller is gone, or served."""
        self._callers.pop(entry_id, None)

    def ready(self, queue_id: int, candidate: Candidate, at: float) -> None:
        """A member of the queue is ready. Say it for each of the queues that the operator serves."""
        floor = self.floors[queue_id]
        floor.add(candidate, at)
        floors = self._of.setdefault(candidate.operator_id, [])
        if floor not in floors:
            floors.append(floor)

    def gone(self, operator_id: int) -> None:
        """The operator is not ready any more, in none of the queues."""
        for floor in self._of.pop(operator_id, ()):
            floor.remove(operator_id)

    def match(self, at: float, *, limit: int | None = None, explain: bool = True) -> list[Decision]:
        """Serve as many callers as can be, in the right order, at most `limit`; both sides are taken out of the hall.

        `explain=False` leaves the candidates and the words out.
        """
        for floor in self.floors.values():
            floor.wake(at)
        found: list[Decision] = []
        if not self._of:
            return found
        for waiting in self._in_turn(at):
            decision = self._serve(waiting, at, explain=explain)
            if decision is not None:
                found.append(decision)
                if not self._of or (limit is not None and len(found) >= limit):
                    break
        return found

    def _in_turn(self, at: float) -> Iterator[Waiting]:
        """The callers in the order in which they are served. A line ends with its first who was not taken."""
        keys = [key for key, line in self._lines.items() if line]
        if len(keys) == 1 and not keys[0][3]:
            return self._one_by_one(self._lines[keys[0]])
        return self._by_turns(keys, at)

    def _by_turns(self, keys: list[_Line], at: float) -> Iterator[Waiting]:
        heads: list[tuple[bool, float, float, int, _Line, Iterator[tuple[float, int]]]] = []
        for key in keys:
            if self.floors[key[0]].anybody:
                self._push_head(heads, key, self._walk(key), at)
        while heads:
            *_order, entry_id, key, walk = heapq.heappop(heads)
            if (waiting := self._callers.get(entry_id)) is not None:
                yield waiting
            special = key[3]
            if special or entry_id not in self._callers:
                self._push_head(heads, key, walk, at)

    def _one_by_one(self, line: list[tuple[float, int]]) -> Iterator[Waiting]:
        """The callers of the only line there is: nothing to compare its first with."""
        while line:
            waiting = self._callers.get(line[0][1])
            if waiting is not None:
                yield waiting
                if line[0][1] in self._callers:
                    return
            heapq.heappop(line)

    def _push_head(self, heads: list, key: _Line, walk: Iterator[tuple[float, int]], at: float) -> None:
        head = next(walk, None)
        if head is not None:
            queue_id, front, priority, _special = key
            place_at, entry_id = head
            effective = effective_priority(priority, at - place_at, self.floors[queue_id].wanted.ageing)
            heapq.heappush(heads, (not front, -effective, place_at, entry_id, key, walk))

    def _walk(self, key: _Line) -> Iterator[tuple[float, int]]:
        """The callers of one line by place. Those gone are dropped when they come up at its head."""
        line = self._lines[key]
        if not key[3]:
            while line:
                if line[0][1] in self._callers:
                    yield line[0]
                if line and line[0][1] not in self._callers:
                    heapq.heappop(line)
            self._lines.pop(key, None)
            return
        stayed: list[tuple[float, int]] = sorted(one for one in line if one[1] in self._callers)
        line[:] = stayed
        if not stayed:
            del self._lines[key]
        yield from stayed

    def _serve(self, waiting: Waiting, at: float, *, explain: bool) -> Decision | None:
        floor = self.floors[waiting.queue_id]
        chosen = chosen_of(floor, waiting, at)
        if not chosen:
            return None
        if explain:
            decision = explained.decision(floor, waiting, chosen, at)
        else:
            decision = Decision(waiting, floor.wanted, tuple(one.operator_id for one in chosen), at, seed=floor.seed)
        for one in chosen:
            floor.took(one)
            self.gone(one.operator_id)
        self.leaves(waiting.entry_id)
        return decision


def effective_priority(priority: int, waited: float, ageing: float) -> int:
    """The caller's priority and one more for each `ageing` seconds of waiting; 0 seconds: no ageing."""
    return priority + (int(max(0.0, waited) // ageing) if ageing else 0)


def chosen_of(floor: Floor, waiting: Waiting, at: float) -> list[Candidate]:
    """Whom to ask for this caller now: one, several where everybody is rung, none when nobody may be asked."""
    if waiting.reserved_for is not None:
        one = floor.get(waiting.reserved_for)
        passed_at = waiting.passes.get(waiting.reserved_for)
        return [one] if one is not None and (passed_at is None or at - passed_at >= BREATH) else []
    preferred = waiting.preferred
    if preferred is not None and preferred not in waiting.passes:
        if floor.may_be_asked(preferred, waiting, at):
            return [one] if (one := floor.get(preferred)) else []
        if is_held(floor, waiting, at):
            return []
    if floor.wanted.strategy == RING_ALL:
        return _everybody(floor, waiting, at)
    best = floor.best(waiting, at)
    return [best] if best is not None else []


def is_held(floor: Floor, waiting: Waiting, at: float) -> bool:
    """Whether the caller still waits for the preferred operator: busy or resting, and the time for it is not over."""
    preferred = waiting.preferred
    return (
        preferred is not None
        and preferred not in waiting.passes
        and preferred not in floor
        and at - waiting.place_at < floor.wanted.prefer_wait
    )


def _everybody(floor: Floor, waiting: Waiting, at: float) -> list[Candidate]:
    """All of the first tier in which somebody may be asked; who passed this caller only when nobody else is left."""
    found: list[Candidate] = []
    for one in floor.able(waiting, at):
        first = found[0] if found else one
        alike = one.tier == first.tier and (one.operator_id in waiting.passes) == (first.operator_id in waiting.passes)
        if not alike or len(found) == RING_AT_MOST:
            break
        found.append(one)
    return found


def assign(
    wanted: Mapping[int, Wanted],
    waiting: Iterable[Waiting],
    candidates: Mapping[int, Iterable[Candidate]],
    at: float,
    *,
    limit: int | None = None,
    explain: bool = True,
) -> list[Decision]:
    """Serve many callers of some queues at once: the decisions in the order of service, only those that chose somebody.

    `wanted` and `candidates` by queue; who serves several queues stands in each of them and is taken once. The order of
    `waiting` and `candidates` does not matter.
    """
    hall = _filled(wanted, waiting, candidates, at)
    return hall.match(at, limit=limit, explain=explain)


def _filled(
    wanted: Mapping[int, Wanted],
    waiting: Iterable[Waiting],
    candidates: Mapping[int, Iterable[Candidate]],
    at: float,
) -> Hall:
    callers = list(waiting)
    seeds: dict[int, str] = {}
    for one in sorted(
        callers, key=lambda one: (not one.front, -one.priority, one.place_at, one.entry_id), reverse=True
    ):
        seeds[one.queue_id] = one.seed
    hall = Hall(wanted, seeds)
    for queue_id, people in candidates.items():
        for person in people:
            hall.ready(queue_id, person, at)
    for one in callers:
        hall.arrives(one)
    return hall


def decide(wanted: Wanted, waiting: Waiting, candidates: Iterable[Candidate], at: float) -> Decision:
    """Whom to ask for one caller, and why; also why nobody, when `chosen` is empty."""
    floor = Floor(wanted, waiting.seed)
    for one in candidates:
        floor.add(one, at)
    chosen = chosen_of(floor, waiting, at)
    return explained.decision(floor, waiting, chosen, at, held=not chosen and is_held(floor, waiting, at))


def replay(decision: Decision, wanted: Wanted | None = None) -> Decision:
    """Decide again on what `decision` keeps, under the same settings or others (`wanted`).

    The same settings give the same choice; others are tried on everybody only if `decision.complete`.
    """
    waiting = decision.waiting._replace(seed=decision.seed)
    return decide(wanted or decision.wanted, waiting, decision.candidates(), decision.at)
