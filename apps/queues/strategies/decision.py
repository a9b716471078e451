"""A choice with all that is needed to explain it and to make it again. The words are made when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.queues.strategies import words
from apps.queues.strategies.values import Candidate, Waiting, Wanted


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate as the decision saw them: `words` for a person; `excluded` is empty for who might have been asked."""

    candidate: Candidate
    words: str
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is asked for one caller, and why.

    `chosen` is empty when nobody may be asked now; `held`: because the caller waits for the preferred operator still.
    `ranking`: who might have been asked, in order (the best ten at most); `left_out`: who might not, with the reason
    (six at most). `able` and `excluded` count them all, so the size stays small with 10,000 operators. `seed` is the
    one that chance was drawn from. `more`: there were still more ready members; of so many only the first were read.
    """

    waiting: Waiting
    wanted: Wanted
    chosen: tuple[int, ...]
    at: float
    seed: str = ""
    held: bool = False
    able: int = 0
    ranking: tuple[Candidate, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[tuple[str, Candidate], ...] = ()
    more: bool = False

    @property
    def entry_id(self) -> int:
        return self.waiting.entry_id

    @property
    def waited(self) -> float:
        """How long the caller had waited, in seconds."""
        return max(0.0, self.at - self.waiting.place_at)

    @property
    def words(self) -> str:
        """One plain sentence: who and why, who would have been next, who was left out."""
        return words.sentence(self)

    @property
    def rows(self) -> tuple[Considered, ...]:
        """`ranking` in words."""
        asked = self.asked
        return tuple(Considered(one, words.score(self, asked, one)) for one in self.ranking)

    @property
    def shut_out(self) -> tuple[Considered, ...]:
        """`left_out` in words."""
        asked = self.asked
        return tuple(Considered(one, words.left_out(self, asked, why, one), why) for why, one in self.left_out)

    @property
    def asked(self) -> dict[str, int]:
        """The level that was asked of each required skill."""
        return self.wanted.asked(self.waited)

    @property
    def runner_up(self) -> Candidate | None:
        """Who would have been asked next."""
        return next((one for one in self.ranking if one.operator_id not in self.chosen), None)

    @property
    def complete(self) -> bool:
        """Whether every candidate is kept here, so that another setting can be tried on them without loss."""
        return not self.more and len(self.ranking) == self.able and len(self.left_out) == sum(self.excluded.values())

    def candidates(self) -> list[Candidate]:
        """Everybody whom it keeps, to decide again."""
        return [*self.ranking, *(one for _why, one in self.left_out)]

    def as_json(self) -> dict[str, Any]:
        """What `Offer.considered` keeps; `from_json` reads it back. A candidate is the list of its `fields`."""
        waiting = self.waiting._asdict()
        return {
            "at": self.at,
            "chosen": self.chosen,
            "seed": self.seed,
            "held": self.held,
            "able": self.able,
            "more": self.more,
            "excluded": self.excluded,
            "wanted": self.wanted.named,
            "waiting": {name: value for name, value in waiting.items() if value not in (None, "", _NO_PASSES)},
            "fields": Candidate._fields,
            "ranking": self.ranking,
            "left_out": self.left_out,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Decision:
        """The decision that `as_json` wrote. Raises KeyError or TypeError for anything else."""
        waiting = dict(kept["waiting"])
        # JSON has made text of the keys.
        waiting["passes"] = {int(key): value for key, value in waiting.get("passes", {}).items()}
        settings = dict(kept["wanted"])
        for name in ("requirements", "relaxations"):
            settings[name] = tuple((first, second) for first, second in settings.get(name, ()))

        def candidate(row: list[Any]) -> Candidate:
            return Candidate(**dict(zip(kept["fields"], row, strict=True)))

        return cls(
            waiting=Waiting(**waiting), wanted=Wanted(**settings), chosen=tuple(kept["chosen"]), at=kept["at"],
            seed=kept["seed"], held=kept["held"], able=kept["able"], excluded=dict(kept["excluded"]),
            ranking=tuple(candidate(row) for row in kept["ranking"]),
            left_out=tuple((why, candidate(row)) for why, row in kept["left_out"]), more=kept.get("more", False),
        )  # fmt: skip


_NO_PASSES: dict[int, float] = {}
