"""What a voice menu does with what it hears. Pure: values in, values out; the same code serves live calls and trials.

A menu is asked up to `tries` times. A key that it knows leads on and forgives what went before; a wrong key or silence
uses up a try; after the last one the call goes `otherwise`, or the menu gives up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MAX_STEPS = 100
"""Answers that one visit may hold: more than any person gives, so a line that presses keys for ever is let go."""


@dataclass(frozen=True)
class Digits:
    """Keys that the caller pressed, at least one."""

    keys: str


@dataclass(frozen=True)
class Silence:
    """No key in time."""


Heard = Digits | Silence


@dataclass(frozen=True)
class OptionView:
    """A key and the one place where it leads: a destination or another menu (their keys in the database)."""

    key: str
    label: str = ""
    destination: int | None = None
    menu: int | None = None


@dataclass(frozen=True)
class MenuView:
    """A question as the traversal sees it."""

    pk: int
    tries: int
    options: tuple[OptionView, ...] = ()
    otherwise: int | None = None

    def option(self, keys: str) -> OptionView | None:
        return next((option for option in self.options if option.key == keys), None)


@dataclass(frozen=True)
class Outcome:
    """What comes next, and why.

    "menu": ask `menu`, where `tries` answers have failed so far. "destination": the call leaves for `destination`.
    "give_up": there is nowhere left to go. `cause` is what was heard: a known key, a wrong one, or nothing.
    """

    kind: Literal["menu", "destination", "give_up"]
    cause: Literal["pressed", "wrong", "silent"]
    menu: int | None = None
    tries: int = 0
    destination: int | None = None
    option: OptionView | None = None


def step(menu: MenuView, tries: int, heard: Heard, *, steps: int = 0) -> Outcome:
    """The outcome of hearing `heard` in `menu`, where `tries` answers have failed and `steps` were given in all."""
    option = menu.option(heard.keys) if isinstance(heard, Digits) else None
    cause: Literal["wrong", "silent"] = "wrong" if isinstance(heard, Digits) else "silent"
    if option is not None and option.destination is not None:
        return Outcome("destination", "pressed", destination=option.destination, option=option)
    if option is not None and option.menu is not None and steps + 1 < MAX_STEPS:
        return Outcome("menu", "pressed", menu=option.menu, option=option)
    if option is None and tries + 1 < menu.tries and steps + 1 < MAX_STEPS:
        return Outcome("menu", cause, menu=menu.pk, tries=tries + 1)
    return last_resort(menu, "pressed" if option else cause)


def last_resort(menu: MenuView, cause: Literal["pressed", "wrong", "silent"]) -> Outcome:
    """Where `menu` sends a call that it cannot help."""
    if menu.otherwise is not None:
        return Outcome("destination", cause, destination=menu.otherwise)
    return Outcome("give_up", cause)
