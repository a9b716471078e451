"""What can be said of rules without any call: that one can never hold, or that earlier ones leave it nothing. Pure.

Never a false alarm: what is claimed here holds for every call. That something is not noticed may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from apps.core import numbers
from apps.routing import truth
from apps.routing.truth import ANY, MEASURED, NO, YES, ConditionView, GroupView, RuleView, conditions_of

Term = frozenset[ConditionView]
"""Conditions that hold together: one of the ways in which a rule can hold."""

MOST_TERMS = 256  # of a rule; a rule with more ways to hold is not looked into
MOST_SPLITS = 3  # "the caller has the tag or has it not": so deep one case is taken apart
# Either the condition or its opposite holds for every call.
_DECIDED = frozenset({truth.NUMBER, truth.KNOWN_CALLER, truth.CALLER_TAG, truth.CALLER_LIST})
_ABOUT_CALLER = frozenset({truth.CALLER, truth.CALLER_PREFIX, truth.COUNTRY})
_PREFIX_OF = {truth.CALLER: truth.CALLER_PREFIX, truth.DIGITS: truth.DIGITS_PREFIX}


def ways(groups: Sequence[GroupView], match: str) -> list[Term] | None:
    """Every way in which the groups can hold; None when there are more than `MOST_TERMS`."""
    parts = [_ways_of(group) for group in groups]
    if match == ANY and parts:
        found = [term for part in parts for term in part]
    else:
        size = 1
        for part in parts:
            size *= len(part)
        if size > MOST_TERMS:
            return None
        found = [frozenset().union(*terms) for terms in product(*parts)]
    return list(dict.fromkeys(found)) if len(found) <= MOST_TERMS else None


def _ways_of(group: GroupView) -> list[Term]:
    if group.match == ANY and group.conditions:
        return [frozenset([condition]) for condition in group.conditions]
    return [frozenset(group.conditions)]


def contradiction(groups: Sequence[GroupView], match: str = truth.ALL) -> str:
    """Why the groups can never hold, in words; "" when they can."""
    terms = ways(groups, match)
    if not terms:
        return ""
    reasons = [clash_in(term) for term in terms]
    return reasons[0] if all(reasons) else ""


def dead_groups(groups: Sequence[GroupView]) -> list[tuple[int, str]]:
    """The places of groups that can never hold by themselves, each with the reason."""
    found = ((place, contradiction([group])) for place, group in enumerate(groups))
    return [(place, reason) for place, reason in found if reason]


def clash_in(term: Iterable[ConditionView]) -> str:
    """Why these conditions can never hold together; "" when they can."""
    asked = sorted(term, key=lambda one: (truth.SUBJECTS.index(one.subject), one.value, one.negated, one.number or 0))
    for position, one in enumerate(asked):
        for other in asked[position + 1 :]:
            if reason := _clash(one, other):
                return reason
    return ""


def _clash(one: ConditionView, other: ConditionView) -> str:
    if one.negated and not other.negated:
        one, other = other, one
    if one.subject == other.subject in MEASURED:
        return _clash_of_measures(one, other)
    if (one.subject, one.value) == (other.subject, other.value):
        return f"“{one.value}” cannot be asked for and ruled out at once" if one.negated != other.negated else ""
    if truth.KNOWN_CALLER in (one.subject, other.subject):
        return _clash_of_known(one, other)
    if {one.subject, other.subject} == {truth.CALLED_BEFORE, truth.SINCE_LAST_CALL}:
        before = one if one.subject == truth.CALLED_BEFORE else other
        return "who never called has no last call" if _wants(before) == NO else ""
    if one.subject == other.subject == truth.CALLED_BEFORE:
        return "" if _wants(one) == _wants(other) else "a caller cannot have called before and never"
    return "" if one.negated else _clash_of_values(one, other)


def _clash_of_measures(one: ConditionView, other: ConditionView) -> str:
    """ "At least" and "less than" of one quantity. A number of something is never below 0."""
    if one.value != other.value or one.negated == other.negated:
        return ""
    least, below = one.number or 0, other.number or 0
    return f"it cannot be at least {least} and less than {below} at once" if least >= below else ""


def _clash_of_known(one: ConditionView, other: ConditionView) -> str:
    if one.subject == other.subject:
        return "" if _wants(one) == _wants(other) else "a caller cannot be known and unknown"
    known, marked = (one, other) if one.subject == truth.KNOWN_CALLER else (other, one)
    if marked.subject in (truth.CALLER_TAG, truth.CALLER_LIST) and not marked.negated and _wants(known) == NO:
        return f"an unknown caller cannot be marked “{marked.value}”"
    return ""


def _wants(condition: ConditionView) -> str:
    """Which answer to a question of yes or no the condition wants."""
    return NO if (condition.value == YES) == condition.negated else YES


def _clash_of_values(one: ConditionView, other: ConditionView) -> str:
    """`one` is asked for; `other` is asked for or ruled out."""
    if other.negated:
        taken = _implies(one, ConditionView(other.subject, other.value, False, other.number))
        verb = "begins with" if other.subject in _PREFIX_OF.values() else "is"
        return f"{one.value} {verb} {other.value}, which is ruled out" if taken else ""
    if one.subject == other.subject == truth.LANGUAGE:
        apart = not (truth.speaks(one.value, other.value) or truth.speaks(other.value, one.value))
        return f"it cannot be {one.value} and {other.value} at once" if apart else ""
    if _implies(one, ConditionView(other.subject, other.value, True, other.number)) or _implies(
        other, ConditionView(one.subject, one.value, True, one.number)
    ):
        about_caller = {one.subject, other.subject} <= _ABOUT_CALLER
        return f"{'a number cannot fit' if about_caller else 'it cannot be'} {one.value} and {other.value} at once"
    return ""


def implied(rule: RuleView, term: Term) -> bool:
    """True only if `rule` holds whenever all conditions of `term` do."""
    if not rule.groups:
        return True
    parts = (_group_implied(group, term) for group in rule.groups)
    return any(parts) if rule.match == ANY else all(parts)


def _group_implied(group: GroupView, term: Term) -> bool:
    parts = (any(_implies(known, condition) for known in term) for condition in group.conditions)
    return any(parts) if group.match == ANY and group.conditions else all(parts)


def _implies(known: ConditionView, wanted: ConditionView) -> bool:
    """True only if `wanted` holds whenever `known` does."""
    if known == wanted:
        return True
    if known.subject in MEASURED:
        return _measure_implies(known, wanted)
    if known.subject == wanted.subject and known.subject in (truth.KNOWN_CALLER, truth.CALLED_BEFORE):
        return _wants(known) == _wants(wanted)
    if wanted.subject == truth.KNOWN_CALLER:
        marked = known.subject in (truth.CALLER_TAG, truth.CALLER_LIST) and not known.negated
        return marked and _wants(wanted) == YES
    if known.subject == truth.KNOWN_CALLER:
        unmarked = wanted.subject in (truth.CALLER_TAG, truth.CALLER_LIST) and wanted.negated
        return unmarked and _wants(known) == NO
    return _negation_implies(known, wanted) if known.negated else _value_implies(known, wanted)


def _measure_implies(known: ConditionView, wanted: ConditionView) -> bool:
    if wanted.subject == truth.CALLED_BEFORE:
        return known.subject == truth.SINCE_LAST_CALL and _wants(wanted) == YES
    if (known.subject, known.value, known.negated) != (wanted.subject, wanted.value, wanted.negated):
        return False
    least, wish = known.number or 0, wanted.number or 0
    return least <= wish if known.negated else least >= wish


def _negation_implies(known: ConditionView, wanted: ConditionView) -> bool:
    """What does not begin with +1 does not begin with +1415 either, and is not +14155550123."""
    if not wanted.negated:
        return False
    return _value_implies(
        ConditionView(wanted.subject, wanted.value), ConditionView(known.subject, known.value)
    ) and _same_thing(known, wanted)


def _same_thing(one: ConditionView, other: ConditionView) -> bool:
    """Both are known or unknown together, so that the opposite of one follows from the opposite of the other."""
    if one.subject == other.subject:
        return one.subject in (truth.CALLER_PREFIX, truth.DIGITS_PREFIX, truth.LANGUAGE)
    return _PREFIX_OF.get(other.subject) == one.subject


def _value_implies(known: ConditionView, wanted: ConditionView) -> bool:
    """`known` is asked for."""
    yes = not wanted.negated
    if known.subject == wanted.subject:
        return _same_subject(known, wanted, yes)
    if known.subject == truth.CALLER and wanted.subject == truth.COUNTRY:
        country = numbers.country(known.value)
        return bool(country) and (country == wanted.value) == yes
    if _PREFIX_OF.get(known.subject) == wanted.subject:
        return known.value.startswith(wanted.value) == yes
    if _PREFIX_OF.get(wanted.subject) == known.subject:
        return not yes and not wanted.value.startswith(known.value)
    if (known.subject, wanted.subject) == (truth.COUNTRY, truth.CALLER_PREFIX):
        code = numbers.calling_code(known.value)
        if yes:
            return bool(code) and code.startswith(wanted.value)
        return bool(code) and not code.startswith(wanted.value) and not wanted.value.startswith(code)
    return False


def _same_subject(known: ConditionView, wanted: ConditionView, yes: bool) -> bool:
    match known.subject:
        case "number" | "caller" | "country" | "digits":
            return (known.value == wanted.value) == yes
        case "caller_prefix" | "digits_prefix":
            if yes:
                return known.value.startswith(wanted.value)
            return not known.value.startswith(wanted.value) and not wanted.value.startswith(known.value)
        case "language":
            if yes:
                return truth.speaks(known.value, wanted.value)
            return not truth.speaks(known.value, wanted.value) and not truth.speaks(wanted.value, known.value)
    return known == wanted


def shadow(rule: RuleView, earlier: Iterable[RuleView]) -> list[RuleView]:
    """The earlier rules that together take every call `rule` could have; [] when it may get one."""
    before = [other for other in earlier if other.takes_calls]
    terms = ways(rule.groups, rule.match)
    if terms is None or not before:
        return []
    splits = [
        condition
        for condition in dict.fromkeys(each for other in before for each in conditions_of(other.groups))
        if condition.subject in _DECIDED
    ]
    takers: dict[int, RuleView] = {}
    live = [term for term in terms if not clash_in(term)]
    for term in live:
        found = _takers(term, before, splits, MOST_SPLITS)
        if found is None:
            return []
        takers |= {other.pk: other for other in found}
    return [other for other in before if other.pk in takers]


def _takers(
    term: Term, before: Sequence[RuleView], splits: Sequence[ConditionView], depth: int
) -> list[RuleView] | None:
    """The rules that take every call for which `term` holds; [] when there is none such; None when one may be left."""
    if clash_in(term):
        return []
    if first := next((other for other in before if implied(other, term)), None):
        return [first]
    for condition in splits if depth else ():
        opposite = ConditionView(condition.subject, condition.value, not condition.negated)
        if condition in term or opposite in term:
            continue
        found = [_takers(case, before, splits, depth - 1) for case in _cases(term, condition, opposite)]
        if None not in found:
            return [other for part in found for other in part or ()]
    return None


def _cases(term: Term, condition: ConditionView, opposite: ConditionView) -> Iterator[Term]:
    yield term | {condition}
    yield term | {opposite}
