"""The kinds of destinations, declared by the apps that own them: a new kind needs no migration down here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.destinations.models import Destination

Edges = Callable[["Destination"], Iterable[tuple["Destination", str]]]

NUMBER = "number"
ENDING = "ending"


@dataclass(frozen=True)
class Kind:
    """`edges` gives where a call goes on *by itself* from a destination of this kind, with words for it ("when full").

    What a caller chooses in a menu is not an edge: a loop through it stops when the caller likes. A key pressed while
    waiting in a queue is one: who comes round to the same queue by it has lost the place for nothing.
    """

    name: str
    label: str
    edges: Edges


_kinds: dict[str, Kind] = {}


def _nowhere(destination: Destination) -> Iterable[tuple[Destination, str]]:
    return ()


def register(kind: str, *, label: str, edges: Edges = _nowhere) -> None:
    """Declare a kind, from the owner's AppConfig.ready. Raises ValueError when another app has taken the name."""
    taken = _kinds.get(kind)
    if taken is not None and taken.label != label:
        raise ValueError(f"Destination kind {kind} is declared twice.")
    _kinds[kind] = Kind(kind, label, edges)


def is_known(kind: str) -> bool:
    return kind in _kinds


def label(kind: str) -> str:
    """What people call the kind: "Voice menu" for "flow"."""
    words = _kinds[kind].label if kind in _kinds else kind.replace("_", " ")
    return words[:1].upper() + words[1:]


def choices() -> list[tuple[str, str]]:
    """All kinds with their labels, by label."""
    return sorted(((name, label(name)) for name in _kinds), key=lambda pair: pair[1])


def edges(destination: Destination) -> list[tuple[Destination, str]]:
    """Where calls go on by themselves from `destination`, with words; nothing for a kind that nobody declared."""
    kind = _kinds.get(destination.kind)
    return list(kind.edges(destination)) if kind else []
