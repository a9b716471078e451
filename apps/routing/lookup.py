"""Looking up what rules ask about: one look for each kind of question, and only for what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Q

from apps.calls.models import Call
from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.ivr.models import Visit
from apps.operators.models import Operator, Skill
from apps.people.models import Person
from apps.queues import services as queues
from apps.queues import stats
from apps.queues.models import Queue
from apps.routing import engine, truth
from apps.routing.truth import ConditionView, Facts, RuleView, Value


@dataclass(frozen=True)
class Caller:
    """Whom the questions are about. `digits` that are assumed (a trial) are not looked up; None asks the call."""

    client: Client
    number: str
    person: Person | None
    at: datetime
    call: Call | None = None
    digits: str | None = None


Answers = Mapping[str, Value]
Question = Callable[[Caller, list[str]], Mapping[str, Answers]]


def decide(
    caller: Caller, facts: Facts, rules: Sequence[RuleView], *, all_of: bool = False
) -> tuple[Facts, engine.Verdict]:
    """The facts that were needed, and the verdict on them. `all_of` looks up whatever the rules ask, also in vain."""
    asked = (
        [one for rule in rules for one in truth.conditions_of(rule.groups)] if all_of else engine.needs(facts, rules)
    )
    facts = complete(caller, facts, [one for one in asked if truth.holds(one, facts) is None])
    verdict = engine.decide(facts, rules)
    if verdict.undecided:
        guarded = next(rule for rule in rules if rule.pk == verdict.tried[-1].rule)
        if guarded.destination is not None:
            facts = replace(facts, refusals={guarded.destination: _refusal(guarded.destination, caller.at)})
        verdict = engine.decide(facts, rules)
    return facts, verdict


def complete(caller: Caller, facts: Facts, asked: Iterable[ConditionView]) -> Facts:
    """`facts` with an answer to each of `asked`."""
    wanted: dict[str, dict[str, None]] = {}
    for condition in asked:
        name = "" if condition.subject in truth.NAMELESS else condition.value
        wanted.setdefault(_TABLE_OF.get(condition.subject, condition.subject), {})[name] = None
    found: dict[str, Answers] = dict(facts.found)
    for table, names in wanted.items():
        if table == truth.CALLER_TAG and caller.person:
            facts = replace(facts, tags=frozenset(caller.person.tags.values_list("name", flat=True)))
        elif table == truth.CALLER_LIST and caller.person:
            facts = replace(facts, lists=frozenset(caller.person.lists.values_list("name", flat=True)))
        elif table in _QUESTIONS:
            for subject, answers in _QUESTIONS[table](caller, list(names)).items():
                found[subject] = {**found.get(subject, {}), **answers}
    return replace(facts, found=found)


def _refusal(destination: int | None, at: datetime) -> str:
    queue = Queue.objects.select_related("schedule", "client").filter(destination=destination).first()
    refusal = queues.turns_away(queue, at) if queue is not None else None
    return refusal.sentence if refusal else ""


def _schedules(caller: Caller, names: list[str]) -> Mapping[str, Answers]:
    rows = Schedule.objects.complete().filter(client=caller.client, name__in=names)
    known = {row.name: row for row in rows}
    return {
        truth.OPEN: {name: hours.is_open(known[name], caller.at) if name in known else None for name in names},
        truth.HOLIDAY: {name: hours.is_holiday(known[name], caller.at) if name in known else None for name in names},
    }


def _queues(caller: Caller, names: list[str]) -> Mapping[str, Answers]:
    rows = {row.name: row for row in Queue.objects.filter(client=caller.client, name__in=names)}
    figures = stats.now_of(rows.values())
    nothing = dict.fromkeys(names)
    now = {name: figures[row.pk] for name, row in rows.items()}
    return {
        truth.QUEUE_WAITING: {**nothing, **{name: one.waiting for name, one in now.items()}},
        truth.QUEUE_LONGEST_WAIT: {**nothing, **{name: one.longest_wait_seconds for name, one in now.items()}},
        truth.QUEUE_FREE: {**nothing, **{name: one.ready for name, one in now.items()}},
    }


def _skills(caller: Caller, names: list[str]) -> Mapping[str, Answers]:
    free = Count("operator_skills", filter=Q(operator_skills__operator__in=Operator.objects.ready()))
    rows = Skill.objects.filter(client=caller.client, name__in=names).annotate(free=free).order_by()
    found = dict(rows.values_list("name", "free"))
    return {truth.SKILL_AVAILABLE: {name: found.get(name) for name in names}}


def _digits(caller: Caller, names: list[str]) -> Mapping[str, Answers]:
    """The keys that meant something in the menus of this call, in order; None when it was in no menu."""
    if caller.call is None:
        return {truth.DIGITS: {"": caller.digits}}
    paths = list(Visit.objects.filter(call=caller.call).order_by("started_at").values_list("path", flat=True))
    steps = [step for path in paths for step in path if step["kind"] == "menu"]
    keys = "".join(step["key"] for step in steps if step["cause"] == "pressed")
    return {truth.DIGITS: {"": keys or None}}


def _last_call(caller: Caller, names: list[str]) -> Mapping[str, Answers]:
    if not caller.number:
        return {truth.CALLED_BEFORE: {"": None}, truth.SINCE_LAST_CALL: {"": None}}
    earlier = Call.objects.filter(
        client=caller.client, customer_number=caller.number, direction=Call.Direction.INBOUND, started_at__lte=caller.at
    )
    if caller.call is not None:
        earlier = earlier.exclude(pk=caller.call.pk)
    last = earlier.order_by("-started_at").values_list("started_at", flat=True).first()
    minutes = int((caller.at - last).total_seconds() // 60) if last else None
    return {truth.CALLED_BEFORE: {"": last is not None}, truth.SINCE_LAST_CALL: {"": minutes}}


# Subjects that one look answers together.
_TABLE_OF = {
    truth.OPEN: "schedules", truth.HOLIDAY: "schedules", truth.QUEUE_WAITING: "queues",
    truth.QUEUE_LONGEST_WAIT: "queues", truth.QUEUE_FREE: "queues", truth.SKILL_AVAILABLE: "skills",
    truth.DIGITS: "digits", truth.DIGITS_PREFIX: "digits", truth.CALLED_BEFORE: "last call",
    truth.SINCE_LAST_CALL: "last call",
}  # fmt: skip
_QUESTIONS: dict[str, Question] = {
    "schedules": _schedules, "queues": _queues, "skills": _skills, "digits": _digits, "last call": _last_call,
}  # fmt: skip


def at_hand(called: str, caller: str, person: Person | None, language: str, default: Destination | None) -> Facts:
    """What is known of a call without looking anything up."""
    shown = caller if caller.startswith("+") else ""
    return Facts(called, shown, person is not None, language, default=default.pk if default else None)
