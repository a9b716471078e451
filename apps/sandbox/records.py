"""Two books: the journal of every webhook sent, and the ledger of what really happened."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any

KEPT = 20_000


class Book:
    """Numbered entries, oldest first; the newest KEPT stay in memory, all of them in the file where there is one."""

    def __init__(self, path: Path | None = None) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._next = 1
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, entry: dict[str, Any]) -> dict[str, Any]:
        entry = {"id": self._next} | entry
        self._next += 1
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        return entry

    def after(self, number: int, limit: int = 10_000) -> list[dict[str, Any]]:
        """Entries with an id above `number`, at most `limit`."""
        if not self._entries:
            return []
        skip = max(0, number - self._entries[0]["id"] + 1)
        return [self._entries[i] for i in range(skip, min(len(self._entries), skip + limit))]

    def clear(self) -> None:
        """Forget what is in memory; the numbers go on, so that no reader misses an entry."""
        self._entries.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
