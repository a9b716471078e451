"""What the outcomes of calls have shown: kept with as little as it takes, and forgotten when the times change.

The answer rate is that of all dials since it last changed. A change is noticed by holding the last 16, 32, ... dials
against those before them: apart by more than chance allows, and the earlier ones are forgotten.
"""

from __future__ import annotations

import math
from collections import deque

from apps.campaigns.pacing.values import LATE_STEP, Seen

REMEMBERED = 1500  # dials
SPANS = (16, 32, 64, 128, 256)  # of the latest dials, each held against those before
APART = 4.0  # standard errors that chance does not explain
# Before anything is seen: as if so many dials had shown this. High, which is careful: few are dialled at first.
BELIEVED_DIALS, BELIEVED_RATE = 4, 0.5
AVERAGED = 200  # how many talks, rings and wrap-ups an average rests on
LATE_STEPS = 20
SMOOTHED = 25.0  # so many calls must speak before a call's age says something


class Memory:
    """Told of each outcome in the order in which they became known; `seen()` is what a pacer reads."""

    def __init__(self) -> None:
        self._answers: deque[int] = deque([0], maxlen=REMEMBERED + 1)  # answers so far, after each dial
        self._ring, self._talk, self._wrap_up = Average(10.0), Average(120.0), Average(0.0)
        # How many calls ended in each step of age, by whether a person answered; old ones fade.
        self._ended = {True: [0.0] * (LATE_STEPS + 1), False: [0.0] * (LATE_STEPS + 1)}
        self._since_faded = 0
        self._late: tuple[float, ...] | None = None

    def dialled(self, *, answered: bool, ring_seconds: float) -> None:
        """A dial was answered by a person, or ended otherwise, after so long."""
        answers = self._answers
        answers.append(answers[-1] + answered)
        self._ring.add(ring_seconds)
        self._ended[answered][min(LATE_STEPS, int(ring_seconds / LATE_STEP))] += 1
        self._since_faded += 1
        if self._since_faded >= REMEMBERED // 3:
            self._ended = {kind: [one / 2 for one in counts] for kind, counts in self._ended.items()}
            self._since_faded = 0
        if self._since_faded % 32 == 0:
            self._late = None
        self._forget()

    def talked(self, seconds: float) -> None:
        """An operator's call is over."""
        self._talk.add(seconds)

    def wrapped_up(self, seconds: float) -> None:
        """An operator has finished the work after a call."""
        self._wrap_up.add(seconds)

    def seen(self) -> Seen:
        dials, answers = len(self._answers) - 1, self._answers[-1] - self._answers[0]
        rate = (answers + BELIEVED_DIALS * BELIEVED_RATE) / (dials + BELIEVED_DIALS)
        if self._late is None:
            self._late = self._by_age(rate)
        return Seen(rate, dials, self._ring.mean, self._talk.mean, self._wrap_up.mean, self._late)

    def _forget(self) -> None:
        """Drop what was before the latest change of the answer rate."""
        answers = self._answers
        dials = len(answers) - 1
        newest, oldest = answers[-1], answers[0]
        for span in SPANS:
            before = dials - span
            if before < span:
                return
            middle = answers[-1 - span]
            late, early = newest - middle, middle - oldest
            whole = (newest - oldest) / dials
            apart = late / span - early / before
            # At least one of each, so that a row of equal outcomes is not taken for certainty.
            spread = math.sqrt(max(whole * (1 - whole), 1 / dials) * (1 / span + 1 / before))
            if abs(apart) > APART * spread:
                for _ in range(before):
                    answers.popleft()
                return

    def _by_age(self, rate: float) -> tuple[float, ...]:
        """How the chance of an answer changes with a call's age, by those that were still in the air then."""
        persons, others = self._ended[True], self._ended[False]
        left_persons, left_others = sum(persons), sum(others)
        whole = left_persons + left_others
        if not left_persons or not left_others:
            return (1.0,)
        overall = left_persons / whole
        found = []
        for gone_persons, gone_others in zip(persons, others, strict=True):
            left = left_persons + left_others
            found.append((left_persons + SMOOTHED * overall) / (left + SMOOTHED) / overall)
            left_persons, left_others = max(0.0, left_persons - gone_persons), max(0.0, left_others - gone_others)
        return tuple(found)


class Average:
    """The mean of values, of the latest ones more; the first value replaces what was believed."""

    def __init__(self, believed: float) -> None:
        self.mean, self._count = believed, 0

    def add(self, value: float) -> None:
        self._count = min(AVERAGED, self._count + 1)
        self.mean += (value - self.mean) / self._count
