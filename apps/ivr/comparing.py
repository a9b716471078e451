"""What is different between two documents of a voice menu. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST = 500


@dataclass(frozen=True)
class Change:
    """`before` None: it is new; `after` None: it is gone. Values are shown as texts."""

    path: str
    before: str | None
    after: str | None


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """The differences by path, at most 500. Where a node is drawn is none."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    found = [
        Change(path, before.get(path), after.get(path))
        for path in sorted({**before, **after})
        if before.get(path) != after.get(path)
    ]
    return found[:MOST]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each single value with its path; what is empty does not count."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "at":
                yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{n}")
    elif value not in (None, ""):
        yield path, str(value)
