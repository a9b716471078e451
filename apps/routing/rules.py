"""The writing of rules, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import events
from apps.core.models import User
from apps.core.refused import Refused
from apps.destinations import graph
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.routing import conditions as values
from apps.routing import logic, truth, wording
from apps.routing.models import Condition, ConditionGroup, Rule
from apps.routing.truth import GroupView

KIND = "rules"
QUEUE = "queue"


@transaction.atomic
def save_rule(rule: Rule, groups: Sequence[GroupView] | None = None, *, by: User | None = None) -> Rule:
    """Write `rule`, behind the others when it is new; with `groups` given they replace the ones it had.

    Groups without conditions are left out. Raises Refused: a value that names nothing, conditions that contradict each
    other, a rule that repeats another, calls that would run in a circle.
    """
    before = None if rule.pk is None else described(Rule.objects.complete().get(pk=rule.pk))
    if rule.pk is None and not rule.position:
        last = Rule.objects.filter(client=rule.client).aggregate(last=Max("position"))["last"]
        rule.position = 0 if last is None else last + 1
    asked = None if groups is None else cleaned(rule.client, groups)
    if fault := find_fault(rule, rule_groups(rule) if asked is None else asked):
        raise Refused(fault, code="faulty_rule", fields={"groups": [fault]})
    rule.save()
    if asked is not None:
        _write(rule, asked)
    own = destination_of(rule.client)
    graph.refuse_loop(own)
    _note_change(rule, before, by)
    return rule


def _write(rule: Rule, groups: Sequence[GroupView]) -> None:
    ConditionGroup.objects.filter(rule=rule).delete()
    for group in groups:
        row = ConditionGroup.objects.create(rule=rule, match=group.match)
        Condition.objects.bulk_create(
            Condition(group=row, subject=one.subject, value=one.value, negated=one.negated, number=one.number)
            for one in group.conditions
        )


def rule_groups(rule: Rule) -> tuple[GroupView, ...]:
    """The groups of a rule as they are written; none for one that was never saved."""
    if rule.pk is None:
        return ()
    rows = ConditionGroup.objects.filter(rule=rule).prefetch_related("conditions")
    return tuple(row.view for row in rows)


def cleaned(client: Client, groups: Sequence[GroupView]) -> tuple[GroupView, ...]:
    """`groups` with their values as the engine compares them. Raises Refused, naming the condition at fault."""
    found = values.clean_groups(client, groups)
    if found.faults:
        sentence = next(iter(found.faults.values()))
        raise Refused(sentence, code="faulty_rule", fields={"groups": list(found.faults.values())})
    return found.groups


@transaction.atomic
def remove_rule(rule: Rule, *, by: User | None = None) -> None:
    """Delete `rule`. The decisions that it made stay, with their sentences."""
    _note("routing.rule_removed", rule, by)
    rule.delete()


def destination_of(client: Client) -> Destination:
    """What a voice menu or a queue points at to have the client's rules asked: made when first wanted."""
    own = Destination.objects.filter(client=client, kind=KIND).first()
    return own or destinations.create(client, KIND, "Routing rules")


def edges(destination: Destination) -> list[tuple[Destination, str]]:
    """Where the rules send calls, and when: for the search for loops."""
    rules = Rule.objects.filter(client=destination.client_id, active=True).select_related("destination", "fallback")
    found = [(rule.destination, f"by rule “{rule.name}”") for rule in rules]
    found += [(rule.fallback, f"fallback of “{rule.name}”") for rule in rules if rule.fallback is not None]
    numbers = PhoneNumber.objects.filter(client=destination.client_id).values("destination")
    defaults = Destination.objects.filter(pk__in=numbers).exclude(kind=KIND)
    return found + [(default, "when no rule matches") for default in defaults]


