"""The pacers that need to know nothing of how calls go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from apps.campaigns.pacing import words
from apps.campaigns.pacing.values import Advice, Situation


class _Simple(ABC):
    """Dials up to a wanted number of calls in the air, within the limits."""

    @abstractmethod
    def wanted(self, now: Situation) -> int:
        """How many calls should be in the air."""

    def count(self, now: Situation) -> int:
        return max(0, min(now.room, self.wanted(now) - len(now.dialling)))

    def advise(self, now: Situation) -> Advice:
        count = self.count(now)
        return Advice(count, words.plain(now, count, self.wanted(now)))


@dataclass(frozen=True, slots=True)
class Preview(_Simple):
    """Operators take one contact after the other, look at it and dial or pass it over: nothing dials for them."""

    def wanted(self, now: Situation) -> int:
        return 0

    def advise(self, now: Situation) -> Advice:
        return Advice(0, words.previewed(now))


@dataclass(frozen=True, slots=True)
class Progressive(_Simple):
    """One call for each ready operator, dialled at once. Nobody is abandoned unless operators leave meanwhile."""

    def wanted(self, now: Situation) -> int:
        return now.ready


@dataclass(frozen=True, slots=True)
class Power(_Simple):
    """`ratio` calls for each ready operator, whatever comes of it."""

    ratio: float

    def __post_init__(self) -> None:
        if not self.ratio >= 1:
            raise ValueError("The ratio is 1 or more calls for each ready operator.")

    def wanted(self, now: Situation) -> int:
        return int(now.ready * self.ratio)


@dataclass(frozen=True, slots=True)
class Agentless(_Simple):
    """No operator takes part: as many calls as the limits allow."""

    def wanted(self, now: Situation) -> int:
        return len(now.dialling) + now.room

    def advise(self, now: Situation) -> Advice:
        count = self.count(now)
        return Advice(count, words.agentless(now, count))
