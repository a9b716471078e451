"""Telephones: the customers who call, and how a dialled number behaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..names import is_number
from .line import Line
from .scripts import Script, Step, checked

if TYPE_CHECKING:
    from ..exchange.calls import Call
    from ..exchange.network import Network

ANSWERS = {"human", "machine", "busy", "no-answer", "failed"}
DETECTION_SECONDS = {"human": 1.5, "machine": 3.0}
GREETING = "You have reached my voicemail. Please leave a message."


@dataclass
class Behaviour:
    """What happens when a number is dialled: by default somebody answers after two seconds and stays."""

    answer: str = "human"
    after_s: float = 2.0
    script: list[Step] = field(default_factory=list)
    answered_by: str = ""  # overrides what answering machine detection finds
    detect_s: float | None = None
    greeting: str = GREETING

    @classmethod
    def told(cls, data: dict[str, Any]) -> Behaviour:
        """From the control API; ValueError says what is wrong."""
        known = set(cls.__dataclass_fields__)
        if set(data) - known:
            raise ValueError(f"A phone has {', '.join(sorted(known))}, not {', '.join(sorted(set(data) - known))}.")
        if data.get("answer", "human") not in ANSWERS:
            raise ValueError(f"answer is one of {', '.join(sorted(ANSWERS))}.")
        behaviour = cls(**data)
        behaviour.script = checked(behaviour.script)
        behaviour.after_s = float(behaviour.after_s)
        return behaviour

    def view(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def detection(self, until_end: bool) -> tuple[str, float]:
        """What machine detection says and after how many seconds; `until_end` waits for the beep."""
        machine = self.answer == "machine"
        seconds = DETECTION_SECONDS["machine" if machine else "human"]
        found = "human"
        if machine:
            found = "machine_end_beep" if until_end else "machine_start"
            seconds = max(seconds, 0.06 * len(self.greeting)) if until_end else seconds
        return self.answered_by or found, self.detect_s if self.detect_s is not None else round(seconds, 2)


class Phone(Line):
    """A telephone with a script: a customer who called, or one who is called."""

    def __init__(self, call: Call, behaviour: Behaviour) -> None:
        super().__init__(call)
        self.behaviour = behaviour
        self.script = call.script = Script(call, behaviour.script)

    def ring(self) -> None:
        call, behaviour = self.call, self.behaviour
        if not is_number(call.to):
            call.end("failed", sip_code=404)
        elif behaviour.answer in ("human", "machine"):
            call.ring()
            call.after(behaviour.after_s, call.answer)
        elif behaviour.answer == "no-answer":
            call.ring()
        elif behaviour.answer == "busy":
            call.after(behaviour.after_s, lambda: call.end("busy", sip_code=486))
        else:
            call.after(behaviour.after_s, lambda: call.end("failed", sip_code=404))

    def answered(self) -> None:
        if self.call.direction == "inbound":
            return  # whoever dialled has begun already
        if self.behaviour.answer == "machine":
            self.call.after(0, lambda: self.call.speak(self.behaviour.greeting))
        self.script.begin()

    def ended(self) -> None:
        self.script.stop()

    def heard(self, entry: dict[str, Any]) -> None:
        self.script.hear(entry)


class Phones:
    """How each number behaves when it is dialled."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Behaviour] = {}

    def line(self, call: Call) -> Phone:
        """By its number, else by its last digit (the row "*7"), else as all others ("*")."""
        rows = (self.rows.get(name) for name in (call.to, f"*{call.to[-1:]}", "*"))
        return Phone(call, next(filter(None, rows), None) or Behaviour())

    def dial_in(self, *, from_: str, to: str, script: list[Step], heard: bool = False) -> Call:
        """A customer dials one of the account's numbers and goes through a script."""
        phone = Behaviour(script=script)
        call = self.network.incoming(from_=from_, to=to, line=lambda call: Phone(call, phone), heard=heard)
        call.script.begin()
        return call

    def clear(self) -> None:
        self.rows.clear()
