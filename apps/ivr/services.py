"""A call's way through a voice menu. What may be done to the menus themselves is in `editing` and `versions`."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from apps.calls import services as calls
from apps.calls.models import Call
from apps.core import clock
from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.ivr import inquiries, versions
from apps.ivr.editing import (
    KIND,
    add_prompt,
    create_flow,
    delete_flow,
    delete_menu,
    delete_prompt,
    save_flow,
    save_menu,
    save_prompt,
    settle,
    switch,
)
from apps.ivr.graph import Graph
from apps.ivr.lookups import Lookups
from apps.ivr.models import Flow, Visit
from apps.ivr.publishing import publish
from apps.ivr.turns import Ask, GiveUp, Go, Record, Turn, Wait, prompt_verb
from apps.ivr.understanding import is_keys
from apps.ivr.values import (
    Again,
    Asked,
    Digits,
    Ended,
    Entered,
    Heard,
    Listening,
    Looking,
    Position,
    Sent,
    Silence,
    Speech,
    Spoke,
    Step,
    Walk,
)
from apps.ivr.words import APOLOGY, apology
from apps.notify import services as notify

__all__ = [
    "APOLOGY", "KIND", "Ask", "GiveUp", "Go", "Record", "Turn", "Wait", "add_prompt", "ask_again", "begin",
    "create_flow", "delete_flow", "delete_menu", "delete_prompt", "end", "end_orphans", "hear", "leave", "prompt_verb",
    "publish", "save_flow", "save_menu", "save_prompt", "settle", "switch", "told",
]  # fmt: skip


@transaction.atomic(savepoint=False)
def begin(call: Call, flow: Flow) -> Turn:
    """Bring the call to the start of `flow`. A visit that was open ends: a call is in one menu at a time.

    A flow without a version (switched on and then broken) gives up and warns the manager.
    """
    leave(call, "into another menu")
    visit = Visit(flow=flow, call=call, version_id=flow.version_id, variables=_known(call))
    calls.record(call, "ivr.entered", subject=f"flow:{flow.public_id}", flow=flow.name)
    if flow.version_id is None:
        visit.save()
        return _give_up(visit, f"The voice menu “{flow.name}” has nothing to ask: give its first menu options.")
    graph = versions.load(flow.version_id)
    visit.node = graph.start
    lookups = _lookups(visit, graph)
    walk = lookups.walk(graph, Position(graph.start), visit.variables, Entered(), call.language)
    _note(visit, graph, walk)
    visit.save(force_insert=True)
    return _turn(visit, graph, walk, lookups)


@transaction.atomic
def hear(visit: Visit, digits: str, speech: str = "", *, left_message: bool = False) -> Turn:
    """The caller pressed `digits` or said `speech`, or left a message; none of these is silence.

    Raises Refused when the visit has ended.
    """
    rows = Visit.objects.select_for_update(of=["self"]).select_related("call__client", "call__person", "flow")
    visit = rows.get(pk=visit.pk)
    if visit.ended_at is not None:
        raise Refused("The call has left this menu already.", code="visit_over")
    if left_message:
        return _go_on(visit, Spoke())
    return _go_on(visit, Digits(digits) if digits else Speech(speech) if speech.strip() else Silence())


@transaction.atomic
def ask_again(visit: Visit) -> Turn:
    """Put the present question once more: the line comes back to the menu after something else spoke."""
    return _go_on(visit, Again())


def _go_on(visit: Visit, heard: Heard) -> Turn:
    if visit.version_id is None:
        return _give_up(visit, f"A menu of “{visit.flow.name}” was deleted while a caller was in it.")
    graph = versions.load(visit.version_id)
    if graph.nodes[visit.node].kind == "lookup":
        heard = inquiries.news(visit) or Again()  # keys pressed while a service is asked mean nothing
    lookups = _lookups(visit, graph)
    position = Position(visit.node, visit.tries, visit.pending, visit.answers)
    walk = lookups.walk(graph, position, visit.variables, heard, visit.call.language)
    if not isinstance(heard, Again):
        _note(visit, graph, walk)
        visit.save(update_fields=["node", "tries", "pending", "answers", "variables", "path"])
    return _turn(visit, graph, walk, lookups)


def _lookups(visit: Visit, graph: Graph) -> Lookups:
    def dead(public_id: str, place: Destination | None) -> None:
        at = graph.nodes[visit.node].title
        what = f"“{place.label}”, which is switched off" if place else "a place that was deleted"
        notify.warn(
            f"ivr.dead:{visit.flow_id}:{public_id}",
            f"“{at}” of “{visit.flow.name}” sends callers to {what}. Choose another place.",
            client=visit.call.client,
        )

    return Lookups(visit.call.client, visit.call.person, dead)


def _known(call: Call) -> dict[str, str]:
    """What a menu knows from the beginning."""
    person = call.person
    return {
        "caller_number": call.customer_number, "called_number": call.our_number,
        "caller_name": person.name if person else "", "company": call.client.name,
    }  # fmt: skip


def _note(visit: Visit, graph: Graph, walk: Walk) -> None:
    """Keep the walk in the visit, and on the call's timeline."""
    at = clock.now().isoformat()
    for step in walk.steps:
        visit.path.append({"at": at, **asdict(step)})
        _record(visit.call, graph, step)
    position = walk.position
    visit.node, visit.tries, visit.pending = position.node, position.tries, position.pending
    visit.answers, visit.variables = position.answers, dict(walk.variables)
    if not visit.call.customer_number.startswith("+"):
        return  # a withheld number gets no text message
    for n, text in enumerate(walk.texts):
        key = f"ivr.sms:{visit.public_id}:{len(visit.path)}:{n}"
        if notify.send("sms", to=visit.call.customer_number, body=text, key=key, client=visit.call.client):
            calls.record(visit.call, "ivr.texted")


