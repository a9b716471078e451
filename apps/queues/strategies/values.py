"""What a decision is made from, and what it is: plain values.

Moments are seconds on one scale (live: since 1970, `datetime.timestamp()`); durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LONGEST_IDLE, ROUND_ROBIN, FEWEST_CALLS, LEAST_ACTIVE = "longest_idle", "round_robin", "fewest_calls", "least_active"
RANDOM, WEIGHTED, LINEAR, RING_ALL, BEST_SKILL = "random", "weighted", "linear", "ring_all", "best_skill"

PASS_OVER = 15.0  # who passed a caller may be asked again after this
BREATH = 5.0  # and not sooner than this, also when everybody passed

# Why a ready member was not asked.
LACKS_SKILL, RESTS, TIER_CLOSED, PASSED = "skill", "rest", "tier", "passed"

NOTHING: Mapping[Any, Any] = {}


class Candidate(NamedTuple):
    """A ready member of the queue. `calls` and `active_seconds` are today's; `skills` maps a skill to its level.

    `rests_after` says what the rest is for: "missed" or "declined".
    """

    operator_id: int
    idle_since: float
    name: str = ""
    last_offered_at: float | None = None
    calls: int = 0
    active_seconds: float = 0
    skills: Mapping[str, int] = NOTHING
    tier: int = 1
    weight: int = 10
    position: int = 0
    rests_until: float | None = None
    rests_after: str = ""


class Waiting(NamedTuple):
    """A caller in line. `passes`: when an operator last declined or missed this very caller, by operator.

    `reserved_for` by a supervisor's hand; `preferred` is whom the queue asks first (`preferred_why`: "last" or "own"),
    given only while that member is there to be waited for. `seed` makes chance repeatable: the entry and the try.
    """

    entry_id: int
    place_at: float
    queue_id: int = 0
    priority: int = 5
    front: bool = False
    passes: Mapping[int, float] = NOTHING
    reserved_for: int | None = None
    preferred: int | None = None
    preferred_why: str = ""
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A queue's settings as far as they decide who is asked.

    `requirements`: (skill, level); `relaxations`: (after so many seconds, the level that is enough; 0: anybody).
    `tier_wait`, `prefer_wait`, `ageing`: seconds, 0 for none.
    """

    strategy: str = LONGEST_IDLE
    requirements: tuple[tuple[str, int], ...] = ()
    relaxations: tuple[tuple[float, int], ...] = ()
    tier_wait: float = 0
    prefer_wait: float = 0
    ageing: float = 0

    def stages(self) -> tuple[tuple[float, int | None], ...]:
        """(from which wait on, the level that is enough or None) in time; a later stage never asks for more."""
        found: list[tuple[float, int | None]] = [(0, None)]
        for after, level in sorted(self.relaxations):
            before = found[-1][1]
            found.append((after, level if before is None else min(level, before)))
        return tuple(found)

    def asked(self, waited: float) -> dict[str, int]:
        """The level asked of each required skill after so long a wait."""
        level = [level for after, level in self.stages() if after <= max(0, waited)][-1]
        return {skill: most if level is None else min(most, level) for skill, most in self.requirements}


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate as the decision saw them: `words` for a person; `excluded` is empty for who might have been asked."""

    candidate: Candidate
    words: str
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is asked for one caller, and why.

    `chosen` is empty when nobody may be asked now. `rows`: the able ones in order (the best ten at most), `shut_out`:
    excluded ones (ten at most); `able` and `excluded` count them all, so the size stays small with 10,000 operators.
    `seed` is the one that chance was drawn from.
    """

    waiting: Waiting
    wanted: Wanted
    chosen: tuple[int, ...]
    at: float
    able: int = 0
    rows: tuple[Considered, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    shut_out: tuple[Considered, ...] = ()
    seed: str = ""
    words: str = ""

    @property
    def entry_id(self) -> int:
        return self.waiting.entry_id

    @property
    def waited(self) -> float:
        """How long the caller had waited, in seconds."""
        return max(0.0, self.at - self.waiting.place_at)

    @property
    def runner_up(self) -> Considered | None:
        """Who would have been asked next."""
        return next((row for row in self.rows if row.candidate.operator_id not in self.chosen), None)

    @property
    def complete(self) -> bool:
        """Whether every candidate is kept here, so that another setting can be tried on them without loss."""
        return len(self.rows) == self.able and len(self.shut_out) == sum(self.excluded.values())

    def candidates(self) -> list[Candidate]:
        """Everybody whom it keeps, to decide again."""
        return [row.candidate for row in (*self.rows, *self.shut_out)]

    def as_json(self) -> dict[str, Any]:
        """What `Offer.considered` keeps; `from_json` reads it back."""
        return {
            "at": self.at,
            "chosen": list(self.chosen),
            "seed": self.seed,
            "words": self.words,
            "able": self.able,
            "excluded": dict(self.excluded),
            "wanted": {
                name: getattr(self.wanted, name)
                for name in Wanted.__slots__
                if getattr(self.wanted, name) not in (0, ())
            },
            "waiting": _brief(self.waiting),
            "rows": [_row(one) for one in self.rows],
            "shut_out": [_row(one) for one in self.shut_out],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Decision:
        """The decision that `as_json` wrote. Raises KeyError or TypeError for anything else."""
        waiting = Waiting(**{**kept["waiting"], "passes": _by_key(kept["waiting"].get("passes", {}))})
        settings = dict(kept["wanted"])
        for name in ("requirements", "relaxations"):
            settings[name] = tuple((first, second) for first, second in settings.get(name, ()))
        return cls(
            waiting=waiting, wanted=Wanted(**settings), chosen=tuple(kept["chosen"]), at=kept["at"],
            able=kept["able"], rows=_rows(kept["rows"]), excluded=dict(kept["excluded"]),
            shut_out=_rows(kept["shut_out"]), seed=kept["seed"], words=kept["words"],
        )  # fmt: skip


def _brief(value: Candidate | Waiting) -> dict[str, Any]:
    """The fields that say something."""
    fields = zip(value._fields, value, strict=True)
    return {
        name: one for name, one in fields if name not in value._field_defaults or one != value._field_defaults[name]
    }


def _row(one: Considered) -> dict[str, Any]:
    excluded = {"excluded": one.excluded} if one.excluded else {}
    return {**_brief(one.candidate), "words": one.words, **excluded}


def _rows(kept: Iterable[Mapping[str, Any]]) -> tuple[Considered, ...]:
    return tuple(
        Considered(
            Candidate(**{name: value for name, value in row.items() if name not in ("words", "excluded")}),
            row["words"],
            row.get("excluded", ""),
        )
        for row in kept
    )


def _by_key(found: Mapping[Any, float]) -> dict[int, float]:
    """JSON has made text of the keys."""
    return {int(key): value for key, value in found.items()}
