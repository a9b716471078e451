"""Twilio's debugger: errors and warnings that a document or a webhook caused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..names import new_sid

if TYPE_CHECKING:
    from .calls import Call
    from .network import Network

KEPT = 2000
ERROR, WARNING = "0", "1"


@dataclass
class Notice:
    call_sid: str
    code: int
    level: str
    text: str
    url: str
    at: float
    sid: str = field(default_factory=lambda: new_sid("NO"))


class Notices:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Notice] = {}

    def add(self, call: Call, code: int, text: str, url: str = "", *, level: str = ERROR) -> None:
        """Keep a notice and show it in the call's events."""
        notice = Notice(call.sid, code, level, text, url, self.network.clock.now())
        self.rows[notice.sid] = notice
        if len(self.rows) > KEPT:
            del self.rows[next(iter(self.rows))]
        call.note("call.trouble" if level == ERROR else "call.warning", code=code, text=text, url=url)

    def clear(self) -> None:
        self.rows.clear()
