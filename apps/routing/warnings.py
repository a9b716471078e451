"""What is legal in a client's rules, but probably not meant: said with names, beside the field that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import combinations

from apps.clients.models import Client
from apps.core.words import names
from apps.destinations.models import Destination
from apps.hours import opening
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.operators.models import OperatorSkill
from apps.queues.models import Membership, Queue
from apps.routing import conditions as values
from apps.routing import logic, truth, wording
from apps.routing.models import Rule
from apps.routing.rules import QUEUE, view

DESTINATION, FALLBACK, CONDITIONS = "destination", "fallback", "conditions"


@dataclass(frozen=True)
class Warning:
    """A sentence about one field of a rule; `place` is "group.condition" when it is about a single condition."""

    rule: Rule
    field: str
    sentence: str
    place: str = ""


@dataclass(frozen=True)
class _House:
    """What the client has, read once for all rules."""

    names: dict[str, list[str]]
    staffed: frozenset[int]  # destinations of queues with members
    skills: frozenset[str]  # that somebody has
    schedules: dict[str, opening.Facts]
    hours: dict[int, str]  # of queues, by destination: the name of the schedule that they keep


def of_client(client: Client) -> list[Warning]:
    """Everything to be said about the rules that are on, rule by rule in their order. A fixed number of queries."""
    rules = list(Rule.objects.trying(client))
    if not rules:
        return []
    house = _house(client)
    found: list[Warning] = []
    earlier: list[truth.RuleView] = []
    for rule in rules:
        seen = view(rule)
        found += _of_targets(rule, house)
        found += _of_conditions(rule, seen, house)
        found += _of_order(rule, seen, earlier)
        earlier.append(seen)
    return found


def _house(client: Client) -> _House:
    members = Membership.objects.filter(queue__client=client, active=True)
    skills = OperatorSkill.objects.filter(skill__client=client)
    schedules = Schedule.objects.complete().filter(client=client)
    return _House(
        values.suggestions(client),
        frozenset(members.values_list("queue__destination", flat=True)),
        frozenset(skills.values_list("skill__name", flat=True)),
        {schedule.name: hours.facts(schedule) for schedule in schedules},
        dict(Queue.objects.filter(client=client, schedule__client=client).values_list("destination", "schedule__name")),
    )


def _of_targets(rule: Rule, house: _House) -> Iterator[Warning]:
    targets = [(DESTINATION, rule.destination), (FALLBACK, rule.fallback)]
    for field, target in targets:
        if target is None:
            continue
        if not target.active:
            yield Warning(rule, field, f"“{target.label}” is switched off.{_then(rule, field)}")
        elif target.kind == QUEUE and target.pk not in house.staffed:
            yield Warning(rule, field, f"The queue “{target.label}” has no members: nobody would answer.")


def _then(rule: Rule, field: str) -> str:
    if field == FALLBACK:
        return ""
    spare: Destination | None = rule.fallback if rule.fallback and rule.fallback.active else None
    return f" Calls go to “{spare.label}” meanwhile." if spare else " The rule is passed over meanwhile."


def _of_conditions(rule: Rule, seen: truth.RuleView, house: _House) -> Iterator[Warning]:
    for nth, group in enumerate(seen.groups):
        for place, condition in enumerate(group.conditions):
            if sentence := _of_condition(condition, house):
                yield Warning(rule, CONDITIONS, sentence, f"{nth}.{place}")
    if seen.match == truth.ANY:
        for nth, reason in logic.dead_groups(seen.groups):
            yield Warning(rule, CONDITIONS, f"Group {nth + 1} can never hold: {reason}.", f"{nth}.0")
    elif terms := logic.ways(seen.groups, seen.match):
        yield from _of_hours(rule, terms, house)


def _of_condition(condition: truth.ConditionView, house: _House) -> str:
    subject, value = condition.subject, condition.value
    if (subject in values.NAMES_OF or subject == truth.NUMBER) and value not in house.names[subject]:
        return f"It asks whether {wording.asks(condition)}, but “{value}” was renamed or deleted. Choose another."
    if subject == truth.SKILL_AVAILABLE and value not in house.skills:
        return f"Nobody has the skill “{value}”. Give it to operators, or ask for another."
    if subject == truth.OPEN and not condition.negated and _never_open(house.schedules[value]):
        return f"“{value}” has no hours at all, so it is never open."
    return ""


def _of_hours(rule: Rule, terms: Sequence[logic.Term], house: _House) -> Iterator[Warning]:
    """Schedules that are never open at the same time, asked for together in whichever way the rule can hold."""
    reasons = [_apart(term, house) for term in terms]
    if all(reasons):
        yield Warning(rule, CONDITIONS, reasons[0])
        return
    closed = [_closed_then(term, house.hours.get(rule.destination_id, ""), house) for term in terms]
    if all(closed):
        label = rule.destination.label
        yield Warning(rule, DESTINATION, f"The queue “{label}” is always closed when this rule applies: {closed[0]}.")


def _closed_then(term: logic.Term, own: str, house: _House) -> str:
    """Why a queue that keeps the hours `own` is closed whenever `term` holds; "" when it may be open."""
    for one in sorted(term, key=lambda one: one.value):
        if one.subject != truth.OPEN or own not in house.schedules or one.value not in house.schedules:
            continue
        if one.negated and one.value == own:
            return f"it keeps the hours “{own}”, and the rule asks that these are over"
        if not one.negated and _never_together(house.schedules[one.value], house.schedules[own]):
            return f"it keeps the hours “{own}”, which are never open while “{one.value}” are"
    return ""


def _apart(term: logic.Term, house: _House) -> str:
    asked = sorted(one.value for one in term if one.subject == truth.OPEN and not one.negated)
    for one, other in combinations([name for name in asked if name in house.schedules], 2):
        if _never_together(house.schedules[one], house.schedules[other]):
            return f"“{one}” and “{other}” are never open at the same time, so this rule never applies."
    return ""


def _never_open(facts: opening.Facts) -> bool:
    return not any(facts.week.values()) and not any(facts.holidays.values())


def _never_together(one: opening.Facts, other: opening.Facts) -> bool:
    """Sound: only where one week says it all, without special hours, on the same clock."""
    if str(one.time_zone) != str(other.time_zone) or any(one.holidays.values()) or any(other.holidays.values()):
        return False
    return not any(
        a.opens < _end(b.closes) and b.opens < _end(a.closes)
        for weekday, spans in one.week.items()
        for a in spans
        for b in other.week.get(weekday, ())
    )


def _end(closes: time) -> time:
    return time.max if closes == opening.MIDNIGHT else closes


def _of_order(rule: Rule, seen: truth.RuleView, earlier: Sequence[truth.RuleView]) -> Iterator[Warning]:
    takers = logic.shadow(seen, earlier)
    if not takers:
        return
    quoted = names(f"“{taker.name}”" for taker in takers)
    if len(takers) == 1:
        told, whom = f"{quoted}, which is tried before it, takes them all.", quoted
    else:
        told, whom = f"{quoted}, which are tried before it, take them all between them.", "one of them"
    yield Warning(rule, CONDITIONS, f"It never gets a call: {told} Move it up, or narrow {whom}.")
