"""What a voice menu does with what it hears. Pure: values in, values out; the same code serves live calls and trials.

    walk(graph, position, variables, heard, facts) -> Walk

A walk goes from node to node until it has to ask the caller something, sends the call away, or ends it. What it must
know of the world (are we open, who calls) it is told in `facts`; when one is missing the turn is `Unknown`: find it out
and walk again from the same position. Each answer that leads nowhere uses up a try; after the last one the call goes
`otherwise`, or the menu gives up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from apps.carrier.verbs import Say
from apps.ivr import words
from apps.ivr.graph import Graph, Node, Prompt
from apps.ivr.speaking import fill, say
from apps.ivr.understanding import fits, holds, option_of
from apps.ivr.values import (
    LONGEST_VALUE,
    MAX_HOPS,
    MAX_STEPS,
    Asked,
    Cause,
    Digits,
    Ended,
    Entered,
    Facts,
    Heard,
    Position,
    Question,
    Sent,
    Silence,
    Speech,
    Spoken,
    Step,
    Turn,
    Unknown,
    Variables,
    Walk,
)  # fmt: skip


def walk(
    graph: Graph,
    position: Position,
    variables: Variables,
    heard: Heard,
    facts: Facts | None = None,
    *,
    language: str = "",
) -> Walk:
    """The walk from `position` on hearing `heard`. `language` is the caller's; the variable of that name overrules it.

    `texts` of the answer are text messages to the caller, in their order.
    """
    return _Walker(graph, position, dict(variables), facts or {}, language).go(heard)


def begin(graph: Graph, variables: Variables, facts: Facts | None = None, *, language: str = "") -> Walk:
    """The walk of a call that comes in."""
    return walk(graph, Position(graph.start), variables, Entered(), facts, language=language)


class _Missing(Exception):
    def __init__(self, question: Question) -> None:
        self.question = question


@dataclass
class _Move:
    """Out of the node by `edge`."""

    edge: str
    cause: Cause = "passed"
    key: str = ""
    label: str = ""


@dataclass
class _Walker:
    graph: Graph
    position: Position
    variables: dict[str, str]
    facts: Facts
    caller_language: str
    prompts: list[Spoken] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def go(self, heard: Heard) -> Walk:
        before, variables = self.position, dict(self.variables)
        try:
            turn = self._turn(heard)
        except _Missing as missing:
            return Walk(Unknown(missing.question), before, variables)
        return Walk(turn, self.position, self.variables, tuple(self.steps), tuple(self.texts))

    def _turn(self, heard: Heard) -> Turn:
        node = self.graph.nodes.get(self.position.node)
        if isinstance(heard, Digits | Speech | Silence):
            self.position = replace(self.position, answers=self.position.answers + 1)
        for _hop in range(MAX_HOPS):
            if node is None:
                return self.give_up()
            result = self._at(node, heard)
            if not isinstance(result, _Move):
                return result
            self.note(node, result)
            following = node.exits.get(result.edge)
            if following is None:
                return self.give_up()
            self.position = replace(self.position, node=following, tries=0, pending="")
            node, heard = self.graph.nodes.get(following), Entered()
        return self.give_up()

    def _at(self, node: Node, heard: Heard) -> Turn | _Move:
        if node.asks and isinstance(heard, Digits | Speech | Silence):
            return _HEAR[node.kind](self, node, heard)
        if node.asks and self.position.answers >= MAX_STEPS:
            return self.give_up()
        if node.asks:
            return self.ask(node)
        return _PASS[node.kind](self, node)

    def note(self, node: Node, move: _Move) -> None:
        shown = "•" * len(move.key) if node.values.get("private") else move.key[:40]
        self.steps.append(Step(node.id, node.title, node.kind, move.edge, move.cause, shown, move.label))

    def give_up(self) -> Ended:
        return Ended((*self.prompts, Say(words.APOLOGY, "en-US")), gave_up=True)

    def fact(self, subject: str, name: str = "") -> bool:
        if (subject, name) not in self.facts:
            raise _Missing((subject, name))
        return self.facts[subject, name]

    # Speaking

    @property
    def language(self) -> str:
        return self.variables.get("language") or self.caller_language or self.graph.languages[0]

    def speak(self, prompt: Prompt | None) -> None:
        verb = say(self.graph, prompt, self.language, self.variables) if prompt else None
        if verb is not None:
            self.prompts.append(verb)

    def ask(self, node: Node) -> Asked:
        if self.position.pending:
            said = words.CONFIRM_DIGITS.format(digits=" ".join(self.position.pending))
            self.prompts.append(Say(said, "en-US"))
            return self._asked(node, 1, "")
        self.speak(node["prompt"])
        if node.kind == "collect":
            return self._asked(node, node["max_digits"], node["finish_on_key"])
        phrases = tuple(phrase for option in node.values.get("options", ()) for phrase in option.phrases)
        return self._asked(node, 1, "", phrases)

    def _asked(self, node: Node, num_digits: int, last: str, phrases: tuple[str, ...] = ()) -> Asked:
        return Asked(
            tuple(self.prompts), node["timeout_seconds"], num_digits, last, phrases, self.language,
            self.position.tries + 1, node["tries"],
        )  # fmt: skip

    def fail(self, node: Node, heard: Heard) -> Turn | _Move:
        """An answer that leads nowhere: asked again, or after the last try `otherwise`."""
        cause: Cause = "silent" if isinstance(heard, Silence) else "wrong"
        key = _told(heard)
        self.position = replace(self.position, tries=self.position.tries + 1, pending="")
        if self.position.tries < node["tries"] and self.position.answers < MAX_STEPS:
            self.note(node, _Move("", cause, key))
            self.speak(node["silence_prompt" if cause == "silent" else "invalid_prompt"])
            return self.ask(node)
        edge = "next" if node.kind == "rating" and node.exits["otherwise"] is None else "otherwise"
        return _Move(edge, cause, key)


def _told(heard: Heard) -> str:
    return heard.keys if isinstance(heard, Digits) else heard.text if isinstance(heard, Speech) else ""


# What an answer means


def _hear_menu(walker: _Walker, node: Node, heard: Heard) -> Turn | _Move:
    option = option_of(node["options"], heard)
    if option is None:
        return walker.fail(node, heard)
    cause: Cause = "said" if isinstance(heard, Speech) else "pressed"
    return _Move(option.key, cause, _told(heard), option.label or "a choice")


def _hear_collect(walker: _Walker, node: Node, heard: Heard) -> Turn | _Move:
    pending = walker.position.pending
    keys = heard.keys if isinstance(heard, Digits) else ""
    if pending and keys == "1":
        return _keep(walker, node, pending)
    if pending:
        if keys == "2":
            walker.position = replace(walker.position, pending="")
            walker.note(node, _Move("", "pressed", keys, "to enter again"))
            return walker.ask(node)
        return walker.fail(node, heard)
    if not fits(node, keys):
        return walker.fail(node, heard)
    if not node["confirm"]:
        return _keep(walker, node, keys)
    walker.position = replace(walker.position, pending=keys)
    walker.note(node, _Move("", "pressed", keys, "to be confirmed"))
    return walker.ask(node)


def _keep(walker: _Walker, node: Node, digits: str) -> _Move:
    walker.variables[node["variable"]] = digits
    return _Move("next", "pressed", digits, node["variable"])


def _hear_rating(walker: _Walker, node: Node, heard: Heard) -> Turn | _Move:
    keys = heard.keys if isinstance(heard, Digits) else ""
    if len(keys) != 1 or keys not in "0123456789" or not node["lowest"] <= int(keys) <= node["highest"]:
        return walker.fail(node, heard)
    walker.variables["rating"] = keys
    return _Move("next", "pressed", keys, f"rated {keys}")


# What is passed without asking


def _pass_say(walker: _Walker, node: Node) -> _Move:
    walker.speak(node["prompt"])
    return _Move("next")


def _pass_hours(walker: _Walker, node: Node) -> _Move:
    schedule = node["schedule"]
    return _Move("open" if schedule is not None and walker.fact("hours", schedule["id"]) else "closed")


def _pass_caller(walker: _Walker, node: Node) -> _Move:
    name = "" if node["test"] == "known" else node["value"]
    return _Move("yes" if walker.fact(node["test"], name) else "no")


def _pass_set(walker: _Walker, node: Node) -> _Move:
    walker.variables[node["variable"]] = fill(node["value"], walker.variables)[:LONGEST_VALUE]
    return _Move("next")


def _pass_branch(walker: _Walker, node: Node) -> _Move:
    value = walker.variables.get(node["variable"], "")
    for n, case in enumerate(node["cases"]):
        if holds(case, value, fill(case.value, walker.variables)):
            return _Move(f"case-{n}", label=value[:40])
    return _Move("otherwise", label=value[:40])


def _pass_sms(walker: _Walker, node: Node) -> _Move:
    walker.texts.append(fill(node["text"], walker.variables))
    return _Move("next")


def _pass_send(walker: _Walker, node: Node) -> Turn | _Move:
    if node["destination"] is None:  # only in a trial of what is not finished
        return _Move("unavailable")
    wanted = node["destination"]["id"]
    if walker.fact("destination", wanted):
        walker.note(node, _Move(""))
        return Sent(wanted, tuple(walker.prompts))
    return _Move("unavailable")


def _pass_hangup(walker: _Walker, node: Node) -> Turn:
    walker.speak(node["prompt"])
    walker.note(node, _Move(""))
    return Ended(tuple(walker.prompts))


_HEAR = {"menu": _hear_menu, "collect": _hear_collect, "rating": _hear_rating}
_PASS = {
    "say": _pass_say, "hours": _pass_hours, "caller": _pass_caller, "set": _pass_set, "branch": _pass_branch,
    "sms": _pass_sms, "send": _pass_send, "hangup": _pass_hangup,
}  # fmt: skip
