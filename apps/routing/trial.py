"""A sample call taken apart: each rule, group and condition with what held and what failed."""

from __future__ import annotations

from dataclasses import dataclass

from apps.calls.models import Call
from apps.core import clock
from apps.people import services as people
from apps.queues import reading, strategies
from apps.queues import services as queues
from apps.queues.models import OwnOperator, Queue
from apps.routing import truth, wording
from apps.routing.rules import QUEUE
from apps.routing.services import Answer
from apps.routing.truth import Facts, RuleView


@dataclass(frozen=True)
class Part:
    """One condition: what it asks, whether it held (None: not looked up), and how things stood."""

    asks: str
    held: bool | None
    words: str


@dataclass(frozen=True)
class GroupLook:
    match: str
    held: bool | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class RuleLook:
    """One rule; `reached` is false for those behind the one that decided."""

    name: str
    match: str
    held: bool | None
    because: str
    reached: bool
    decided: bool
    groups: tuple[GroupLook, ...]


def look_at(answer: Answer) -> list[RuleLook]:
    """Every rule that could have been asked about the call, in order."""
    trials = {trial.rule: trial for trial in answer.tried}
    looks = []
    for rule in answer.rules:
        trial = trials.get(rule.pk)
        looks.append(look_at_rule(
            rule, answer.facts, because=trial.because if trial else "", reached=trial is not None,
            decided=bool(trial and trial.matched),
        ))  # fmt: skip
    return looks


def look_at_rule(
    rule: RuleView, facts: Facts, *, because: str = "", reached: bool = True, decided: bool = False
) -> RuleLook:
    """One rule on these facts."""
    groups = tuple(
        GroupLook(
            group.match,
            truth.group_holds(group, facts),
            tuple(
                Part(wording.asks(one), truth.holds(one, facts), wording.words(one, facts)) for one in group.conditions
            ),
        )
        for group in rule.groups
    )
    return RuleLook(rule.name, rule.match, truth.rule_holds(rule, facts), because, reached, decided, groups)


def operator_for(answer: Answer) -> list[str]:
    """Which operator would get the call at this moment, and why: a sentence, then a line for each candidate.

    Nothing when it does not end in a queue. Who stands in line before is not waited for: it is as if all were served.
    """
    destination = answer.destination
    if destination is None or destination.kind != QUEUE:
        return []
    queue, at = Queue.objects.select_related("client", "schedule").get(destination=destination), clock.now()
    if refusal := queues.turns_away(queue, at):
        return [f"{refusal.sentence} The queue would pass the call on."]
    wanted = reading.wanted_of([queue])
    candidates = reading.candidates_of({queue.pk: queue}, wanted, at).get(queue.pk, [])
    preferred, why = _preferred(queue, answer.facts)
    waiting = strategies.Waiting(
        0, at.timestamp(), queue.pk, queue.priority, preferred=preferred, preferred_why=why, seed="sample"
    )
    decision = strategies.decide(wanted[queue.pk], waiting, candidates, at.timestamp())
    chosen = [row.candidate.name for row in decision.rows if row.candidate.operator_id in decision.chosen]
    first = f"{' and '.join(chosen)} would be rung now. " if chosen else "Nobody would be rung now: the caller waits. "
    lines = [f"{row.candidate.name}: {row.words}" for row in (*decision.rows, *decision.shut_out)]
    return [first + decision.words, *lines]


def _preferred(queue: Queue, facts: Facts) -> tuple[int | None, str]:
    """Whom the queue would ask first for this caller: the caller's own operator, or the last one, of those there."""
    if queue.prefer == Queue.Prefer.NOBODY or not facts.caller:
        return None, ""
    person = people.find_by_number(queue.client, facts.caller)
    spoken = Call.objects.filter(client=queue.client, operator__isnull=False, answered_at__isnull=False)
    of_number = spoken.filter(customer_number=facts.caller, person__isnull=True)
    lasts = [spoken.filter(person=person), of_number] if person is not None else [of_number]
    wishes = [(rows.order_by("-started_at").values_list("operator", flat=True).first(), "last") for rows in lasts]
    if queue.prefer == Queue.Prefer.OWN and person is not None:
        own = OwnOperator.objects.filter(person=person).values_list("operator", flat=True).first()
        wishes.insert(0, (own, "own"))
    there = reading.those_there([queue.pk], {operator for operator, _why in wishes if operator is not None})
    return next(((operator, why) for operator, why in wishes if (queue.pk, operator) in there), (None, ""))
