"""A voice menu as a graph, and what can be told from its shape alone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.carrier.verbs import Play, Say
from apps.ivr.kinds import KINDS

Level = Literal["wrong", "unfinished", "hint"]


@dataclass(frozen=True)
class Fault:
    """What is not right at `path` of a document ("nodes.main.options.2.to").

    "wrong" cannot be kept at all, "unfinished" can be kept and not published, a "hint" is seldom meant.
    """

    path: str
    text: str
    level: Level = "wrong"


@dataclass(frozen=True)
class Prompt:
    """Words of the node's own by language, or the `name` of a prompt of the library (in one `language`, or in all)."""

    texts: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    language: str = ""


@dataclass(frozen=True)
class Option:
    key: str
    label: str = ""
    phrases: tuple[str, ...] = ()
    to: str | None = None


@dataclass(frozen=True)
class Case:
    test: str
    value: str
    to: str | None = None


@dataclass(frozen=True)
class Result:
    """Something of a web service's answer: what stands at `path` in it is kept as `variable`."""

    variable: str
    path: str


@dataclass(frozen=True)
class Node:
    """`values` holds the fields of its kind, read; `exits` where its edges lead, None for nowhere."""

    id: str
    kind: str
    name: str
    values: Mapping[str, Any]
    exits: Mapping[str, str | None]

    def __getitem__(self, field_name: str) -> Any:
        return self.values[field_name]

    @property
    def title(self) -> str:
        return self.name or self.id

    @property
    def asks(self) -> bool:
        return KINDS[self.kind].asks

    @property
    def onward(self) -> list[tuple[str, str]]:
        """The edges that lead somewhere."""
        return [(edge, to) for edge, to in self.exits.items() if to is not None]


Sounds = Mapping[str, Mapping[str, Say | Play]]


@dataclass(frozen=True)
class Graph:
    """`languages` begins with the one that is spoken when nothing says otherwise; `sounds` is the library by name."""

    start: str
    nodes: Mapping[str, Node]
    languages: tuple[str, ...] = ("en-US",)
    sounds: Sounds = field(default_factory=dict)


def reached(graph: Graph) -> set[str]:
    """The nodes that a caller can come to."""
    seen: set[str] = set()
    ahead = [graph.start]
    while ahead:
        here = ahead.pop()
        if here in graph.nodes and here not in seen:
            seen.add(here)
            ahead += [to for _edge, to in graph.nodes[here].onward]
    return seen


def own_accord(node: Node) -> Iterator[str]:
    """Where a call goes on from `node` with a caller who does nothing."""
    for edge, to in node.onward:
        if not node.asks or edge == "otherwise" or (node.kind == "rating" and not node.exits["otherwise"]):
            yield to


def silent_ends(graph: Graph) -> list[Node]:
    """The nodes that send a call away which come without the caller's doing anything."""
    seen: set[str] = set()
    ahead, found = [graph.start], []
    while ahead:
        here = ahead.pop()
        if here in seen or here not in graph.nodes:
            continue
        seen.add(here)
        node = graph.nodes[here]
        if node.kind == "send":
            found.append(node)
        ahead += own_accord(node)
    return found


def shape_faults(graph: Graph) -> list[Fault]:
    """Nodes that nobody comes to, and circles in which a call would run without being asked anything."""
    if graph.start not in graph.nodes:
        return []
    seen = reached(graph)
    faults = [
        Fault(f"nodes.{node.id}", f"Nothing leads to “{node.title}”: callers never get there.", "hint")
        for node in graph.nodes.values()
        if node.id not in seen
    ]
    for circle in _circles({node.id: node for node in graph.nodes.values() if not node.asks}):
        names = " → ".join(f"“{graph.nodes[one].title}”" for one in [*circle, circle[0]])
        text = f"A call would go round for ever without being asked anything: {names}. Lead one of them elsewhere."
        faults.append(Fault(f"nodes.{circle[0]}", text, "unfinished"))
    return faults


def _circles(nodes: Mapping[str, Node]) -> list[list[str]]:
    """A circle for each part of `nodes` that has one: what is left when whatever leads out of it is taken away."""
    left = dict(nodes)
    shrunk = True
    while shrunk:
        ends = [one for one, node in left.items() if not _within(node, left)]
        for one in ends:
            del left[one]
        shrunk = bool(ends)
    circles = []
    while left:
        path: list[str] = []
        here = next(iter(left))
        while here not in path:
            path.append(here)
            onward = _within(left[here], left)
            if not onward:
                break
            here = onward[0]
        else:
            circles.append(path[path.index(here) :])
        for one in path:
            left.pop(one, None)
    return circles


def _within(node: Node, nodes: Collection[str]) -> list[str]:
    return [to for _edge, to in node.onward if to in nodes]


def prompts_of(node: Node) -> Iterable[tuple[str, Prompt]]:
    """The prompts of `node` by the name of their field."""
    for one in KINDS[node.kind].fields:
        if one.type == "prompt" and node[one.name] is not None:
            yield one.name, node[one.name]
