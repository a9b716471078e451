"""Small pictures of a report, as shapes for an SVG of 720 x 160. Pure: numbers in, shapes out; the template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 160.0


@dataclass(frozen=True)
class Bar:
    """One part of a column. `kind` names its colour."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    words: str


@dataclass(frozen=True)
class Chart:
    """A picture with its name and the words of its sides. `rule`: the height of a line to reach, if there is one."""

    name: str
    bars: list[Bar]
    top: str
    first: str
    last: str
    kinds: list[tuple[str, str]]
    rule: float | None = None
    rule_words: str = ""

    @property
    def empty(self) -> bool:
        return not self.bars


def columns(
    name: str, labels: Sequence[str], parts: Sequence[tuple[str, str, Sequence[float | None]]], *,
    top: float | None = None, unit: str = "", rule: float | None = None,
) -> Chart:  # fmt: skip
    """A column for each label; `parts` are (colour, words, a value for each label), stacked from below.

    `top` is the value at the upper edge (None: the highest column); `rule` the value of a line across.
    """
    sums = [sum(values[n] or 0 for _kind, _words, values in parts) for n in range(len(labels))]
    most = top or max(sums, default=0)
    step = WIDTH / max(1, len(labels))
    bars: list[Bar] = []
    for n, label in enumerate(labels) if most > 0 else ():
        floor = HEIGHT
        for kind, words, values in parts:
            value = values[n]
            if not value:
                continue
            height = min(HEIGHT, HEIGHT * value / most)
            floor -= height
            bars.append(
                Bar(
                    round(n * step + step * 0.12, 2), round(max(0.0, floor), 2), round(step * 0.76, 2),
                    round(height, 2), kind, f"{label}: {_shown(value)}{unit} {words}",
                )
            )  # fmt: skip
    ends = (labels[0], labels[-1]) if labels else ("", "")
    return Chart(
        name, bars, f"{_shown(most)}{unit}" if most else "", *ends,
        [(kind, words) for kind, words, _values in parts],
        None if rule is None or not most else round(HEIGHT - HEIGHT * rule / most, 2),
        "" if rule is None else f"wanted: {_shown(rule)}{unit}",
    )  # fmt: skip


def _shown(value: float) -> str:
    return f"{value:g}" if value == round(value) else f"{value:.1f}"
