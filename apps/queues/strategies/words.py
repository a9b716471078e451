"""Why somebody was asked, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from apps.queues.strategies import values
from apps.queues.strategies.values import Candidate, Considered, Waiting, Wanted

NAMED = 2  # who was left out and is named in the sentence; the others are counted


class Facts(NamedTuple):
    """What a sentence is made from."""

    waiting: Waiting
    wanted: Wanted
    chosen: Sequence[Candidate]
    at: float
    able: int
    rows: Sequence[Considered]
    excluded: Mapping[str, int]
    shut_out: Sequence[Considered]
    held: bool


def name_of(one: Candidate) -> str:
    return one.name or f"Operator {one.operator_id}"


def seconds(span: float) -> str:
    return f"{max(0, round(span))} s"


def score(wanted: Wanted, asked: Mapping[str, int], one: Candidate, waiting: Waiting, at: float) -> str:
    """What spoke for a candidate: skills, then the strategy's own criterion."""
    parts = [_skill(one, skill, asked.get(skill, 0)) for skill, _level in wanted.requirements[:3]]
    parts.append(_CRITERIA[wanted.strategy][0](one, at))
    if one.tier > 1:
        parts.append(f"tier {one.tier}")
    if one.operator_id in waiting.passes:
        parts.append(f"passed this caller {seconds(at - waiting.passes[one.operator_id])} ago")
    return ", ".join(parts)


def left_out(why: str, wanted: Wanted, asked: Mapping[str, int], one: Candidate, waiting: Waiting, at: float) -> str:
    """Why a ready member could not be asked; to be read after the name."""
    if why == values.RESTS:
        after = {"missed": " after a missed call", "declined": " after a declined call"}.get(one.rests_after, "")
        return f"rests {seconds((one.rests_until or at) - at)}{after}"
    if why == values.PASSED:
        return f"passed this caller {seconds(at - waiting.passes[one.operator_id])} ago"
    if why == values.TIER_CLOSED:
        return f"is of tier {one.tier}, asked from {seconds((one.tier - 1) * wanted.tier_wait)} of waiting on"
    lacking = (f"{skill} {one.skills.get(skill, 0)} of {n} asked" for skill, n in asked.items()
               if one.skills.get(skill, 0) < n)  # fmt: skip
    return f"has only {', '.join(lacking)}"


def sentence(facts: Facts) -> str:
    """One plain sentence: who and why, who would have been next, who was left out."""
    if not facts.chosen:
        return _nobody(facts)
    parts = [_lead(facts)]
    first = {one.operator_id for one in facts.chosen}
    following = next((row for row in facts.rows if row.candidate.operator_id not in first), None)
    if following is not None:
        parts.append(f"next would have been {name_of(following.candidate)} ({following.words})")
    return "; ".join([*parts, *_others(facts)]) + "."


def _lead(facts: Facts) -> str:
    if facts.wanted.strategy == values.RING_ALL and len(facts.chosen) > 1:
        shown = ", ".join(name_of(one) for one in facts.chosen[:5])
        more = len(facts.chosen) - 5
        return f"Everybody is rung at once: {shown}" + (f" and {more} more" if more > 0 else "")
    one = facts.chosen[0]
    lead = f"{name_of(one)}: {_preference(facts, one)}{facts.rows[0].words}"
    if facts.waiting.reserved_for == one.operator_id:
        return lead
    if facts.able == 1:
        return lead + ", the only one who may be asked"
    if _preference(facts, one):
        return lead
    return f"{lead}, {_CRITERIA[facts.wanted.strategy][1]} of {facts.able}"


def _preference(facts: Facts, one: Candidate) -> str:
    if facts.waiting.reserved_for == one.operator_id:
        return "the caller was handed to them by hand, "
    if facts.waiting.preferred != one.operator_id or one.operator_id in facts.waiting.passes:
        return ""
    return "the caller's own operator, " if facts.waiting.preferred_why == "own" else "spoke with the caller last, "


def _others(facts: Facts) -> list[str]:
    named = [f"{name_of(row.candidate)} {row.words}" for row in facts.shut_out[:NAMED]]
    more = sum(facts.excluded.values()) - len(named)
    return named + ([f"{more} more could not be asked"] if more > 0 else [])


def _nobody(facts: Facts) -> str:
    waiting = facts.waiting
    if waiting.reserved_for is not None:
        return "The caller waits for the operator to whom a supervisor handed the call."
    if facts.held:
        who = "the caller's own operator" if waiting.preferred_why == "own" else "who spoke with the caller last"
        return f"The caller waits for {who}, {seconds(waiting.place_at + facts.wanted.prefer_wait - facts.at)} more."
    others = _others(facts)
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
