"""What goes into a walk through a voice menu and what comes out of it, as values (see `traversal`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from apps.carrier.verbs import Play, Say
from apps.ivr.graph import Result

MAX_STEPS = 100
"""Answers that one visit may hold: more than any person gives, so a line that presses keys for ever is let go."""
MAX_HOPS = 2000
"""Nodes passed in one breath: more than a sound menu has."""
LONGEST_VALUE = 500

Spoken = Say | Play
Variables = Mapping[str, str]
Question = tuple[str, str]
"""("hours", a schedule's id), ("known", ""), ("list", a name), ("tag", a name), ("destination", its id)."""
Facts = Mapping[Question, bool]
Cause = Literal["passed", "pressed", "said", "wrong", "silent"]


@dataclass(frozen=True)
class Entered:
    """The call comes to the node."""


@dataclass(frozen=True)
class Again:
    """The line comes back after something else spoke: the same question once more, at no cost."""


@dataclass(frozen=True)
class Digits:
    """Keys that the caller pressed, at least one."""

    keys: str


@dataclass(frozen=True)
class Speech:
    """Words that the caller said."""

    text: str


@dataclass(frozen=True)
class Silence:
    """No answer in time."""


@dataclass(frozen=True)
class Found:
    """A web service answered; `values` are the variables that are kept of it."""

    values: Variables


@dataclass(frozen=True)
class Failed:
    """A web service gave no answer that is of use; `why` in words."""

    why: str = ""


@dataclass(frozen=True)
class Spoke:
    """The caller left a message."""


Heard = Entered | Again | Digits | Speech | Silence | Found | Failed | Spoke


@dataclass(frozen=True)
class Position:
    """Where a call stands: the node, how often it failed there, digits to be confirmed, answers in all."""

    node: str
    tries: int = 0
    pending: str = ""
    answers: int = 0


@dataclass(frozen=True)
class Step:
    """One thing that happened at a node. `edge` is the way out that was taken, "" for none: it is asked again."""

    node: str
    name: str
    kind: str
    edge: str
    cause: Cause
    key: str = ""
    label: str = ""


@dataclass(frozen=True)
class Asked:
    """Play `prompts` and wait for an answer of up to `num_digits` keys, or one of the `phrases`."""

    prompts: tuple[Spoken, ...]
    timeout_seconds: int
    num_digits: int = 1
    finish_on_key: str = ""
    phrases: tuple[str, ...] = ()
    language: str = "en-US"
    attempt: int = 1
    tries: int = 1


@dataclass(frozen=True)
class Sent:
    """The call leaves for the destination with this id, after `prompts`."""

    destination: str
    prompts: tuple[Spoken, ...] = ()


@dataclass(frozen=True)
class Ended:
    """Say `prompts` and hang up. `gave_up`: the menu could not help."""

    prompts: tuple[Spoken, ...] = ()
    gave_up: bool = False


@dataclass(frozen=True)
class Looking:
    """Say `prompts`, ask the web service with this id for `path`, and walk on with what was `Found`, or `Failed`."""

    service: str
    path: str
    results: tuple[Result, ...] = ()
    timeout_seconds: int = 5
    prompts: tuple[Spoken, ...] = ()


@dataclass(frozen=True)
class Listening:
    """Say `prompts` and record what the caller says; walk on with `Spoke`, or with any other answer for nothing."""

    prompts: tuple[Spoken, ...]
    max_seconds: int
    silence_seconds: int


@dataclass(frozen=True)
class Unknown:
    """A fact is missing."""

    question: Question


Turn = Asked | Looking | Listening | Sent | Ended | Unknown


@dataclass(frozen=True)
class Walk:
    """What comes of an input: the turn, where the call stands now, and what happened on the way."""

    turn: Turn
    position: Position
    variables: Variables
    steps: tuple[Step, ...] = ()
    texts: tuple[str, ...] = ()
