"""What a caller may be told about a callback: when. Pure: opening facts, moments and an expected wait in, moments out.

Honest means: the window begins a little before the expected moment and ends well after it, counts only the time in
which callbacks are made, and is not given at all when nothing is known; then the last moment is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.hours import opening
from apps.hours.opening import Facts

EARLY, LATE = 0.75, 1.5  # of the expected wait
MARGIN = timedelta(minutes=10)
STEP = timedelta(minutes=5)  # nobody believes 14:07
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Promise:
    """The callback comes between `start` and `until`; without `start`, some time until then."""

    start: datetime | None
    until: datetime


def promise(facts: Facts, at: datetime, *, wait_seconds: int | None, expires_at: datetime) -> Promise:
    """What can be said at `at` to somebody whose turn comes in `wait_seconds` of open time (None: unknown)."""
    if wait_seconds is not None:
        start = after(facts, at, timedelta(seconds=EARLY * wait_seconds))
        until = after(facts, at, timedelta(seconds=LATE * wait_seconds) + MARGIN)
        if start is not None and until is not None and until <= expires_at:
            return Promise(_rounded(start, up=False), _rounded(until, up=True))
    return Promise(None, last_chance(facts, at, expires_at))


def after(facts: Facts, at: datetime, span: timedelta) -> datetime | None:
    """The moment at which it will have been open for `span` since `at`; None when that never comes."""
    moment = opening.next_opening(facts, at)
    while moment is not None:
        closing = opening.next_closing(facts, moment)
        if closing is None or moment + span < closing:
            return moment + span
        span -= closing - moment
        moment = opening.next_opening(facts, closing)
    return None


def last_chance(facts: Facts, at: datetime, expires_at: datetime) -> datetime:
    """The last open moment from `at` until `expires_at`; `expires_at` itself when it is never open between them."""
    moment, last = opening.next_opening(facts, at), expires_at
    while moment is not None and moment < expires_at:
        closing = opening.next_closing(facts, moment)
        if closing is None or closing >= expires_at:
            return expires_at
        last, moment = closing, opening.next_opening(facts, closing)
    return last


def _rounded(moment: datetime, *, up: bool) -> datetime:
    over = (moment - _EPOCH) % STEP
    return moment - over + STEP if up and over else moment - over
