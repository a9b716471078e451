"""Where a call goes, with the reason; and the writing of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from apps.calls import services as calls
from apps.calls.models import Call
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock, numbers
from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.notify import services as notify
from apps.people import services as people
from apps.people.models import Person
from apps.routing import conditions as values
from apps.routing import engine
from apps.routing.models import Condition, Decision, Rule


@dataclass(frozen=True)
class Answer:
    """Where a call goes and why, whether it is real or a trial."""

    destination: Destination | None
    rule: Rule | None
    sentence: str
    facts: engine.Facts
    tried: tuple[engine.Trial, ...]


@transaction.atomic(savepoint=False)
def route(call: Call) -> Decision:
    """Decide where an incoming call goes, keep the decision and note it on the call's timeline.

    `destination` is None when neither a rule nor the number leads anywhere; the manager is warned then.
    """
    person = call.person
    answer = _decide(call.client, call.phone_number, call.our_number, call.customer_number, person, clock.now())
    if answer.destination is None:
        notify.warn(f"routing.nowhere:{call.our_number}", answer.sentence, client=call.client)
    decision = Decision.objects.create(
        call=call, rule=answer.rule, destination=answer.destination, sentence=answer.sentence,
        facts=answer.facts.as_json(), tried=[asdict(trial) for trial in answer.tried],
    )  # fmt: skip
    calls.record(
        call,
        "routing.decided",
        sentence=answer.sentence,
        rule=answer.rule and answer.rule.name,
        destination=answer.destination and answer.destination.label,
    )
    return decision


def try_sample(number: PhoneNumber, caller: str, at: datetime | None = None) -> Answer:
    """Where a call from `caller` to `number` would go at `at` (now). Nothing is placed, kept or changed."""
    person = people.find_by_number(number.client, caller) if caller else None
    return _decide(number.client, number, number.number, caller, person, at or clock.now())


def _decide(
    client: Client, number: PhoneNumber | None, called: str, caller: str, person: Person | None, at: datetime
) -> Answer:
    rules = list(Rule.objects.trying(client))
    views = [view(rule) for rule in rules]
    facts = _facts(client, called, caller, person, views, at)
    verdict = engine.decide(facts, views)
    rule = next((rule for rule in rules if rule.pk == verdict.rule), None)
    default = number.destination if number is not None else None
    if rule is not None:
        sentence = f"Rule “{rule.name}”, because {verdict.because}: it goes to “{rule.destination.label}”."
        return Answer(rule.destination, rule, _short(sentence), facts, verdict.tried)
    none = "No rule matched" if rules else "There are no rules"
    if default is not None and default.active:
        sentence = f"{none}: it goes to “{default.label}”, where calls to {called} go."
        return Answer(default, None, _short(sentence), facts, verdict.tried)
    if default is not None:
        sentence = f"{none}, and “{default.label}”, where calls to {called} go, is switched off. Switch it on."
    else:
        sentence = f"{none}, and {called} has no destination. Give the number one."
    return Answer(None, None, _short(sentence), facts, verdict.tried)


def _facts(
    client: Client, called: str, caller: str, person: Person | None, rules: Sequence[engine.RuleView], at: datetime
) -> engine.Facts:
    """Look up what the rules ask about, and nothing else; nothing for those that cannot hold anyway."""
    at_hand = engine.Facts(called, caller if caller.startswith("+") else "", person is not None)
    asked: dict[str, set[str]] = {}
    for rule in rules:
        for condition in rule.conditions if engine.may_hold(rule, at_hand) else ():
            asked.setdefault(condition.subject, set()).add(condition.value)
    tags = person.tags.values_list("name", flat=True) if person and engine.CALLER_TAG in asked else ()
    lists = person.lists.values_list("name", flat=True) if person and engine.CALLER_LIST in asked else ()
    schedules = Schedule.objects.filter(client=client, name__in=asked[engine.OPEN]) if engine.OPEN in asked else ()
    return replace(
        at_hand,
        tags=frozenset(tags),
        lists=frozenset(lists),
        open={schedule.name: hours.is_open(schedule, at) for schedule in schedules},
    )


def view(rule: Rule) -> engine.RuleView:
    """The rule as the engine sees it."""
    asked = [condition.view for condition in rule.conditions.all()]
    return engine.RuleView.of(rule.pk, rule.name, asked, usable=rule.destination.active)


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 500 else f"{sentence[:499]}…"


def explain(decision: Decision) -> list[str]:
    """The rules that were tried, one sentence each, in their order."""
    return [told(engine.Trial(**trial)) for trial in decision.tried]


def facts_in_words(decision: Decision) -> list[tuple[str, str]]:
    """What was known when it was decided, as pairs of a name and a value."""
    facts = engine.Facts.from_json(decision.facts)
    return [
        ("number called", facts.number),
        ("caller", facts.caller or "withheld"),
        ("known", "yes" if facts.known else "no"),
        *((name, ", ".join(sorted(kept))) for name, kept in (("tags", facts.tags), ("lists", facts.lists)) if kept),
        *((name, "open" if is_open else "closed") for name, is_open in facts.open.items()),
    ]


def told(trial: engine.Trial) -> str:
    """One rule's trial as a sentence."""
    verb = "decided" if trial.matched else "did not apply"
    return f"“{trial.name}” {verb}: {trial.because}."


