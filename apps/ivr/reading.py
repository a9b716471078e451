"""The document of a voice menu read into a graph, with the path of everything in it that cannot be read. Pure.

    {"format": 1, "languages": ["en-US"], "start": "main", "nodes": {"main": {"kind": "menu", ...}}}

What is missing and could still be added makes a document unfinished, everything else wrong (see `graph.Fault`). A text
stays a text: what looks like markup in it is spoken, or shown, as it stands.
"""

from __future__ import annotations

import re
from typing import Any

from apps.ivr import kinds
from apps.ivr.fields import MOST_LANGUAGES, NOT_TEXT, READERS, shown
from apps.ivr.graph import Fault, Graph, Level, Node, shape_faults
from apps.ivr.kinds import KINDS, Field

FORMAT = 1
MOST_NODES = 1000
MOST_FAULTS = 100
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def read(document: Any) -> tuple[Graph, list[Fault]]:
    """The graph of `document` and its faults, the wrong ones first. The graph holds what could be read."""
    return Reader().document(document)


class Reader:
    """Reads one document. Each method takes a path and the value there, and notes what is wrong with it."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.ids: frozenset[str] = frozenset()

    def fault(self, path: str, text: str, level: Level = "wrong") -> None:
        self.faults.append(Fault(path, text, level))

    def document(self, raw: Any) -> tuple[Graph, list[Fault]]:
        graph = Graph("", {})
        if not isinstance(raw, dict):
            self.fault("", "A voice menu is an object with “start” and “nodes”.")
            return graph, self.faults
        self._only(raw, "", {"format", "languages", "start", "nodes"})
        if raw.get("format", FORMAT) != FORMAT:
            self.fault("format", f"This is not of format {FORMAT}.")
        nodes = raw.get("nodes", {})
        if not isinstance(nodes, dict):
            self.fault("nodes", "The nodes are an object: each by its own id.")
        elif len(nodes) > MOST_NODES:
            self.fault("nodes", f"A voice menu has at most {MOST_NODES} nodes; these are {len(nodes)}.")
        else:
            self.ids = frozenset(one for one in nodes if isinstance(one, str))
            languages = self._languages(raw.get("languages", ["en-US"]))
            start = self.target("start", raw.get("start"), needed=True) or ""
            graph = Graph(start, {one: self._node(one, nodes[one]) for one in nodes}, languages)
            if not any(fault.level == "wrong" for fault in self.faults):
                self.faults += shape_faults(graph)
        order = {"wrong": 0, "unfinished": 1, "hint": 2}
        return graph, sorted(self.faults, key=lambda fault: order[fault.level])[:MOST_FAULTS]

    def _languages(self, raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_LANGUAGES:
            self.fault("languages", f"Name one to {MOST_LANGUAGES} languages, the usual one first.")
            return ("en-US",)
        for n, one in enumerate(raw):
            self.language(f"languages.{n}", one)
        return tuple(one for one in raw if isinstance(one, str)) or ("en-US",)

    def _node(self, node_id: str, raw: Any) -> Node:
        path = f"nodes.{node_id[:40]}"
        if not _ID.fullmatch(node_id):
            self.fault(path, "An id has up to 40 small letters, digits, - and _, and no - at its beginning.")
        kind = KINDS.get(str(raw.get("kind"))) if isinstance(raw, dict) else None
        if not isinstance(raw, dict):
            self.fault(path, "A node is an object with a “kind”.")
        elif kind is None:
            self.fault(f"{path}.kind", f"There is no such kind. Known are: {', '.join(KINDS)}.")
        if kind is None or not isinstance(raw, dict):
            return Node(node_id, "hangup", "", {"prompt": None}, {})
        self._only(raw, path, {"kind", "name", "at", *(one.name for one in kind.fields)})
        self._place(f"{path}.at", raw.get("at"))
        name = self.text(f"{path}.name", raw.get("name", ""), 80)
        values = {
            one.name: self._value(one, f"{path}.{one.name}", raw.get(one.name, one.default)) for one in kind.fields
        }
        self._together(kind.name, path, values)
        return Node(node_id, kind.name, name, values, _exits(kind, values))

    def _value(self, one: Field, path: str, raw: Any) -> Any:
        return READERS[one.type](self, one, path, raw)

    def _together(self, kind: str, path: str, values: dict[str, Any]) -> None:
        """What one field says about another."""
        for low, high in (("min_digits", "max_digits"), ("lowest", "highest")):
            if low in values and values[low] > values[high]:
                self.fault(f"{path}.{high}", "This is less than the number before it.")
        if kind == "caller" and values["test"] in ("list", "tag") and not values["value"]:
            self.fault(f"{path}.value", "Say which list or tag.", "unfinished")

    def _only(self, raw: dict[str, Any], path: str, known: set[str]) -> None:
        for name in raw:
            if name not in known:
                self.fault(f"{path}.{shown(name, 40)}".strip("."), "There is no such field here.")

    def _place(self, path: str, raw: Any) -> None:
        """Where the builder draws the node."""
        good = raw is None or (
            isinstance(raw, list)
            and len(raw) == 2
            and all(isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e6 for one in raw)
        )
        if not good:
            self.fault(path, "A place is two numbers, below a million.")

    def target(self, path: str, raw: Any, *, needed: bool) -> str | None:
        if raw is None:
            if needed:
                self.fault(path, "Nothing is chosen: say where the call goes on.", "unfinished")
            return None
        if not isinstance(raw, str) or raw not in self.ids:
            self.fault(path, "There is no node with this id.")
            return None
        return raw

    def text(self, path: str, raw: Any, longest: int, *, needed: bool = False) -> str:
        if not isinstance(raw, str):
            self.fault(path, "This is a text.")
            return ""
        if len(raw) > longest:
            self.fault(path, f"At most {longest} characters; these are {len(raw)}.")
        if NOT_TEXT.search(raw):
            self.fault(path, "This holds a control character, which cannot be spoken.")
            return ""
        if needed and not raw.strip():
            self.fault(path, "This is empty: write something.", "unfinished")
        return raw

    def language(self, path: str, raw: Any) -> str:
        if not isinstance(raw, str) or not _LANGUAGE.fullmatch(raw):
            self.fault(path, "A language is written as en-US or es-MX.")
            return ""
        return raw

    def rows(self, path: str, raw: Any, most: int) -> list[tuple[str, Any]]:
        """The things in a list, each with its path."""
        if not isinstance(raw, list) or len(raw) > most:
            self.fault(path, f"This is a list of at most {most}.")
            return []
        return [(f"{path}.{n}", one) for n, one in enumerate(raw)]

    def object(self, path: str, raw: Any, known: set[str]) -> dict[str, Any]:
        if not isinstance(raw, dict):
            self.fault(path, f"This is an object with {', '.join(sorted(known))}.")
            return {}
        self._only(raw, path, known)
        return raw


def _exits(kind: kinds.Kind, values: dict[str, Any]) -> dict[str, str | None]:
    exits: dict[str, str | None] = {one.key: one.to for one in values.get("options") or ()}
    exits |= {f"case-{n}": one.to for n, one in enumerate(values.get("cases") or ())}
    return exits | {one.name: values[one.name] for one in kind.targets}
