"""What may be different since one looked last. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Self

Topic = tuple[str, int]  # a kind of row and its key: ("call", 7)


@dataclass
class Touched:
    """Keys of calls, operators, queues (their settings, their members), places in queues and campaigns, with their
    clients."""

    clients: set[int] = field(default_factory=set)
    call: set[int] = field(default_factory=set)
    operator: set[int] = field(default_factory=set)
    queue: set[int] = field(default_factory=set)
    entry: set[int] = field(default_factory=set)
    campaign: set[int] = field(default_factory=set)

    def add(self, client_id: int, topics: Iterable[Topic]) -> None:
        self.clients.add(client_id)
        for kind, key in topics:
            getattr(self, kind).add(key)

    def merge(self, other: Touched) -> None:
        for each in fields(self):
            getattr(self, each.name).update(getattr(other, each.name))

    def __bool__(self) -> bool:
        return bool(self.clients)

    def dumps(self) -> str:
        """As it travels between processes."""
        return json.dumps({each.name: sorted(getattr(self, each.name)) for each in fields(self)})

    @classmethod
    def loads(cls, text: str | bytes) -> Self:
        """Raises ValueError or TypeError for what `dumps` did not write."""
        return cls(**{name: set(keys) for name, keys in json.loads(text).items()})
