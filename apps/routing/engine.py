"""Which rule decides about a call, and why the others did not. Pure: one code for live calls, trials and replay.

Rules are tried in order; the first that holds (see `truth`), and whose destination or fallback takes calls, decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.routing import wording
from apps.routing.truth import ConditionView, Facts, RuleView, group_holds, holds, rule_holds


@dataclass(frozen=True)
class Trial:
    """How one rule fared. `because` says in words what held or what failed."""

    rule: int
    name: str
    matched: bool
    because: str


@dataclass(frozen=True)
class Verdict:
    """The deciding rule (None: no rule), where the call goes, and every rule that was tried, in order.

    `fell_back` says why it goes to the rule's fallback, "" when it does not. `undecided`: something that matters was
    not looked up, so that nobody can say; then the last trial says what.
    """

    rule: int | None
    tried: tuple[Trial, ...]
    destination: int | None = None
    fell_back: str = ""
    undecided: bool = False

    @property
    def because(self) -> str:
        return self.tried[-1].because if self.rule is not None else ""


def decide(facts: Facts, rules: Iterable[RuleView]) -> Verdict:
    """Try `rules` in their order on `facts`."""
    tried: list[Trial] = []
    for rule in rules:
        truth = rule_holds(rule, facts)
        if truth is False:
            tried.append(Trial(rule.pk, rule.name, False, wording.why_not(rule, facts)))
        elif not rule.takes_calls:
            tried.append(Trial(rule.pk, rule.name, False, "its destination is switched off"))
        elif truth is None:
            tried.append(Trial(rule.pk, rule.name, False, wording.unasked(rule, facts)))
            return Verdict(None, tuple(tried), undecided=True)
        else:
            refusal = refusal_of(rule, facts)
            if refusal is None:
                tried.append(Trial(rule.pk, rule.name, False, "nobody noted whether its destination took calls then"))
                return Verdict(None, tuple(tried), undecided=True)
            tried.append(Trial(rule.pk, rule.name, True, wording.why(rule, facts)))
            return Verdict(rule.pk, tuple(tried), rule.fallback if refusal else rule.destination, refusal)
    return Verdict(None, tuple(tried), facts.default)


def refusal_of(rule: RuleView, facts: Facts) -> str | None:
    """Why the call goes to the rule's fallback: "" when it does not, None when that must be looked up."""
    if not rule.usable:
        return "its destination is switched off"
    if not (rule.guarded and rule.fallback_usable):
        return ""
    return facts.refusals.get(rule.destination) if rule.destination is not None else ""


def needs(facts: Facts, rules: Iterable[RuleView]) -> list[ConditionView]:
    """The conditions that must be looked up before `decide` can tell; none for rules that cannot hold anyway."""
    wanted: dict[ConditionView, None] = {}
    for rule in rules:
        truth = rule_holds(rule, facts) if rule.takes_calls else False
        if truth is None:
            open_groups = [group for group in rule.groups if group_holds(group, facts) is None]
            asked = [condition for group in open_groups for condition in group.conditions]
            wanted |= dict.fromkeys(condition for condition in asked if holds(condition, facts) is None)
        if truth is True:
            break
    return list(wanted)
