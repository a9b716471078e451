"""A choice with its reasons: the candidates in order, who was left out, and one sentence for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from apps.queues.strategies import words
from apps.queues.strategies.floor import Floor
from apps.queues.strategies.values import PASSED, RESTS, Candidate, Considered, Decision, Waiting

KEPT = 10  # candidates of either kind that a decision keeps


def decision(floor: Floor, waiting: Waiting, chosen: Sequence[Candidate], at: float, *, held: bool = False) -> Decision:
    """The decision for `chosen` (may be empty), made before they are taken from the floor.

    `held`: nobody was chosen because the caller waits for the preferred operator still.
    """
    first = {one.operator_id for one in chosen}
    rest = (one for one in floor.able(waiting, at) if one.operator_id not in first)
    order = [*chosen, *islice(rest, max(1, KEPT - len(chosen)))]
    asked = floor.wanted.asked(at - waiting.place_at)
    rows = tuple(Considered(one, words.score(floor.wanted, asked, one, waiting, at)) for one in order)
    counts, shut_out = _shut_out(floor, waiting, first, asked, at)
    # Who was chosen from behind a closed door (handed by hand, preferred of a later tier) counts as able.
    able = floor.count_open(at - waiting.place_at) - counts[PASSED]
    able += sum(not floor.is_counted_open(one.operator_id, at - waiting.place_at) for one in chosen)
    facts = words.Facts(waiting, floor.wanted, chosen, at, able, rows, counts, shut_out, held)
    return Decision(
        waiting=waiting, wanted=floor.wanted, chosen=tuple(one.operator_id for one in chosen), at=at, able=able,
        rows=rows, excluded={why: n for why, n in counts.items() if n}, shut_out=shut_out, seed=floor.seed,
        words=words.sentence(facts),
    )  # fmt: skip


def _shut_out(
    floor: Floor, waiting: Waiting, chosen: set[int], asked: dict[str, int], at: float
) -> tuple[Counter[str], tuple[Considered, ...]]:
    """How many were left out, by reason, and the first of them in words."""
    waited = at - waiting.place_at
    counts: Counter[str] = Counter()
    kept: list[Considered] = []

    def leave_out(why: str, people: Sequence[Candidate], count: int) -> None:
        counts[why] += count
        for one in people[: KEPT - len(kept)]:
            kept.append(Considered(one, words.left_out(why, floor.wanted, asked, one, waiting, at), why))

    for why, people, count in (
        (RESTS, floor.resting(KEPT + 1), floor.count_resting()),
        (PASSED, passers := floor.passed_now(waiting, at), len(passers)),
        *((why, list(islice(pile, KEPT + 1)), size) for why, size, pile in floor.shut_out(waited)),
    ):
        others = [one for one in people if one.operator_id not in chosen]
        leave_out(why, others, count - (len(people) - len(others)))
    return counts, tuple(kept)
