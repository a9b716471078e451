"""What the sandbox's ledger says about calls: the judge that knows nothing of our own tables. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Fact = Mapping[str, Any]


@dataclass
class Line:
    """One leg at the carrier. Times are seconds since the epoch, None where it did not happen."""

    sid: str
    incoming: bool
    to: str
    created: float
    pressed: float | None = None
    ringing: float | None = None
    answered: float | None = None
    ended: float | None = None
    joined: dict[str, float] = field(default_factory=dict)  # the name of a room: when it came in
    troubles: list[str] = field(default_factory=list)

    @property
    def device(self) -> str:
        """The operator's identity, for a line that rings a desk."""
        return "" if self.incoming else self.to.removeprefix("client:") if self.to.startswith("client:") else ""


def seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


class Books:
    """All lines, kept up to date fact by fact."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def read(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.take(fact)

    def take(self, fact: Fact) -> Line | None:
        """Note one fact; the line that it is about, if it is about one."""
        sid, kind, at = fact.get("call"), fact["kind"], seconds(fact["at"])
        if kind == "call.created":
            incoming = fact["direction"] == "inbound"
            self.lines[fact["call"]] = Line(fact["call"], incoming, fact["to"], at)
        line = self.lines.get(sid or "")
        if line is None:
            return None
        if kind in ("call.ringing", "call.answered", "call.ended"):
            setattr(line, kind.removeprefix("call."), at)
        elif kind == "call.pressed" and fact["taken"] and line.pressed is None:
            line.pressed = at
        elif kind == "conference.joined":
            line.joined.setdefault(fact["name"], at)
        elif kind in ("call.trouble", "sandbox.error", "script.failed"):
            line.troubles.append(f"{kind}: {fact.get('text') or fact.get('error') or ''}")
        return line

    @property
    def callers(self) -> list[Line]:
        return [line for line in self.lines.values() if line.incoming]

    def meetings(self) -> dict[str, list[Line]]:
        """Who was in each room, in the order of their coming."""
        rooms: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines.values():
            for room in line.joined:
                rooms[room].append(line)
        return {room: sorted(lines, key=lambda line: line.joined[room]) for room, lines in rooms.items()}

    def met(self, caller: Line) -> Line | None:
        """The operator's line that was in a room with this caller."""
        rooms = self.meetings()
        return next((other for room in caller.joined for other in rooms[room] if other.device), None)

    def double_offers(self) -> list[str]:
        """Operators whose device had two lines at once: rung while ringing or talking. Empty when all is well."""
        by_device: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines.values():
            if line.device:
                by_device[line.device].append(line)
        found = []
        for device, lines in by_device.items():
            lines.sort(key=lambda line: line.created)
            busy_until = 0.0
            for line in lines:
                if line.created < busy_until:
                    found.append(f"{device}: {line.sid} while another line was open")
                busy_until = max(busy_until, line.ended if line.ended is not None else float("inf"))
        return found


def together(books: Books) -> dict[str, tuple[Line, Line]]:
    """The room, its caller and its operator, for every room in which the two met."""
    found = {}
    for room, lines in books.meetings().items():
        callers, desks = [line for line in lines if line.incoming], [line for line in lines if line.device]
        if callers and desks:
            found[room] = (callers[0], desks[0])
    return found