def _record(call: Call, graph: Graph, step: Step) -> None:
    meaning = step.label or "it means nothing here"
    if step.cause == "silent":
        seconds = graph.nodes[step.node]["timeout_seconds"]
        calls.record(call, "ivr.timed_out", menu=step.name, seconds=seconds)
    elif step.cause == "said" or (step.cause == "wrong" and not is_keys(step.key)):
        calls.record(call, "ivr.said", menu=step.name, said=step.key, meaning=meaning)
    elif step.cause in ("pressed", "wrong"):
        calls.record(call, "ivr.pressed", menu=step.name, pressed=step.key[:10], meaning=meaning)
    elif step.kind in ("hours", "caller", "branch"):
        calls.record(call, "ivr.passed", node=step.name, edge=step.edge)
    elif step.kind == "record":
        calls.record(call, "ivr.recorded", node=step.name, outcome=step.label)
    elif step.kind == "lookup":
        calls.record(call, "ivr.looked_up", node=step.name, outcome=step.label)


def _turn(visit: Visit, graph: Graph, walk: Walk, lookups: Lookups) -> Turn:
    """The walk's turn for the switchboard; the visit ends unless the caller, or a web service, is asked."""
    turn = walk.turn
    if isinstance(turn, Asked):
        at = graph.nodes[visit.node].title
        calls.record(visit.call, "ivr.asked", menu=at, attempt=turn.attempt, tries=turn.tries)
        return Ask(
            visit, turn.prompts, turn.timeout_seconds, turn.num_digits, turn.finish_on_key, turn.phrases, turn.language
        )
    if isinstance(turn, Looking):
        inquiries.ask(visit, turn)
        return Wait(visit, turn.prompts)
    if isinstance(turn, Listening):
        return Record(visit, turn.prompts, turn.max_seconds, turn.silence_seconds)
    if isinstance(turn, Sent):
        place = lookups.places[turn.destination]
        end(visit, f"to {place.label}")
        return Go(place, turn.prompts)
    assert isinstance(turn, Ended)  # noqa: S101 - nothing else is left
    end(visit, "no choice was made" if turn.gave_up else "the menu said good-bye")
    return GiveUp(turn.prompts)


def _give_up(visit: Visit, warning: str) -> GiveUp:
    notify.warn(f"ivr.broken:{visit.flow_id}", warning, client=visit.call.client)
    end(visit, "the menu could not be asked")
    return GiveUp((apology(visit.call.language),))


@transaction.atomic
def end(visit: Visit, outcome: str) -> bool:
    """The call leaves the menu; `outcome` says in words how. False when it had left before."""
    visit.ended_at, visit.outcome = clock.now(), outcome[:160]
    if not Visit.objects.open().filter(pk=visit.pk).update(ended_at=visit.ended_at, outcome=visit.outcome):
        return False
    calls.record(visit.call, "ivr.left", flow=visit.flow.name, outcome=visit.outcome)
    return True


def leave(call: Call, outcome: str) -> None:
    """End the call's open visit, if there is one: the caller hung up or was moved."""
    visits = Visit.objects.open().filter(call=call)
    # Most calls have none: to ask that is cheaper than to ask for all that ending needs.
    for visit in visits.select_related("flow", "call__client") if visits.exists() else ():
        end(visit, outcome)


def end_orphans() -> int:
    """End the visits whose call is over. Returns how many."""
    orphans = Visit.objects.orphaned().select_related("flow", "call__client")
    return sum(end(visit, "the caller hung up") for visit in orphans)


def told(visit: Visit) -> list[str]:
    """The visit's steps in words."""
    said = {
        "pressed": "{name}: pressed {key}: {label}",
        "said": "{name}: said “{key}”: {label}",
        "wrong": "{name}: answered {key}, which means nothing",
        "silent": "{name}: no answer in time",
        "passed": "{name}",
    }
    return [said[step["cause"]].format_map(step) for step in visit.path]
