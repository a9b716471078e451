"""What comes after a verb."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


@dataclass
class Jump:
    """Ask this address for the next document; control does not come back."""

    url: str
    method: str = "POST"
    params: dict[str, str] = field(default_factory=dict)
    kind: str = "voice"


@dataclass
class Inline:
    """A document that was given with the request."""

    twiml: str


class Ending(Enum):
    DONE = "the document ran out"
    HANGUP = "the call shall end"
    LEAVE = "the caller leaves the queue"


Step = Jump | Inline
Outcome = Jump | Ending
