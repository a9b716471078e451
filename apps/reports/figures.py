"""The figures of one row of a report: plain sums that can be added, and what follows from them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import Any, Self

from apps.queues.stats import Tally


class Summable:
    """A dataclass of numbers, of which many can be added up."""

    @classmethod
    def sum(cls, rows: Iterable[Self]) -> Self:
        columns = zip(*map(_getter(cls), rows), strict=True)
        return cls(*map(sum, columns))


@cache
def _getter(of: type) -> attrgetter[tuple[Any, ...]]:
    """What reads all the numbers of such a row: asking the class for its fields each time costs more than the sum."""
    return attrgetter(*(each.name for each in fields(of)))


@dataclass(frozen=True)
class Work(Summable):
    """What operators did, in seconds within the interval, and what they were offered. Can be added.

    conversation: from taking a call of a queue to its end; hold: the part of it with the customer on hold. wrap_up;
    desk: calls from the desk, dialling included. preview: looking at a campaign's contact before the call. idle:
    available and held by nothing. planned: within the shift; adherent: of it, available or held by a call or wrap-up.

    offers: rung for a caller; accepted, missed, declined, withdrawn: what became of them. conversations: with callers
    who joined in the interval; handle: their conversation and wrap-up in full, wherever it fell.
    """

    conversation: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    desk: float = 0.0
    preview: float = 0.0
    idle: float = 0.0
    planned: float = 0.0
    adherent: float = 0.0
    handle: float = 0.0
    conversations: int = 0
    offers: int = 0
    accepted: int = 0
    missed: int = 0
    declined: int = 0
    withdrawn: int = 0


@dataclass(frozen=True)
class Staff(Summable):
    """What those who may be judged together had to do: the work of a queue's members, wherever it came from."""

    handling: float = 0.0
    idle: float = 0.0
    planned: float = 0.0
    adherent: float = 0.0

    @classmethod
    def of(cls, work: Work) -> Staff:
        handling = work.conversation + work.wrap_up + work.desk + work.preview
        return cls(handling, work.idle, work.planned, work.adherent)

    @property
    def occupancy(self) -> float | None:
        """0 to 1; None when there was neither work nor anybody idle."""
        return share(self.handling, self.handling + self.idle)

    @property
    def adherence(self) -> float | None:
        """0 to 1; None when nothing was planned."""
        return share(self.adherent, self.planned)


@dataclass(frozen=True)
class Row:
    """Callers, work and staff of one subject, or of several, in one interval, or in several. Can be added.

    `presence` holds seconds by ("available" | "on_break" | "offline", name of the break's reason or ""). `operators`
    are the keys of those who took a call.
    """

    tally: Tally = field(default_factory=Tally)
    work: Work = field(default_factory=Work)
    staff: Staff = field(default_factory=Staff)
    presence: Mapping[tuple[str, str], float] = field(default_factory=dict)
    operators: frozenset[int] = frozenset()

    @classmethod
    def sum(cls, rows: Iterable[Row]) -> Row:
        parts = list(rows)
        if len(parts) == 1:
            return parts[0]
        presence: dict[tuple[str, str], float] = defaultdict(float)
        for row in parts:
            for key, seconds in row.presence.items():
                presence[key] += seconds
        return cls(
            Tally.sum(row.tally for row in parts), Work.sum(row.work for row in parts),
            Staff.sum(row.staff for row in parts), dict(presence),
            frozenset().union(*(row.operators for row in parts)),
        )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Every figure by the key of its definition; None where there is nothing to tell."""
        tally, work, staff = self.tally, self.work, self.staff
        counted = (
            "offered", "answered", "abandoned", "short_abandoned", "overflowed", "moved", "expired", "in_line",
            "callbacks", "callbacks_done", "service_level_percent", "average_answer_seconds",
        )  # fmt: skip
        return {
            **{name: getattr(tally, name) for name in counted},
            "longest_wait_seconds": tally.longest_wait_seconds if tally.waits else None,
            **{name: getattr(work, name) for name in ("offers", "accepted", "missed", "declined", "withdrawn")},
            "talk_seconds": round(work.conversation - work.hold),
            "hold_seconds": round(work.hold),
            "wrap_up_seconds": round(work.wrap_up),
            "desk_seconds": round(work.desk),
            "preview_seconds": round(work.preview),
            "average_handle_seconds": round(work.handle / work.conversations, 1) if work.conversations else None,
            "calls_per_operator": round(tally.answered / len(self.operators), 1) if self.operators else None,
            "occupancy_percent": percent(staff.occupancy),
            "adherence_percent": percent(staff.adherence),
            "available_seconds": round(self._in("available")),
            "break_seconds": round(self._in("on_break")),
        }

    def breaks(self) -> dict[str, int]:
        """Seconds on breaks by the name of the reason, "" without one."""
        found = {reason: round(seconds) for (presence, reason), seconds in self.presence.items() if _away(presence)}
        return dict(sorted(found.items()))

    def _in(self, presence: str) -> float:
        return sum(seconds for (each, _reason), seconds in self.presence.items() if each == presence)


def _away(presence: str) -> bool:
    return presence == "on_break"


def share(part: float, whole: float) -> float | None:
    """`part` of `whole`, 0 to 1; None of nothing."""
    return min(1.0, part / whole) if whole > 0 else None


def percent(part: float | None) -> float | None:
    return None if part is None else round(100 * part, 1)
