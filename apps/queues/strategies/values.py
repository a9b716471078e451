"""What a decision is made from, and what it is: plain values.

Moments are seconds on one scale (live: since 1970, `datetime.timestamp()`); durations are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

    @property
    def named(self) -> dict[str, Any]:
        """The settings that say something, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) not in (0, ())}

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
