"""What one more call would cost: exact odds of a small model of the floor.

The model: of `operators` some are busy; each of d calls in the air ends at rate 1, and then a person is on the line
with probability `answer_rate`; each busy operator comes back at rate `comes_back` (in units of a mean ring time). A
person who finds everybody busy is lost. Nothing more is dialled. A(b, d) are the losses to be expected then:

    A(b, d) (d + b r) = d [p (lost + A(b + 1, d - 1)) + (1 - p) A(b, d - 1)] + b r A(b - 1, d)

and the price of one more call is what it adds to them, for each person that it brings: (A(b, d + 1) - A(b, d)) / p,
from 0 (surely somebody is free) to 1. It counts also what the new call takes from the others.
"""

from __future__ import annotations

from array import array
from functools import lru_cache

# A larger floor is judged as one of this size with the same shares busy and dialling. That errs on the careful side:
# chance weighs more on a small floor.
LARGEST = 120


class Prices:
    """The prices of one floor. Columns are made when first asked for."""

    def __init__(self, operators: int, answer_rate: float, comes_back: float) -> None:
        self._operators, self._p, self._back = operators, answer_rate, comes_back
        self._losses = array("d", [0.0] * (operators + 1))  # A(., d) of the last d
        self._columns: list[array[float]] = []

    def price(self, busy: int, dialling: int) -> float:
        """Of one call more than `dialling`."""
        while len(self._columns) <= dialling:
            self._add_column()
        return self._columns[dialling][busy]

    def _add_column(self) -> None:
        last, p, back, operators = self._losses, self._p, self._back, self._operators
        d = len(self._columns) + 1
        found = array("d", last)
        below = 0.0
        for busy in range(operators + 1):
            full = busy == operators
            person = 1.0 + last[busy] if full else last[busy + 1]
            below = (d * (p * person + (1 - p) * last[busy]) + busy * back * below) / (d + busy * back)
            found[busy] = below
        self._columns.append(array("d", [(new - old) / p for new, old in zip(found, last, strict=True)]))
        self._losses = found


@lru_cache(maxsize=128)
def prices(operators: int, answer_rate_step: int, comes_back_step: int) -> Prices:
    """Of a floor whose figures are steps on a scale of ratios (see `step`), so that few tables serve all."""
    return Prices(operators, min(1.0, STEP**answer_rate_step), STEP**comes_back_step)


STEP = 1.04
