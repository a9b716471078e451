"""Whom a waiting call is offered to.

Pure: values in, a choice with its reason out; no database, no clock, no chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_IDLE, ROUND_ROBIN = "longest_idle", "round_robin"

PASS_OVER = timedelta(seconds=15)  # who passed a caller is asked again after this
BREATH = timedelta(seconds=5)  # and not sooner than this, also when everybody passed


@dataclass(frozen=True)
class Candidate:
    """A ready member of the queue. `passed_at` is when they last declined or missed this very caller."""

    operator_id: int
    idle_since: datetime
    last_offered_at: datetime | None = None
    passed_at: datetime | None = None


@dataclass(frozen=True)
class Choice:
    """Who, and why in words."""

    operator_id: int
    words: str


def eligible(candidates: Sequence[Candidate], at: datetime) -> list[Candidate]:
    """Those who may be asked now: who passed this caller waits until every other ready member had it, or 15 s.

    Even then 5 s lie between two offers of one caller to one operator, so that a desk that turns everything down cannot
    be rung without end.
    """
    everybody_had_it = all(one.passed_at is not None for one in candidates)
    rest = BREATH if everybody_had_it else PASS_OVER
    return [one for one in candidates if one.passed_at is None or at - one.passed_at >= rest]


def choose(strategy: str, candidates: Sequence[Candidate], at: datetime) -> Choice | None:
    """The one to ask, or None when nobody may be asked now. The order of `candidates` does not matter.

    Who has not passed this caller comes first. Longest idle: whose last work ended first. Round robin: whose last offer
    from this queue lies furthest back. Equals go by key. Raises KeyError for an unknown strategy.
    """
    rank, words = _STRATEGIES[strategy]
    able = eligible(candidates, at)
    if not able:
        return None
    best = min(able, key=lambda one: (one.passed_at is not None, rank(one), one.operator_id))
    return Choice(best.operator_id, words(best, len(candidates), at))


def _idle_rank(one: Candidate) -> tuple:
    return (one.idle_since,)


def _idle_words(best: Candidate, ready: int, at: datetime) -> str:
    seconds = max(0, round((at - best.idle_since).total_seconds()))
    return f"Longest idle of {ready} ready: {seconds} s." + _again(best)


def _turn_rank(one: Candidate) -> tuple:
    return (one.last_offered_at is not None, one.last_offered_at or one.idle_since)


def _turn_words(best: Candidate, ready: int, at: datetime) -> str:
    if best.last_offered_at is None:
        return f"Next in turn of {ready} ready: had no call of this queue yet." + _again(best)
    seconds = max(0, round((at - best.last_offered_at).total_seconds()))
    return f"Next in turn of {ready} ready: last offer {seconds} s ago." + _again(best)


def _again(best: Candidate) -> str:
    return " Passed this caller before." if best.passed_at is not None else ""


_STRATEGIES = {LONGEST_IDLE: (_idle_rank, _idle_words), ROUND_ROBIN: (_turn_rank, _turn_words)}
