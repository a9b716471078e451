"""How conditions and their outcome are said: "the caller does not have the tag “VIP”". Pure."""

from __future__ import annotations

from apps.core import numbers
from apps.routing import truth
from apps.routing.truth import (
    ANY,
    MEASURED,
    YES,
    ConditionView,
    Facts,
    GroupView,
    RuleView,
    Truth,
    found_for,
    group_holds,
    holds,
    truth_of,
)

EVERY_CALL = "it applies to every call"
_NAMED = "“{value}” was renamed or deleted"
_UNKNOWN = {
    truth.OPEN: "“{value}” has no hours",
    truth.HOLIDAY: "“{value}” has no hours",
    truth.DIGITS: "no key was pressed in a menu",
    truth.DIGITS_PREFIX: "no key was pressed in a menu",
    truth.SINCE_LAST_CALL: "the caller has not called before",
    truth.COUNTRY: "the country of the caller is not known",
    truth.QUEUE_WAITING: _NAMED,
    truth.QUEUE_LONGEST_WAIT: _NAMED,
    truth.QUEUE_FREE: _NAMED,
    truth.SKILL_AVAILABLE: _NAMED,
}
_NUMBERS = frozenset({truth.NUMBER, truth.CALLER})
_OF_THE_CALLER = frozenset(
    {truth.CALLER, truth.CALLER_PREFIX, truth.COUNTRY, truth.CALLED_BEFORE, truth.SINCE_LAST_CALL}
)
# Of a phrase with a measure: what is counted, with places for its name and for the number.
_MEASURES = {
    truth.SINCE_LAST_CALL: "the caller's last call is {amount} minutes ago",
    truth.QUEUE_WAITING: "{amount} wait in “{value}”",
    truth.QUEUE_LONGEST_WAIT: "the longest wait in “{value}” is {amount} s",
    truth.QUEUE_FREE: "{amount} operators of “{value}” are free",
    truth.SKILL_AVAILABLE: "{amount} operators with the skill “{value}” are free",
}
# (when it is so, when it is not so)
_PHRASES = {
    truth.NUMBER: ("the call came to {value}", "the call did not come to {value}"),
    truth.CALLER: ("the caller is {value}", "the caller is not {value}"),
    truth.CALLER_PREFIX: ("the caller's number begins with {value}", "the caller's number does not begin with {value}"),
    truth.COUNTRY: ("the caller is from {value}", "the caller is not from {value}"),
    truth.CALLER_TAG: ("the caller has the tag “{value}”", "the caller does not have the tag “{value}”"),
    truth.CALLER_LIST: ("the caller is on the list “{value}”", "the caller is not on the list “{value}”"),
    truth.LANGUAGE: ("the language is {value}", "the language is not {value}"),
    truth.OPEN: ("“{value}” is open", "“{value}” is closed"),
    truth.HOLIDAY: ("today is a holiday of “{value}”", "today is no holiday of “{value}”"),
    truth.DIGITS: ("the caller pressed {value}", "the caller did not press {value}"),
    truth.DIGITS_PREFIX: ("the caller pressed {value} first", "the caller did not press {value} first"),
}
_YES_OR_NO = {
    truth.KNOWN_CALLER: ("the caller is known", "the caller is not known"),
    truth.CALLED_BEFORE: ("the caller has called before", "the caller has not called before"),
}


def asks(condition: ConditionView) -> str:
    """What `condition` wants."""
    if condition.subject in MEASURED:
        amount = f"{'less than' if condition.negated else 'at least'} {condition.number}"
        return _MEASURES[condition.subject].format(value=condition.value, amount=amount)
    return _phrase(condition, not condition.negated)


def rule_asks(groups: tuple[GroupView, ...], match: str) -> str:
    """What the groups want together; "" when they ask for nothing."""
    several = len(groups) > 1
    parts = [f"({group_asks(one)})" if several and len(one.conditions) > 1 else group_asks(one) for one in groups]
    return _join(match).join(parts)


