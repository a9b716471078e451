"""What a voice menu does with what it hears. Pure: values in, values out; the same code serves live calls and trials.

    walk(graph, position, variables, heard, facts) -> Walk

A walk goes from node to node until it has to ask the caller something, sends the call away, or ends it. What it must
know of the world (are we open, who calls) it is told in `facts`; when one is missing the turn is `Unknown`: find it out
and walk again from the same position. Each answer that leads nowhere uses up a try; after the last one the call goes
`otherwise`, or the menu gives up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from apps.ivr import words
from apps.ivr.behaviour import HEAR, PASS, Move, told
from apps.ivr.graph import Graph, Node, Prompt
from apps.ivr.speaking import say
from apps.ivr.values import (
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
    return Walker(graph, position, dict(variables), facts or {}, language).go(heard)


def begin(graph: Graph, variables: Variables, facts: Facts | None = None, *, language: str = "") -> Walk:
    """The walk of a call that comes in."""
    return walk(graph, Position(graph.start), variables, Entered(), facts, language=language)


class _Missing(Exception):
    def __init__(self, question: Question) -> None:
        self.question = question


@dataclass
class Walker:
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
            if not isinstance(result, Move):
                return result
            self.note(node, result)
            following = node.exits.get(result.edge)
            if following is None:
                return self.give_up()
            self.position = replace(self.position, node=following, tries=0, pending="")
            node, heard = self.graph.nodes.get(following), Entered()
        return self.give_up()

    def _at(self, node: Node, heard: Heard) -> Turn | Move:
        if node.asks and isinstance(heard, Digits | Speech | Silence):
            result = HEAR[node.kind](self, node, heard)
            # Who enters and corrects for ever is let go like who answers for ever.
            endless = isinstance(result, Asked) and self.position.answers >= MAX_STEPS
            return self.give_up() if endless else result
        if node.asks and self.position.answers >= MAX_STEPS:
            return self.give_up()
        if node.asks:
            return self.ask(node)
        return PASS[node.kind](self, node, heard)

    def note(self, node: Node, move: Move) -> None:
        shown = "•" * len(move.key) if node.values.get("private") else move.key[:40]
        self.steps.append(Step(node.id, node.title, node.kind, move.edge, move.cause, shown, move.label))

    def give_up(self) -> Ended:
        return Ended((*self.prompts, words.apology(self.language)), gave_up=True)

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
            self.prompts.append(words.confirm(self.position.pending, self.language))
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

    def fail(self, node: Node, heard: Heard) -> Turn | Move:
        """An answer that leads nowhere: asked again, or after the last try `otherwise`."""
        cause: Cause = "silent" if isinstance(heard, Silence) else "wrong"
        key = told(heard)
        self.position = replace(self.position, tries=self.position.tries + 1, pending="")
        if self.position.tries < node["tries"] and self.position.answers < MAX_STEPS:
            self.note(node, Move("", cause, key))
            self.speak(node["silence_prompt" if cause == "silent" else "invalid_prompt"])
            return self.ask(node)
        edge = "next" if node.kind == "rating" and node.exits["otherwise"] is None else "otherwise"
        return Move(edge, cause, key)
