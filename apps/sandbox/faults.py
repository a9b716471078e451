"""Faults that tests switch on: what a real network does on a bad day, made repeatable by a seed."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

KNOWN = {"latency_ms", "error_rate", "too_many_rate", "lost_answers", "fail_next", "callbacks", "seed"}
KNOWN_CALLBACKS = {"late_s", "duplicate_rate", "reorder", "lost_rate", "lost_early_rate"}
EARLY = {"initiated", "ringing"}


@dataclass
class Fate:
    """What happens to one status callback."""

    delay: float = 0.0
    copies: int = 1


@dataclass
class Faults:
    """All off unless told; `told` is what the control API shows."""

    told: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = (set(self.told) - KNOWN) | (set(self.told.get("callbacks") or {}) - KNOWN_CALLBACKS)
        if unknown:
            raise ValueError(f"Unknown fault: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(KNOWN))}.")
        self._random = random.Random(self.told.get("seed", 0))
        self._lost = self.told.get("lost_answers") or 0
        self._failing = [dict(each) for each in self.told.get("fail_next") or []]
        self._callbacks = self.told.get("callbacks") or {}

    @property
    def latency(self) -> float:
        """Seconds by which every REST answer is late, in real time."""
        return float(self.told.get("latency_ms") or 0) / 1000

    def refusal(self, path: str) -> tuple[int, int] | None:
        """HTTP status and error code by which this REST request fails without being carried out, or None."""
        for each in self._failing:
            if re.search(each.get("path", ""), path):
                self._failing.remove(each)
                return int(each.get("status", 500)), int(each.get("code", 20500))
        if self._chance(self.told.get("error_rate")):
            return 503, 20503
        if self._chance(self.told.get("too_many_rate")):
            return 429, 20429
        return None

    def loses_answer(self, method: str, path: str) -> bool:
        """True when the request is carried out but its answer never arrives.

        `lost_answers` is a share below 1, a number of writes, or {"path": regex, "times": n}.
        """
        if method == "GET" or not self._lost:
            return False
        if isinstance(self._lost, dict):
            if self._lost.get("times", 1) < 1 or not re.search(self._lost.get("path", ""), path):
                return False
            self._lost = self._lost | {"times": self._lost.get("times", 1) - 1}
            return True
        if self._lost < 1:
            return self._chance(self._lost)
        self._lost -= 1
        return True

    def fate(self, status: str = "") -> Fate:
        """Draw what happens to the next status callback, which reports a call that is `status`."""
        told = self._callbacks
        if not told:
            return Fate()
        if self._chance(told.get("lost_rate")) or (status in EARLY and self._chance(told.get("lost_early_rate"))):
            return Fate(copies=0)
        delay = float(told.get("late_s") or 0)
        if told.get("reorder") and self._chance(0.5):
            delay += 0.5 + 2 * self._random.random()
        return Fate(delay=delay, copies=2 if self._chance(told.get("duplicate_rate")) else 1)

    def _chance(self, rate: Any) -> bool:
        return bool(rate) and self._random.random() < float(rate)
