"""Trying a voice menu without a call: the very code of live calls, with answers that somebody gives on a page.

A trial keeps nothing: it is played again from its beginning with each answer. One that is kept becomes a test case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from apps.clients.models import Client
from apps.core.refused import Refused
from apps.ivr import references, versions
from apps.ivr.graph import Graph
from apps.ivr.lookups import Lookups
from apps.ivr.models import Flow, FlowCase
from apps.ivr.values import (
    LONGEST_VALUE,
    MAX_STEPS,
    Asked,
    Digits,
    Ended,
    Entered,
    Facts,
    Failed,
    Found,
    Heard,
    Listening,
    Looking,
    Position,
    Question,
    Sent,
    Silence,
    Speech,
    Spoke,
    Step,
    Walk,
)
from apps.people import services as people

Answer = Mapping[str, Any]
MOST_CASES = 200


@dataclass(frozen=True)
class Trial:
    """What somebody tries. `facts` overrule how things are; answers are as in `FlowCase.answers`."""

    answers: Sequence[Answer] = ()
    caller: str = ""
    language: str = ""
    facts: Mapping[str, bool] | None = None


@dataclass(frozen=True)
class Played:
    """What became of it: the last walk, all steps, the facts that were asked for, the nodes that asked, and the end."""

    walk: Walk
    steps: tuple[Step, ...]
    facts: dict[str, bool]
    asked: tuple[str, ...]
    end: str
    destination: str = ""

    @property
    def expectation(self) -> dict[str, Any]:
        return {"asked": list(self.asked), "end": self.end}


class _Settled(Lookups):
    """For a case: whatever it does not say is open, switched on, and nobody whom we know."""

    def _answer(self, subject: str, name: str) -> bool:
        return subject in ("hours", "destination")


def play(client: Client, graph: Graph, trial: Trial, *, settled: bool = False) -> Played:
    """Play `trial` through `graph`. Answers after its end are left out. `settled`: look at nothing but its facts."""
    if len(trial.answers) > MAX_STEPS:
        raise Refused(f"A trial has at most {MAX_STEPS} answers.", code="too_long")
    person = people.find_by_number(client, trial.caller) if trial.caller and not settled else None
    lookups = (_Settled if settled else Lookups)(client, person, given=_facts(trial.facts or {}))
    variables = {
        "caller_number": trial.caller, "called_number": "", "company": client.name,
        "caller_name": person.name if person else "",
    }  # fmt: skip
    language = trial.language or (person.language if person else "") or client.language
    walk = lookups.walk(graph, Position(graph.start), variables, Entered(), language)
    steps, asked = list(walk.steps), []
    for answer in [*trial.answers, None]:
        if not isinstance(walk.turn, Asked | Looking | Listening):
            break
        asked.append(walk.position.node)
        if answer is None:
            break
        given = told(walk.turn, answer) if isinstance(walk.turn, Looking) else heard(answer)
        if isinstance(walk.turn, Listening) and isinstance(given, Speech):
            given = Spoke()
        walk = lookups.walk(graph, walk.position, walk.variables, given, language)
        steps += walk.steps
    facts = {f"{subject}:{name}": true for (subject, name), true in lookups.found.items()}
    place = lookups.places.get(walk.turn.destination) if isinstance(walk.turn, Sent) else None
    return Played(walk, tuple(steps), facts, tuple(asked), _end(walk), place.label if place else "")


def heard(answer: Answer) -> Heard:
    """The answer as the traversal hears it."""
    if answer.get("digits"):
        return Digits(answer["digits"])
    return Speech(answer["speech"]) if answer.get("speech", "").strip() else Silence()


def told(asked: Looking, answer: Answer) -> Found | Failed:
    """What the web service is said to have answered; no real one is asked in a trial."""
    found = answer.get("found")
    if not isinstance(found, Mapping):
        return Failed("it knows nothing")
    return Found({one.variable: str(found.get(one.variable, ""))[:LONGEST_VALUE] for one in asked.results})


def _facts(named: Mapping[str, bool]) -> Facts:
    facts: dict[Question, bool] = {}
    for name, true in named.items():
        subject, _, rest = name.partition(":")
        facts[subject, rest] = true
    return facts


def _end(walk: Walk) -> str:
    if isinstance(walk.turn, Asked | Looking | Listening):
        return f"asks {walk.position.node}"
    if isinstance(walk.turn, Sent):
        return f"sends to {walk.turn.destination}"
    return "gives up" if isinstance(walk.turn, Ended) and walk.turn.gave_up else "hangs up"


@transaction.atomic
def save_case(flow: Flow, name: str, trial: Trial, graph: Graph) -> FlowCase:
    """Keep `trial` under `name`, with the facts as they were found; one of this name is replaced."""
    played = play(flow.client, graph, trial)
    if flow.cases.exclude(name=name).count() >= MOST_CASES:
        raise Refused(f"A voice menu keeps at most {MOST_CASES} test calls: delete one first.")
    played_again = play(flow.client, graph, replace(trial, facts=played.facts), settled=True)
    case, _made = FlowCase.objects.update_or_create(
        flow=flow, name=name,
        defaults={
            "caller": trial.caller, "language": trial.language, "answers": [dict(one) for one in trial.answers],
            "facts": played.facts, "expected": played_again.expectation,
        },
    )  # fmt: skip
    return case


@dataclass(frozen=True)
class Result:
    case: FlowCase
    why: str = ""

    @property
    def passed(self) -> bool:
        return not self.why


def run_cases(flow: Flow, graph: Graph, cases: Iterable[FlowCase] | None = None) -> list[Result]:
    """Every kept trial of `flow` played through `graph`."""
    found = []
    for case in flow.cases.all() if cases is None else cases:
        trial = Trial(case.answers, case.caller, case.language, case.facts)
        got, wanted = play(flow.client, graph, trial, settled=True).expectation, case.expected
        why = ""
        if got["end"] != wanted["end"]:
            why = f"It {_shown(graph, got['end'])}; expected was that it {_shown(graph, wanted['end'])}."
        elif got["asked"] != wanted["asked"]:
            names = " → ".join(_title(graph, node) for node in got["asked"]) or "nothing"
            was = " → ".join(_title(graph, node) for node in wanted["asked"]) or "nothing"
            why = f"It asks {names}; expected was {was}."
        found.append(Result(case, why))
    return found


def _title(graph: Graph, node: str) -> str:
    return f"“{graph.nodes[node].title}”" if node in graph.nodes else f"“{node}”, which is gone"


def _shown(graph: Graph, end: str) -> str:
    verb, _, rest = end.rpartition(" ")
    if verb == "asks":
        return f"asks {_title(graph, rest)}"
    if verb == "sends to":
        senders = [node for node in graph.nodes.values() if node.kind == "send" and node["destination"]]
        names = [node.title for node in senders if node["destination"]["id"] == rest]
        return f"sends the call to “{names[0]}”" if names else "sends the call to a place that is not in it any more"
    return end


def graph_of(flow: Flow, document: versions.Document | None = None) -> Graph:
    """The graph of `document`, or of the flow as it is being worked on, with the prompts as they are now.

    Raises Refused for one that is wrong; an unfinished one can be tried.
    """
    _resolved, graph, faults = versions.look_over(flow, versions.document_of(flow) if document is None else document)
    versions.refuse(faults, "wrong")
    return versions.with_sounds(graph, references.sounds(flow.client, graph))
