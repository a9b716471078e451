"""Where a call goes, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from apps.calls import services as calls
from apps.calls.models import Call
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock, numbers
from apps.destinations.models import Destination
from apps.notify import services as notify
from apps.people import services as people
from apps.queues import services as queues
from apps.routing import engine, lookup, truth, wording
from apps.routing.models import Decision, Rule
from apps.routing.rules import (
    KIND,
    arrange,
    check,
    destination_of,
    find_fault,
    noting_order,
    remove_rule,
    save_rule,
    view,
)

__all__ = [
    "KIND", "Answer", "arrange", "check", "destination_of", "explain", "facts_in_words", "find_fault", "noting_order",
    "read_caller", "remove_rule", "route", "save_rule", "told", "try_sample", "view", "why",
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """Where a call goes and why, whether it is real or a trial. `rules` are those that were asked, in order."""

    destination: Destination | None
    rule: Rule | None
    sentence: str
    facts: truth.Facts
    tried: tuple[engine.Trial, ...]
    rules: tuple[truth.RuleView, ...] = ()


@transaction.atomic(savepoint=False)
def route(call: Call) -> Decision:
    """Decide where an incoming call goes, keep the decision and note it on the call's timeline.

    Also for a call that a voice menu sends to the rules: what was pressed is known then. `destination` is None when
    neither a rule nor the number leads anywhere; the manager is warned then.
    """
    default = call.phone_number.destination if call.phone_number else None
    facts = lookup.at_hand(call.our_number, call.customer_number, call.person, call.language, default)
    answer = _decide(lookup.Caller(call.client, facts.caller, call.person, clock.now(), call), facts, default)
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


def try_sample(
    number: PhoneNumber, caller: str, at: datetime | None = None, *, language: str = "", digits: str = "",
    rules: Sequence[Rule] | None = None,
) -> Answer:  # fmt: skip
    """Where a call from `caller` to `number` would go at `at` (now). Nothing is placed, kept or changed.

    `digits` is what the caller has pressed in menus ("" when in none), `language` "" is the caller's or the client's.
    `rules` are tried instead of all that are on.
    """
    client = number.client
    person = people.find_by_number(client, caller) if caller else None
    spoken = language or (person.language if person else "") or client.language
    facts = lookup.at_hand(number.number, caller, person, spoken, number.destination)
    asked = lookup.Caller(client, facts.caller, person, at or clock.now(), digits=digits or None)
    return _decide(asked, facts, number.destination, rules, all_of=True)


def _decide(
    caller: lookup.Caller,
    facts: truth.Facts,
    default: Destination | None,
    rules: Sequence[Rule] | None = None,
    *,
    all_of: bool = False,
) -> Answer:
    rules = list(Rule.objects.trying(caller.client)) if rules is None else rules
    views = tuple(view(rule) for rule in rules)
    facts, verdict = lookup.decide(caller, facts, views, all_of=all_of)
    rule = next((rule for rule in rules if rule.pk == verdict.rule), None)
    if rule is not None:
        goes = _of_rule(rule, verdict)
    else:
        goes = _of_number(facts.number, default, "No rule matched" if rules else "There are no rules")
    destination, words = goes
    return Answer(destination, rule, _short(words), facts, verdict.tried, views)


def _of_rule(rule: Rule, verdict: engine.Verdict) -> tuple[Destination | None, str]:
    because = f"Rule “{rule.name}”, because {verdict.because}"
    if verdict.fell_back and rule.fallback is not None:
        why = verdict.fell_back.rstrip(".")
        return rule.fallback, f"{because}: it goes to the fallback “{rule.fallback.label}”. {why[:1].upper()}{why[1:]}."
    return rule.destination, f"{because}: it goes to “{rule.destination.label}”."


def _of_number(called: str, default: Destination | None, none: str) -> tuple[Destination | None, str]:
    if default is None:
        return None, f"{none}, and {called} has no destination. Give the number one."
    if default.kind == KIND:
        return None, f"{none}, and calls to {called} go to the rules themselves. Give the number a destination."
    if not default.active:
        return None, f"{none}, and “{default.label}”, where calls to {called} go, is switched off. Switch it on."
    return default, f"{none}: it goes to “{default.label}”, where calls to {called} go."


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 500 else f"{sentence[:499]}…"


def explain(decision: Decision) -> list[str]:
    """The rules that were tried, one sentence each, in their order."""
    return [told(engine.Trial(**trial)) for trial in decision.tried]


def facts_in_words(decision: Decision) -> list[tuple[str, str]]:
    """What was known when it was decided, as pairs of a name and a value."""
    facts = truth.Facts.from_json(decision.facts)
    marks = (("tags", facts.tags), ("lists", facts.lists))
    return [
        ("number called", facts.number),
        ("caller", facts.caller or "withheld"),
        ("known", "yes" if facts.known else "no"),
        *([("language", facts.language)] if facts.language else []),
        *((name, ", ".join(sorted(kept))) for name, kept in marks if kept),
        *wording.found_in_words(facts),
    ]


def why(call: Call) -> list[str]:
    """Why the call went where it went, and why each operator was rung for it: sentences in the order of the events."""
    told_at: list[tuple[datetime, str]] = []
    for decision in call.decisions.all():
        passed = [told(engine.Trial(**trial)) for trial in decision.tried if not trial["matched"]]
        told_at.append((decision.at, " ".join([decision.sentence, *passed])))
    for offer in queues.why(call):
        told_at.append((offer.offered_at, f"{offer.queue} rang {offer.operator} ({offer.status}). {offer.sentence}"))
    return [sentence for _at, sentence in sorted(told_at, key=lambda pair: pair[0])]


def told(trial: engine.Trial) -> str:
    """One rule's trial as a sentence."""
    verb = "decided" if trial.matched else "did not apply"
    return f"“{trial.name}” {verb}: {trial.because}."


def read_caller(client: Client, text: str) -> str:
    """A caller's number as it was typed; "" stays "", a caller who withholds it. Raises ValidationError."""
    return numbers.normalise(text, client.country) if text.strip() else ""
