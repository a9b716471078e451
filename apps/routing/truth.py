"""Whether a rule holds for a call: values, and nothing but values.

A rule has groups, a group has conditions; all of them must hold, or any one. A condition about something unknown (a
deleted schedule, a withheld number) does not hold, and neither does its opposite. What was not looked up is something
else again: then nobody can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from apps.core import numbers

NUMBER, CALLER, CALLER_PREFIX, COUNTRY = "number", "caller", "caller_prefix", "country"
CALLER_TAG, CALLER_LIST, KNOWN_CALLER, LANGUAGE = "caller_tag", "caller_list", "known_caller", "language"
OPEN, HOLIDAY, DIGITS, DIGITS_PREFIX = "open", "holiday", "digits", "digits_prefix"
CALLED_BEFORE, SINCE_LAST_CALL = "called_before", "since_last_call"
QUEUE_WAITING, QUEUE_LONGEST_WAIT, QUEUE_FREE = "queue_waiting", "queue_longest_wait", "queue_free"
SKILL_AVAILABLE = "skill_available"
SUBJECTS = (
    NUMBER, CALLER, CALLER_PREFIX, COUNTRY, KNOWN_CALLER, CALLER_TAG, CALLER_LIST, LANGUAGE, CALLED_BEFORE,
    SINCE_LAST_CALL, OPEN, HOLIDAY, DIGITS, DIGITS_PREFIX, QUEUE_WAITING, QUEUE_LONGEST_WAIT, QUEUE_FREE,
    SKILL_AVAILABLE,
)  # fmt: skip
# Known as soon as a call arrives; the others must be looked up.
AT_HAND = frozenset({NUMBER, CALLER, CALLER_PREFIX, COUNTRY, KNOWN_CALLER, LANGUAGE})
# Compared with a number: "at least", or "less than" when negated.
MEASURED = frozenset({SINCE_LAST_CALL, QUEUE_WAITING, QUEUE_LONGEST_WAIT, QUEUE_FREE, SKILL_AVAILABLE})
# One fact serves two subjects.
SAME_FACT = {DIGITS_PREFIX: DIGITS}
NAMELESS = frozenset({DIGITS, DIGITS_PREFIX, CALLED_BEFORE, SINCE_LAST_CALL})
ALL, ANY = "all", "any"
YES, NO = "yes", "no"

Value = bool | int | str | None


@dataclass(frozen=True)
class Facts:
    """What is known about a call when it is routed.

    `caller` is "" when withheld. `tags`, `lists` and `language` are None when they were not looked up. `found` holds
    what else was looked up, by subject and name ("" where there is none): None there is unknown, and what is absent was
    not looked up. `refusals` says, by destination, why it took no calls just then ("" when it did). `default` is where
    the number sends calls by itself.
    """

    number: str
    caller: str = ""
    known: bool = False
    language: str | None = None
    tags: frozenset[str] | None = None
    lists: frozenset[str] | None = None
    found: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    refusals: Mapping[int, str] = field(default_factory=dict)
    default: int | None = None

    def as_json(self) -> dict[str, Any]:
        def listed(names: frozenset[str] | None) -> list[str] | None:
            return None if names is None else sorted(names)

        refusals = [[pk, why] for pk, why in self.refusals.items()]
        return asdict(self) | {"tags": listed(self.tags), "lists": listed(self.lists), "refusals": refusals}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Facts:
        """Also what was kept before groups came, when nobody wrote down whether an empty list had been looked up."""
        old = "found" not in kept

        def names(key: str) -> frozenset[str] | None:
            return None if kept[key] is None or (old and not kept[key]) else frozenset(kept[key])

        return cls(
            kept["number"], kept["caller"], kept["known"], kept.get("language"), names("tags"), names("lists"),
            {OPEN: kept["open"]} if old else kept["found"], dict(kept.get("refusals", ())), kept.get("default"),
        )  # fmt: skip


@dataclass(frozen=True)
class ConditionView:
    """One thing that must hold, or must not (`negated`). `number` is what a measure must reach (or stay below)."""

    subject: str
    value: str = ""
    negated: bool = False
    number: int | None = None


@dataclass(frozen=True)
class GroupView:
    """Conditions of which `all` must hold, or `any`. An empty group holds."""

    conditions: tuple[ConditionView, ...] = ()
    match: str = ALL


@dataclass(frozen=True)
class RuleView:
    """Groups of which `all` must hold, or `any`; without groups it holds for every call.

    `usable` is false while its destination is switched off, `fallback_usable` while the fallback is (or there is
    none). `guarded`: the destination is a queue, so the fallback may be needed at some moments and not at others.
    """

    pk: int
    name: str
    groups: tuple[GroupView, ...] = ()
    match: str = ALL
    usable: bool = True
    destination: int | None = None
    fallback: int | None = None
    fallback_usable: bool = False
    guarded: bool = False

    @property
    def takes_calls(self) -> bool:
        return self.usable or self.fallback_usable


class Truth(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    UNASKED = "not looked up"


def rule_holds(rule: RuleView, facts: Facts) -> bool | None:
    """Whether `rule` holds; None when that hangs on something that was not looked up."""
    return _together(rule.match, (group_holds(group, facts) for group in rule.groups))


def group_holds(group: GroupView, facts: Facts) -> bool | None:
    return _together(group.match, (holds(condition, facts) for condition in group.conditions))


def _together(match: str, parts: Iterator[bool | None]) -> bool | None:
    truths = list(parts)
    decisive = match == ANY
    if not truths:
        return True
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def holds(condition: ConditionView, facts: Facts) -> bool | None:
    """Whether `condition` is known to hold; None when what it asks was not looked up."""
    truth = truth_of(condition, facts)
    if truth is Truth.UNASKED:
        return None
    return truth is (Truth.NO if condition.negated else Truth.YES)


def truth_of(condition: ConditionView, facts: Facts) -> Truth:
    """How things stand with what `condition` asks, whether it is negated or not."""
    truth = _truth(condition, facts)
    return truth if isinstance(truth, Truth) else Truth.YES if truth else Truth.NO


def _truth(condition: ConditionView, facts: Facts) -> Truth | bool:
    value = condition.value
    match condition.subject:
        case "number":
            return facts.number == value
        case "known_caller":
            return facts.known == (value == YES)
        case "caller" | "caller_prefix" | "country":
            return _about_caller(condition.subject, value, facts.caller)
        case "language":
            return Truth.UNASKED if facts.language is None else speaks(facts.language, value)
        case "caller_tag" | "caller_list":
            names = facts.tags if condition.subject == CALLER_TAG else facts.lists
            return False if not facts.known else Truth.UNASKED if names is None else value in names
    found = found_for(condition, facts)
    if isinstance(found, Truth):
        return found
    if condition.subject in MEASURED:
        return int(found) >= (condition.number or 0)
    if condition.subject == CALLED_BEFORE:
        return bool(found) == (value == YES)
    if condition.subject in (DIGITS, DIGITS_PREFIX):
        return str(found).startswith(value) if condition.subject == DIGITS_PREFIX else found == value
    return bool(found)


def _about_caller(subject: str, value: str, caller: str) -> Truth | bool:
    if not caller:
        return Truth.UNKNOWN
    if subject == COUNTRY:
        country = numbers.country(caller)
        return country == value if country else Truth.UNKNOWN
    return caller.startswith(value) if subject == CALLER_PREFIX else caller == value


def found_for(condition: ConditionView, facts: Facts) -> Truth | bool | int | str:
    """What was looked up for `condition`, or that nothing was, or that it is unknown."""
    kept = facts.found.get(SAME_FACT.get(condition.subject, condition.subject), {})
    name = "" if condition.subject in NAMELESS else condition.value
    if name not in kept:
        return Truth.UNASKED
    found = kept[name]
    return Truth.UNKNOWN if found is None else found


def speaks(language: str, wanted: str) -> bool:
    """Whether `language` is `wanted` or a regional form of it: es-MX is es."""
    return language.lower() == wanted.lower() or language.lower().startswith(f"{wanted.lower()}-")


def conditions_of(groups: Sequence[GroupView]) -> list[ConditionView]:
    """All conditions, in their order."""
    return [condition for group in groups for condition in group.conditions]