@transaction.atomic
def save_rule(rule: Rule, conditions: Iterable[Condition] | None = None, *, checked: bool = True) -> Rule:
    """Write `rule`, behind the others when it is new; with `conditions` given they replace the ones it had.

    `checked=False` is for a form that writes the conditions itself and calls `check` afterwards.
    Raises Refused: a value that names nothing, conditions that contradict each other, a rule that repeats another.
    """
    if rule.pk is None and not rule.position:
        last = Rule.objects.filter(client=rule.client).aggregate(last=Max("position"))["last"]
        rule.position = 0 if last is None else last + 1
    rule.save()
    if conditions is not None:
        Condition.objects.filter(rule=rule).delete()
        for condition in conditions:
            condition.rule = rule
            condition.value = _value(rule.client, condition)
            condition.save(force_insert=True)
    if checked:
        check(rule)
    return rule


def check(rule: Rule) -> None:
    """Raise Refused when `rule`, as it is written, has a fault."""
    if fault := find_fault(rule, list(Condition.objects.filter(rule=rule))):
        raise Refused(fault, code="faulty_rule", fields={"conditions": [fault]})


def _value(client: Client, condition: Condition) -> str:
    try:
        return values.clean_value(client, condition.subject, condition.value)
    except ValidationError as error:
        raise Refused(error.messages[0], code="faulty_rule", fields={"conditions": error.messages}) from error


def find_fault(rule: Rule, conditions: Sequence[Condition]) -> str:
    """Why `rule` cannot stand with these conditions, as a sentence; "" when it can."""
    if rule.destination.client_id != rule.client_id:
        return f"“{rule.destination.label}” belongs to another client. Choose a destination of {rule.client}."
    asked = tuple(condition.view for condition in conditions)
    if reason := engine.contradiction(asked):
        return f"This rule can never apply: {reason}. Take one of the conditions out."
    if not rule.active:
        return ""
    for other in Rule.objects.trying(rule.client).exclude(pk=rule.pk):
        if set(view(other).conditions) == set(asked):
            return (
                f"“{other.name}” has the same conditions, so one of the two would never apply. "
                "Change the conditions, or switch one of them off."
            )
    return ""


def shadows(client: Client) -> list[tuple[Rule, Rule]]:
    """Rules that an earlier one leaves no call, each with the one before it."""
    rules = list(Rule.objects.trying(client))
    views = [view(rule) for rule in rules]
    by_key = {rule.pk: rule for rule in rules}
    pairs = [(rule, engine.shadow(views[place], views[:place])) for place, rule in enumerate(rules)]
    return [(rule, by_key[shadow.pk]) for rule, shadow in pairs if shadow is not None]


def stale(client: Client) -> list[tuple[Rule, Condition]]:
    """Conditions that name what was renamed or deleted since: they hold for no call."""
    names = values.suggestions(client)
    return [
        (rule, condition)
        for rule in Rule.objects.trying(client)
        for condition in rule.conditions.all()
        if condition.subject in names and condition.value not in names[condition.subject]
    ]


@transaction.atomic
def arrange(client: Client, rules: Sequence[Rule]) -> None:
    """Try `rules` in this order; those of the client that are not named come after them, as they stood."""
    rest = Rule.objects.filter(client=client).exclude(pk__in=[rule.pk for rule in rules])
    for position, rule in enumerate([*rules, *rest]):
        Rule.objects.filter(pk=rule.pk).update(position=position)


def read_caller(client: Client, text: str) -> str:
    """A caller's number as it was typed; "" stays "", a caller who withholds it. Raises ValidationError."""
    return numbers.normalise(text, client.country) if text.strip() else ""
