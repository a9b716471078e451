"""Loops between destinations: found before they are saved, because a call in one would never end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.core.refused import Refused
from apps.destinations import kinds
from apps.destinations.models import Destination

Replacing = Mapping[int, Sequence[Destination]]


def find_loop(start: Destination, *, replacing: Replacing | None = None) -> list[Destination] | None:
    """The first circle that a call entering at `start` could run in without anybody's doing, or None.

    `replacing` gives, by primary key, the targets that a destination is about to have instead of its present ones.
    The answer begins and ends with the same destination.
    """
    replacing = replacing or {}
    done: set[int] = set()
    path: list[Destination] = []

    def walk(here: Destination) -> list[Destination] | None:
        for index, passed in enumerate(path):
            if passed.pk == here.pk:
                return [*path[index:], here]
        if here.pk in done:
            return None
        path.append(here)
        for target in _targets(here, replacing):
            if loop := walk(target):
                return loop
        path.pop()
        done.add(here.pk)
        return None

    return walk(start)


def refuse_loop(start: Destination, *, replacing: Replacing | None = None) -> None:
    """Raise Refused, naming the circle, when `find_loop` finds one."""
    loop = find_loop(start, replacing=replacing)
    if loop:
        raise Refused(
            f"Calls would run in a circle: {in_words(loop)}. Choose another destination for one of them.", code="loop"
        )


def in_words(path: Sequence[Destination]) -> str:
    """The path as people read it: Support → Sales → Support."""
    return " → ".join(destination.label for destination in path)


def _targets(here: Destination, replacing: Replacing) -> list[Destination]:
    if here.pk in replacing:
        return list(replacing[here.pk])
    return [target for target, _words in kinds.edges(here)]
