"""Which rule decides about a call, and why the others did not. Pure: one code for live calls, trials and replay.

Rules are tried in order; the first whose conditions all hold, and whose destination takes calls, decides. A condition
about something unknown (a deleted schedule, a withheld number) does not hold, and neither does its opposite.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

NUMBER, CALLER, CALLER_PREFIX = "number", "caller", "caller_prefix"
CALLER_TAG, CALLER_LIST, KNOWN_CALLER, OPEN = "caller_tag", "caller_list", "known_caller", "open"
SUBJECTS = (NUMBER, CALLER, CALLER_PREFIX, CALLER_TAG, CALLER_LIST, KNOWN_CALLER, OPEN)
# Known as soon as a call arrives; the others must be looked up.
AT_HAND = frozenset({NUMBER, CALLER, CALLER_PREFIX, KNOWN_CALLER})
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Facts:
    """What is known about a call when it arrives. `caller` is "" when withheld; `open` holds schedules by name."""

    number: str
    caller: str = ""
    known: bool = False
    tags: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    open: Mapping[str, bool] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"tags": sorted(self.tags), "lists": sorted(self.lists), "open": dict(self.open)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Facts:
        return cls(**{**kept, "tags": frozenset(kept["tags"]), "lists": frozenset(kept["lists"])})


@dataclass(frozen=True)
class ConditionView:
    """One thing that must hold, or must not (`negated`)."""

    subject: str
    value: str
    negated: bool = False


@dataclass(frozen=True)
class RuleView:
    """A rule; `usable` is false while its destination is switched off. What is at hand comes first in `conditions`."""

    pk: int
    name: str
    conditions: tuple[ConditionView, ...] = ()
    usable: bool = True

    @classmethod
    def of(cls, pk: int, name: str, conditions: Iterable[ConditionView], *, usable: bool = True) -> RuleView:
        """The rule with its conditions in the order in which it is cheapest to ask."""
        return cls(pk, name, tuple(sorted(conditions, key=lambda each: each.subject not in AT_HAND)), usable)


@dataclass(frozen=True)
class Trial:
    """How one rule fared. `because` says in words what held or what failed."""

    rule: int
    name: str
    matched: bool
    because: str


@dataclass(frozen=True)
class Verdict:
    """The deciding rule (None: no rule) and every rule that was tried, in order."""

    rule: int | None
    tried: tuple[Trial, ...]

    @property
    def because(self) -> str:
        return self.tried[-1].because if self.rule is not None else ""


def decide(facts: Facts, rules: Iterable[RuleView]) -> Verdict:
    """Try `rules` in their order on `facts`."""
    tried: list[Trial] = []
    for rule in rules:
        failed = next((condition for condition in rule.conditions if not holds(condition, facts)), None)
        if failed is not None:
            tried.append(Trial(rule.pk, rule.name, False, words(failed, facts)))
        elif not rule.usable:
            tried.append(Trial(rule.pk, rule.name, False, "its destination is switched off"))
        else:
            held = [words(condition, facts) for condition in rule.conditions]
            tried.append(Trial(rule.pk, rule.name, True, " and ".join(held) or "it applies to every call"))
            return Verdict(rule.pk, tuple(tried))
    return Verdict(None, tuple(tried))


def may_hold(rule: RuleView, facts: Facts) -> bool:
    """False when what is at hand rules `rule` out already, so that nothing need be looked up for it."""
    return all(holds(condition, facts) for condition in rule.conditions if condition.subject in AT_HAND)


def holds(condition: ConditionView, facts: Facts) -> bool:
    """Whether `condition` is known to hold."""
    truth = _truth(condition, facts)
    return truth is not None and truth != condition.negated


def _truth(condition: ConditionView, facts: Facts) -> bool | None:
    value = condition.value
    match condition.subject:
        case "number":
            return facts.number == value
        case "caller":
            return facts.caller == value if facts.caller else None
        case "caller_prefix":
            return facts.caller.startswith(value) if facts.caller else None
        case "caller_tag":
            return value in facts.tags
        case "caller_list":
            return value in facts.lists
        case "known_caller":
            return facts.known == (value == YES)
        case "open":
            return facts.open.get(value)
    return None


def words(condition: ConditionView, facts: Facts) -> str:
    """How things stood with `condition`, as a person says it: "the caller does not have the tag “VIP”"."""
    truth = _truth(condition, facts)
    if truth is None:
        return "the caller's number is withheld" if condition.subject != OPEN else f"“{condition.value}” has no hours"
    if condition.subject == NUMBER and not truth:
        return f"the call came to {facts.number}, not {condition.value}"
    return _phrase(condition, truth)


def asks(condition: ConditionView) -> str:
    """What `condition` wants, in the same words."""
    return _phrase(condition, not condition.negated)


def _phrase(condition: ConditionView, truth: bool) -> str:
    value = condition.value
    match condition.subject:
        case "number":
            return f"the call {'came' if truth else 'did not come'} to {value}"
        case "caller":
            return f"the caller is {value}" if truth else f"the caller is not {value}"
        case "caller_prefix":
            return f"the caller's number {'begins' if truth else 'does not begin'} with {value}"
        case "caller_tag":
            return f"the caller {'has' if truth else 'does not have'} the tag “{value}”"
        case "caller_list":
            return f"the caller is {'' if truth else 'not '}on the list “{value}”"
        case "known_caller":
            return "the caller is known" if truth == (value == YES) else "the caller is not known"
    return f"“{value}” is {'open' if truth else 'closed'}"


def contradiction(conditions: Sequence[ConditionView]) -> str:
    """Why `conditions` can never hold together, in words; "" when they can."""
    for position, one in enumerate(conditions):
        for other in conditions[position + 1 :]:
            if reason := _clash(one, other):
                return reason
    return ""


def _clash(one: ConditionView, other: ConditionView) -> str:
    if one.negated and not other.negated:
        one, other = other, one
    if (one.subject, one.value) == (other.subject, other.value):
        return f"“{one.value}” cannot be asked for and ruled out at once" if one.negated != other.negated else ""
    pair = {one.subject, other.subject}
    if pair == {KNOWN_CALLER, CALLER_TAG} or pair == {KNOWN_CALLER, CALLER_LIST}:
        known, marked = (one, other) if one.subject == KNOWN_CALLER else (other, one)
        asks_unknown = (known.value == NO) != known.negated
        return f"an unknown caller cannot be marked “{marked.value}”" if asks_unknown and not marked.negated else ""
    if one.subject == other.subject == KNOWN_CALLER:
        return "" if one.negated != other.negated else "a caller cannot be known and unknown"
    if one.negated:
        return ""
    return _clash_of_numbers(one, other)


def _clash_of_numbers(one: ConditionView, other: ConditionView) -> str:
    """`one` is asked for; `other` is asked for or ruled out."""
    if not other.negated and one.subject == other.subject and one.subject in (NUMBER, CALLER):
        return f"it cannot be {one.value} and {other.value} at once"
    if {one.subject, other.subject} <= {CALLER, CALLER_PREFIX}:
        covered = _prefix(other) and one.value.startswith(other.value)
        if other.negated:
            return f"{one.value} begins with {other.value}, which is ruled out" if covered else ""
        if not covered and not (_prefix(one) and other.value.startswith(one.value)):
            return f"a number cannot fit {one.value} and {other.value} at once"
    return ""


def _prefix(condition: ConditionView) -> bool:
    return condition.subject == CALLER_PREFIX


def shadow(rule: RuleView, earlier: Iterable[RuleView]) -> RuleView | None:
    """The earlier rule that takes every call `rule` could have: all its conditions are among the rule's own."""
    own = set(rule.conditions)
    return next((other for other in earlier if other.usable and set(other.conditions) <= own), None)