def view(rule: Rule) -> truth.RuleView:
    """The rule as the engine sees it."""
    fallback = rule.fallback
    return truth.RuleView(
        rule.pk, rule.name, rule.group_views, rule.match, usable=rule.destination.active,
        destination=rule.destination_id, fallback=rule.fallback_id,
        fallback_usable=fallback is not None and fallback.active, guarded=rule.destination.kind == QUEUE,
    )  # fmt: skip


def check(rule: Rule) -> None:
    """Raise Refused when `rule`, as it is written, has a fault."""
    if fault := find_fault(rule, rule_groups(rule)):
        raise Refused(fault, code="faulty_rule", fields={"groups": [fault]})


def find_fault(rule: Rule, groups: Sequence[GroupView]) -> str:
    """Why `rule` cannot stand with these groups, as a sentence; "" when it can."""
    for target in (rule.destination, rule.fallback):
        if target is not None and target.client_id != rule.client_id:
            return f"“{target.label}” belongs to another client. Choose a destination of {rule.client}."
    if rule.fallback_id is not None and rule.fallback_id == rule.destination_id:
        return "The fallback is the destination itself. Choose another place, or none."
    if reason := logic.contradiction(groups, rule.match):
        return f"This rule can never apply: {reason}. Take one of the conditions out."
    if not rule.active:
        return ""
    asked = logic.ways(groups, rule.match)
    if asked is None:
        return ""
    for other in Rule.objects.trying(rule.client).exclude(pk=rule.pk):
        theirs = logic.ways(other.group_views, other.match)
        if theirs is not None and set(theirs) == set(asked):
            return (
                f"“{other.name}” has the same conditions, so one of the two would never apply. "
                "Change the conditions, or switch one of them off."
            )
    return ""


@transaction.atomic
def arrange(client: Client, rules: Sequence[Rule], *, by: User | None = None) -> None:
    """Try `rules` in this order; those of the client that are not named come after them, as they stood."""
    rest = Rule.objects.filter(client=client).exclude(pk__in=[rule.pk for rule in rules])
    order = [*rules, *rest]
    before = list(Rule.objects.filter(client=client).values_list("pk", flat=True))
    for position, rule in enumerate(order):
        Rule.objects.filter(pk=rule.pk).update(position=position)
    if [rule.pk for rule in order] != before:
        note_order(client, order, by=by)


@contextmanager
def noting_order(clients: Sequence[Client], *, by: User | None) -> Iterator[None]:
    """Note the order of rules if what is done in here changes it: the list of the admin writes positions by itself."""
    before = {client: list(Rule.objects.filter(client=client)) for client in clients}
    yield
    for client, order in before.items():
        after = list(Rule.objects.filter(client=client))
        if after != order:
            note_order(client, after, by=by)


def note_order(client: Client, rules: Sequence[Rule], *, by: User | None) -> None:
    """Write down in which order the client's rules are tried from now on."""
    events.record(
        "routing.rules_ordered", client_ref=client.public_id, actor=by, order=", ".join(rule.name for rule in rules)
    )


def described(rule: Rule) -> dict[str, str]:
    """What a manager set up in `rule`, in words, for the history of changes."""
    return {
        "name": rule.name,
        "state": "on" if rule.active else "off",
        "when": wording.rule_asks(rule_groups(rule), rule.match) or "always",
        "goes to": rule.destination.label,
        "fallback": rule.fallback.label if rule.fallback else "none",
    }


def _note_change(rule: Rule, before: dict[str, str] | None, by: User | None) -> None:
    now = described(rule)
    if before is None:
        _note("routing.rule_made", rule, by, what=f"{now['when']}: it goes to {now['goes to']}")
        return
    changes = [f"{name}: {before[name]} → {now[name]}" for name in now if before[name] != now[name]]
    if changes:
        _note("routing.rule_changed", rule, by, what="; ".join(changes))


def _note(kind: str, rule: Rule, by: User | None, **data: Any) -> None:
    events.record(
        kind, subject=f"rule:{rule.public_id}", client_ref=rule.client.public_id, actor=by, rule=rule.name, **data
    )
