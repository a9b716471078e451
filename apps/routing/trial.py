"""A sample call taken apart: each rule, group and condition with what held and what failed."""

from __future__ import annotations

from dataclasses import dataclass

from apps.routing import truth, wording
from apps.routing.services import Answer
from apps.routing.truth import Facts, RuleView


@dataclass(frozen=True)
class Part:
    """One condition: what it asks, whether it held (None: not looked up), and how things stood."""

    asks: str
    held: bool | None
    words: str


@dataclass(frozen=True)
class GroupLook:
    match: str
    held: bool | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class RuleLook:
    """One rule; `reached` is false for those behind the one that decided."""

    name: str
    match: str
    held: bool | None
    because: str
    reached: bool
    decided: bool
    groups: tuple[GroupLook, ...]


def look_at(answer: Answer) -> list[RuleLook]:
    """Every rule that could have been asked about the call, in order."""
    trials = {trial.rule: trial for trial in answer.tried}
    looks = []
    for rule in answer.rules:
        trial = trials.get(rule.pk)
        looks.append(look_at_rule(
            rule, answer.facts, because=trial.because if trial else "", reached=trial is not None,
            decided=bool(trial and trial.matched),
        ))  # fmt: skip
    return looks


def look_at_rule(
    rule: RuleView, facts: Facts, *, because: str = "", reached: bool = True, decided: bool = False
) -> RuleLook:
    """One rule on these facts."""
    groups = tuple(
        GroupLook(
            group.match,
            truth.group_holds(group, facts),
            tuple(
                Part(wording.asks(one), truth.holds(one, facts), wording.words(one, facts)) for one in group.conditions
            ),
        )
        for group in rule.groups
    )
    return RuleLook(rule.name, rule.match, truth.rule_holds(rule, facts), because, reached, decided, groups)


def operator_for(answer: Answer) -> list[str]:
    """Which operator would get the call now, and why, when it ends in a queue; "" otherwise."""
    return []
