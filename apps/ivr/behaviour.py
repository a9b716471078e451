"""What each kind of node does: with an answer (`HEAR`), or on being passed (`PASS`). Pure.

Each function takes the walker of `traversal` and the node; it returns the way out, or the turn at which the walk stops.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from apps.ivr.graph import Node
from apps.ivr.speaking import fill
from apps.ivr.understanding import fits, holds, option_of
from apps.ivr.values import (
    LONGEST_VALUE,
    Cause,
    Digits,
    Ended,
    Entered,
    Failed,
    Found,
    Heard,
    Listening,
    Looking,
    Sent,
    Silence,
    Speech,
    Spoke,
    Turn,
)

if TYPE_CHECKING:
    from apps.ivr.traversal import Walker


@dataclass
class Move:
    """Out of the node by `edge`."""

    edge: str
    cause: Cause = "passed"
    key: str = ""
    label: str = ""


def told(heard: Heard) -> str:
    """The answer as it is kept in the steps."""
    return heard.keys if isinstance(heard, Digits) else heard.text if isinstance(heard, Speech) else ""


# What an answer means


def _hear_menu(walker: Walker, node: Node, heard: Heard) -> Turn | Move:
    option = option_of(node["options"], heard)
    if option is None:
        return walker.fail(node, heard)
    cause: Cause = "said" if isinstance(heard, Speech) else "pressed"
    return Move(option.key, cause, told(heard), option.label or "a choice")


def _hear_collect(walker: Walker, node: Node, heard: Heard) -> Turn | Move:
    pending = walker.position.pending
    keys = heard.keys if isinstance(heard, Digits) else ""
    if pending and keys == "1":
        return _keep(walker, node, pending)
    if pending:
        if keys == "2":
            walker.position = replace(walker.position, pending="")
            walker.note(node, Move("", "pressed", keys, "to enter again"))
            return walker.ask(node)
        return walker.fail(node, heard)
    if not fits(node, keys):
        return walker.fail(node, heard)
    if not node["confirm"]:
        return _keep(walker, node, keys)
    walker.position = replace(walker.position, pending=keys)
    walker.note(node, Move("", "pressed", keys, "to be confirmed"))
    return walker.ask(node)


def _keep(walker: Walker, node: Node, digits: str) -> Move:
    walker.variables[node["variable"]] = digits
    return Move("next", "pressed", digits, node["variable"])


def _hear_rating(walker: Walker, node: Node, heard: Heard) -> Turn | Move:
    keys = heard.keys if isinstance(heard, Digits) else ""
    if len(keys) != 1 or keys not in "0123456789" or not node["lowest"] <= int(keys) <= node["highest"]:
        return walker.fail(node, heard)
    walker.variables["rating"] = keys
    return Move("next", "pressed", keys, f"rated {keys}")


# What is passed without asking


def _pass_say(walker: Walker, node: Node, _heard: Heard) -> Move:
    walker.speak(node["prompt"])
    return Move("next")


def _pass_hours(walker: Walker, node: Node, _heard: Heard) -> Move:
    schedule = node["schedule"]
    return Move("open" if schedule is not None and walker.fact("hours", schedule["id"]) else "closed")


def _pass_caller(walker: Walker, node: Node, _heard: Heard) -> Move:
    name = "" if node["test"] == "known" else node["value"]
    return Move("yes" if walker.fact(node["test"], name) else "no")


def _pass_set(walker: Walker, node: Node, _heard: Heard) -> Move:
    walker.variables[node["variable"]] = fill(node["value"], walker.variables)[:LONGEST_VALUE]
    return Move("next")


def _pass_branch(walker: Walker, node: Node, _heard: Heard) -> Move:
    value = walker.variables.get(node["variable"], "")
    for n, case in enumerate(node["cases"]):
        if holds(case, value, fill(case.value, walker.variables)):
            return Move(f"case-{n}", label=value[:40])
    return Move("otherwise", label=value[:40])


def _pass_lookup(walker: Walker, node: Node, heard: Heard) -> Turn | Move:
    if isinstance(heard, Found):
        walker.variables |= heard.values
        return Move("next", label="an answer")
    service = node["service"]
    if isinstance(heard, Failed) or service is None:  # none only in a trial of what is not finished
        return Move("otherwise", label=heard.why if isinstance(heard, Failed) else "no service is chosen")
    if isinstance(heard, Entered):
        walker.speak(node["prompt"])
    safe = {name: quote(value, safe="") for name, value in walker.variables.items()}
    path = fill(node["path"], safe)
    return Looking(service["id"], path, node["results"], node["timeout_seconds"], tuple(walker.prompts))


def _pass_record(walker: Walker, node: Node, heard: Heard) -> Turn | Move:
    if isinstance(heard, Spoke):
        return Move("next", label="a message")
    if isinstance(heard, Digits | Speech | Silence):
        return Move("otherwise", label="nothing was said")
    walker.speak(node["prompt"])
    return Listening(tuple(walker.prompts), node["max_seconds"], node["silence_seconds"])


def _pass_sms(walker: Walker, node: Node, _heard: Heard) -> Move:
    walker.texts.append(fill(node["text"], walker.variables))
    return Move("next")


def _pass_send(walker: Walker, node: Node, _heard: Heard) -> Turn | Move:
    if node["destination"] is None:  # only in a trial of what is not finished
        return Move("unavailable")
    wanted = node["destination"]["id"]
    if walker.fact("destination", wanted):
        walker.note(node, Move(""))
        return Sent(wanted, tuple(walker.prompts))
    return Move("unavailable")


def _pass_hangup(walker: Walker, node: Node, _heard: Heard) -> Turn:
    walker.speak(node["prompt"])
    walker.note(node, Move(""))
    return Ended(tuple(walker.prompts))


HEAR = {"menu": _hear_menu, "collect": _hear_collect, "rating": _hear_rating}
PASS = {
    "say": _pass_say, "hours": _pass_hours, "caller": _pass_caller, "set": _pass_set, "branch": _pass_branch,
    "lookup": _pass_lookup, "record": _pass_record, "sms": _pass_sms, "send": _pass_send, "hangup": _pass_hangup,
}  # fmt: skip
