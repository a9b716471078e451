"""What a pacer is told and what it answers: plain values.

Ages and durations are seconds. A call is `dialling` from its reservation until somebody or something answers it, or it
ends without; what a machine or nobody answered is an outcome like any other. An answered call is abandoned when no
operator was there in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

NO_AGES: tuple[float, ...] = ()


class Seen(NamedTuple):
    """What the campaign's calls have shown so far (`Memory` folds it from outcomes).

    `answer_rate`: of the numbers dialled, the share that a person answers; the best guess, of the recent ones.
    `dials`: how many that rests on. `ring_seconds`: until a call is answered or given up; `talk_seconds` and
    `wrap_up_seconds`: of an operator, each on average. `late`: entry n is how much likelier (or less) than a new call
    one is to be answered that has been dialling for n * `LATE_STEP` seconds; the last entry holds for all beyond.
    """

    answer_rate: float = 1.0
    dials: int = 0
    ring_seconds: float = 10.0
    talk_seconds: float = 120.0
    wrap_up_seconds: float = 0.0
    late: tuple[float, ...] = (1.0,)


LATE_STEP = 2.0
NOTHING_SEEN = Seen()


class Situation(NamedTuple):
    """One moment of a campaign.

    `ready`: operators who could take a call at once. `talking`, `wrapping_up`, `dialling`: the age of each.
    `room`: how many more calls the limits allow (of the campaign, the client and the house; contacts left), the
    smallest of them, and `room_words` names it ("the campaign's limit of 10"). `answered`: calls that a person
    answered within the policy's window, the `abandoned` ones among them; `leaving_answered` and `leaving_abandoned`: of
    those, the ones that leave the window next (its oldest day), because what they allowed is gone then.
    """

    ready: int
    talking: Sequence[float] = NO_AGES
    wrapping_up: Sequence[float] = NO_AGES
    dialling: Sequence[float] = NO_AGES
    room: int = 1_000_000
    room_words: str = ""
    answered: int = 0
    abandoned: int = 0
    leaving_answered: int = 0
    leaving_abandoned: int = 0
    seen: Seen = NOTHING_SEEN

    @property
    def signed_in(self) -> int:
        """Operators who work in the campaign now, ready or not."""
        return self.ready + len(self.talking) + len(self.wrapping_up)


@dataclass(frozen=True, slots=True)
class Advice:
    """Dial so many now. `why` is one sentence for a person."""

    dial: int
    why: str


class Pacer(Protocol):
    """Decides how many to dial. `count` is `advise` without the words, for loops that ask very often."""

    def count(self, now: Situation) -> int: ...

    def advise(self, now: Situation) -> Advice: ...
