"""Why somebody was asked, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from apps.queues.strategies import values
from apps.queues.strategies.values import Candidate, Waiting

if TYPE_CHECKING:
    from apps.queues.strategies.decision import Decision

NAMED = 2  # who was left out and is named in the sentence; the others are counted


def name_of(one: Candidate) -> str:
    return one.name or f"Operator {one.operator_id}"


def seconds(span: float) -> str:
    """Exact where seconds matter, rounded down where nobody counts them."""
    whole = max(0, round(span))
    if whole < 600:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"


def score(decision: Decision, asked: Mapping[str, int], one: Candidate) -> str:
    """What spoke for a candidate: skills, then the strategy's own criterion."""
    wanted, passes, at = decision.wanted, decision.waiting.passes, decision.at
    parts = [_skill(one, skill, asked.get(skill, 0)) for skill, _level in wanted.requirements[:3]]
    parts.append(_CRITERIA[wanted.strategy][0](one, at))
    if one.tier > 1:
        parts.append(f"tier {one.tier}")
    if one.operator_id in passes:
        parts.append(f"passed this caller {seconds(at - passes[one.operator_id])} ago")
    return ", ".join(parts)


def left_out(decision: Decision, asked: Mapping[str, int], why: str, one: Candidate) -> str:
    """Why a ready member could not be asked; to be read after the name."""
    at = decision.at
    if why == values.RESTS:
        after = {"missed": " after a missed call", "declined": " after a declined call"}.get(one.rests_after, "")
        return f"rests {seconds((one.rests_until or at) - at)}{after}"
    if why == values.PASSED:
        return f"passed this caller {seconds(at - decision.waiting.passes[one.operator_id])} ago"
    if why == values.TIER_CLOSED:
        opens = (one.tier - 1) * decision.wanted.tier_wait
        return f"is of tier {one.tier}, asked from {seconds(opens)} of waiting on"
    has = one.skills.get
    lacking = (f"{skill} {has(skill, 0)} of {level} asked" for skill, level in asked.items() if has(skill, 0) < level)
    return f"has only {', '.join(lacking)}"


def sentence(decision: Decision) -> str:
    """One plain sentence: who and why, who would have been next, who was left out. "" for what was not explained."""
    if not decision.chosen:
        return _nobody(decision)
    if not decision.ranking:
        return ""
    asked = decision.asked
    parts = [_lead(decision, asked)]
    if (following := decision.runner_up) is not None:
        parts.append(f"next would have been {name_of(following)} ({score(decision, asked, following)})")
    return "; ".join([*parts, *_others(decision, asked)]) + "."


def _lead(decision: Decision, asked: Mapping[str, int]) -> str:
    if decision.wanted.strategy == values.RING_ALL and len(decision.chosen) > 1:
        shown = ", ".join(name_of(one) for one in decision.ranking[: min(5, len(decision.chosen))])
        more = len(decision.chosen) - 5
        return f"Everybody is rung at once: {shown}" + (f" and {more} more" if more > 0 else "")
    one = decision.ranking[0]
    preference = _preference(decision.waiting, one)
    lead = f"{name_of(one)}: {preference}{score(decision, asked, one)}"
    if decision.waiting.reserved_for == one.operator_id:
        return lead
    if decision.able == 1 and not decision.more:
        return lead + ", the only one who may be asked"
    of = f"more than {decision.able}" if decision.more else f"{decision.able}"
    return lead if preference else f"{lead}, {_CRITERIA[decision.wanted.strategy][1]} of {of}"


def _preference(waiting: Waiting, one: Candidate) -> str:
    if waiting.reserved_for == one.operator_id:
        return "the caller was handed to them by hand, "
    if waiting.preferred != one.operator_id or one.operator_id in waiting.passes:
        return ""
    return "the caller's own operator, " if waiting.preferred_why == "own" else "spoke with the caller last, "


def _others(decision: Decision, asked: Mapping[str, int]) -> list[str]:
    shown = decision.left_out[:NAMED]
    named = [f"{name_of(one)} {left_out(decision, asked, why, one)}" for why, one in shown]
    more = sum(decision.excluded.values()) - len(named)
    return named + ([f"{more} more could not be asked"] if more > 0 else [])


def _nobody(decision: Decision) -> str:
    waiting = decision.waiting
    if waiting.reserved_for is not None:
        return "The caller waits for the operator to whom a supervisor handed the call."
    if decision.held:
        who = "the caller's own operator" if waiting.preferred_why == "own" else "who spoke with the caller last"
        more = waiting.place_at + decision.wanted.prefer_wait - decision.at
        return f"The caller waits for {who}, {seconds(more)} more."
    others = _others(decision, decision.asked)
    return f"Nobody may be asked now: {'; '.join(others)}." if others else "Nobody is free."


def _skill(one: Candidate, skill: str, asked: int) -> str:
    level = one.skills.get(skill, 0)
    return f"{skill} {level} of {asked} asked" if asked else f"{skill} {level}, anybody will do by now"


def _idle(one: Candidate, at: float) -> str:
    return f"idle {seconds(at - one.idle_since)}"


def _turn(one: Candidate, at: float) -> str:
    return "no call of this queue yet" if one.last_offered_at is None else (
        f"last offer {seconds(at - one.last_offered_at)} ago"
    )  # fmt: skip


def _calls(one: Candidate, at: float) -> str:
    return f"{one.calls} call{'' if one.calls == 1 else 's'} today, {_idle(one, at)}"


# What a strategy looks at, and what the best at it is called.
_CRITERIA: dict[str, tuple[Callable[[Candidate, float], str], str]] = {
    values.LONGEST_IDLE: (_idle, "the longest"),
    values.ROUND_ROBIN: (_turn, "next in turn"),
    values.FEWEST_CALLS: (_calls, "the fewest"),
    values.LEAST_ACTIVE: (
        lambda one, at: f"{seconds(one.active_seconds)} in calls today, {_idle(one, at)}",
        "the least",
    ),
    values.RANDOM: (_idle, "drawn by lot"),
    values.WEIGHTED: (lambda one, at: f"weight {one.weight}, {_idle(one, at)}", "drawn by lot with weights"),
    values.LINEAR: (lambda one, at: f"place {one.position}, {_idle(one, at)}", "the first in order"),
    values.RING_ALL: (_idle, "rung at once"),
    values.BEST_SKILL: (_idle, "the best skilled"),
}