def group_asks(group: GroupView) -> str:
    return _join(group.match).join(asks(condition) for condition in group.conditions)


def words(condition: ConditionView, facts: Facts) -> str:
    """How things stood with `condition`."""
    found = truth_of(condition, facts)
    if found is Truth.UNASKED:
        return f"nobody looked up whether {asks(condition)}"
    if found is Truth.UNKNOWN:
        if condition.subject in _OF_THE_CALLER and not facts.caller:
            return "the caller's number is withheld"
        return _UNKNOWN[condition.subject].format(value=condition.value)
    if condition.subject in MEASURED:
        told = _MEASURES[condition.subject].format(value=condition.value, amount=found_for(condition, facts))
        return f"{told}, {'at least' if found is Truth.YES else 'less than'} {condition.number}"
    if found is Truth.NO and condition.subject == truth.NUMBER:
        return f"the call came to {numbers.pretty(facts.number)}, not {numbers.pretty(condition.value)}"
    return _phrase(condition, found is Truth.YES)


def why_not(rule: RuleView, facts: Facts) -> str:
    """What failed in a rule that does not hold."""
    failed = [group for group in rule.groups if group_holds(group, facts) is False]
    told = failed if rule.match == ANY else failed[:1]
    return " and ".join(_group_failed(group, facts) for group in told)


def _group_failed(group: GroupView, facts: Facts) -> str:
    failed = [condition for condition in group.conditions if holds(condition, facts) is False]
    return " and ".join(words(condition, facts) for condition in (failed if group.match == ANY else failed[:1]))


def why(rule: RuleView, facts: Facts) -> str:
    """What held in a rule that holds."""
    held = [group for group in rule.groups if group_holds(group, facts)]
    told = held[:1] if rule.match == ANY else held
    return " and ".join(filter(None, (_group_held(group, facts) for group in told))) or EVERY_CALL


def _group_held(group: GroupView, facts: Facts) -> str:
    held = [condition for condition in group.conditions if holds(condition, facts)]
    return " and ".join(words(condition, facts) for condition in (held[:1] if group.match == ANY else held))


def unasked(rule: RuleView, facts: Facts) -> str:
    """What was not looked up, of a rule of which nobody can say whether it holds."""
    missing = (one for group in rule.groups for one in group.conditions if holds(one, facts) is None)
    return words(next(missing), facts)


def _phrase(condition: ConditionView, is_so: bool) -> str:
    if condition.subject in _YES_OR_NO:
        return _YES_OR_NO[condition.subject][0 if is_so == (condition.value == YES) else 1]
    value = numbers.pretty(condition.value) if condition.subject in _NUMBERS else condition.value
    return _PHRASES[condition.subject][0 if is_so else 1].format(value=value)


def _join(match: str) -> str:
    return " or " if match == ANY else " and "


_FOUND = {
    truth.QUEUE_WAITING: "waiting in “{name}”",
    truth.QUEUE_LONGEST_WAIT: "longest wait in “{name}” (s)",
    truth.QUEUE_FREE: "free in “{name}”",
    truth.SKILL_AVAILABLE: "free with the skill “{name}”",
    truth.DIGITS: "pressed",
    truth.SINCE_LAST_CALL: "minutes since the last call",
    truth.CALLED_BEFORE: "called before",
    truth.OPEN: "“{name}”",
    truth.HOLIDAY: "holiday of “{name}”",
}


def found_in_words(facts: Facts) -> list[tuple[str, str]]:
    """What was looked up, as pairs of a name and a value."""
    return [
        (_FOUND[subject].format(name=name), _value_in_words(subject, value))
        for subject, answers in facts.found.items()
        for name, value in answers.items()
    ]


def _value_in_words(subject: str, value: truth.Value) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        yes, no = ("open", "closed") if subject == truth.OPEN else ("yes", "no")
        return yes if value else no
    return str(value)
