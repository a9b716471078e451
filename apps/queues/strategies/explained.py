"""What a decision keeps of those it chose from, read off the floor before anybody is taken from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from apps.queues.strategies.decision import Decision
from apps.queues.strategies.floor import Floor
from apps.queues.strategies.values import PASSED, RESTS, Candidate, Waiting

RANKED, LEFT_OUT = 10, 6  # candidates of either kind that a decision keeps


def decision(floor: Floor, waiting: Waiting, chosen: Sequence[Candidate], at: float, *, held: bool = False) -> Decision:
    """The decision for `chosen` (may be empty); `held`: nobody, because the caller waits for the preferred operator."""
    first = {one.operator_id for one in chosen}
    rest = (one for one in floor.able(waiting, at) if one.operator_id not in first)
    ranking = (*chosen, *islice(rest, max(1, RANKED - len(chosen))))
    waited = at - waiting.place_at
    counts: dict[str, int] = {}
    kept: list[tuple[str, Candidate]] = []
    for why, people, count in _closed(floor, waiting, at):
        counts[why] = counts.get(why, 0) + count
        others = (one for one in people if one.operator_id not in first)
        kept += [(why, one) for one in islice(others, LEFT_OUT - len(kept))]
    able = floor.count_open(waited) - counts.get(PASSED, 0)
    for one in chosen:
        # Who was chosen from behind a closed door (handed by hand, preferred of a later tier) counts as able.
        if why := floor.why_left_out(one.operator_id, waiting, at):
            counts[why] -= 1
            able += 1
    counts = {why: count for why, count in counts.items() if count}
    return Decision(
        waiting, floor.wanted, tuple(one.operator_id for one in chosen), at, floor.seed, held, able, ranking, counts,
        tuple(kept),
    )  # fmt: skip


def _closed(floor: Floor, waiting: Waiting, at: float) -> Iterator[tuple[str, Iterator[Candidate], int]]:
    """Those who could not be asked: why, who, and how many."""
    if resting := floor.count_resting():
        yield RESTS, iter(floor.resting(LEFT_OUT + 1)), resting
    if waiting.passes:
        passers = floor.passed_now(waiting, at)
        yield PASSED, iter(passers), len(passers)
    for why, size, pile in floor.shut_out(at - waiting.place_at):
        yield why, pile, size
