"""When a schedule is open. Pure: facts and moments in, answers out.

A period runs from the first moment at which the zone's clock shows `opens` to the last at which it shows `closes`. So
the night on which clocks go back is open an hour longer, and "all day, every day" has no gap on any night.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MIDNIGHT = time()
_DAYS_AHEAD = 400


@dataclass(frozen=True)
class Hours:
    """From `opens` to `closes` on one day; `closes` 00:00 is the end of that day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Facts:
    """A schedule: `week` by weekday (Monday is 0), `holidays` by date (None: closed all day), and the switch.

    `closed_until`: when the switch lets go by itself; None: when somebody opens.
    """

    time_zone: tzinfo
    week: Mapping[int, tuple[Hours, ...]]
    holidays: Mapping[date, Hours | None] = field(default_factory=dict)
    closed_now: bool = False
    closed_until: datetime | None = None


@dataclass(frozen=True)
class Exceptional:
    """A span of days, both included, that differs from the week: closed all day (`hours` None) or with other hours."""

    first: date
    last: date
    name: str
    hours: Hours | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


def by_day(exceptions: Iterable[Exceptional]) -> dict[date, Exceptional]:
    """Which exception counts on each day: of several the shortest, of equally long ones the one that begins last."""
    found: dict[date, Exceptional] = {}
    for exception in sorted(exceptions, key=lambda each: (-each.days, each.first)):
        for offset in range(exception.days):
            found[exception.first + timedelta(days=offset)] = exception
    return found


def closed_by_hand(facts: Facts, at: datetime) -> bool:
    """Whether the switch keeps it closed at `at`."""
    return facts.closed_now and (facts.closed_until is None or at < facts.closed_until)


def is_open(facts: Facts, at: datetime) -> bool:
    """Whether it is open at `at` (aware)."""
    if closed_by_hand(facts, at):
        return False
    return any(start <= at < end for start, end in _spans(facts, at, days=2))


def next_opening(facts: Facts, at: datetime) -> datetime | None:
    """When it opens next after `at`; `at` itself while it is open.

    None when that is not known: closed by the switch until somebody opens, or nothing opens within 400 days.
    """
    if closed_by_hand(facts, at):
        if facts.closed_until is None:
            return None
        at = facts.closed_until
    for start, end in _spans(facts, at, days=_DAYS_AHEAD):
        if end > at:
            return max(start, at)
    return None


def next_closing(facts: Facts, at: datetime) -> datetime | None:
    """When it closes, being open at `at`; None while closed, or when it stays open for some 400 days and more."""
    if not is_open(facts, at):
        return None
    closing = at
    for start, end in _spans(facts, at, days=_DAYS_AHEAD):
        if start > closing:
            return closing
        closing = max(closing, end)
    # The last day that was looked at begins and ends by the clock there, which may be put forward until then.
    return closing if closing - at < timedelta(days=_DAYS_AHEAD - 2) else None


def meet(one: Facts, other: Facts, at: datetime) -> bool:
    """Whether there is a moment within 400 days from `at` at which both are open; the switches do not count."""
    left, right = _spans(one, at, days=_DAYS_AHEAD), _spans(other, at, days=_DAYS_AHEAD)
    mine, theirs = next(left, None), next(right, None)
    while mine is not None and theirs is not None:
        if max(mine[0], theirs[0]) < min(mine[1], theirs[1]):
            return True
        if mine[1] <= theirs[1]:
            mine = next(left, None)
        else:
            theirs = next(right, None)
    return False


def open_spans(facts: Facts, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """When it is open between two moments by its hours, whatever the switch says; in order, in UTC, none touching."""
    spans: list[tuple[datetime, datetime]] = []
    for start, end in _spans(facts, since, days=(until - since).days + 3):
        start, end = max(start, _utc(since)), min(end, _utc(until))
        if start >= end:
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def hours_of(facts: Facts, day: date) -> tuple[Hours, ...]:
    """The hours of one date, holidays considered, in order."""
    if day in facts.holidays:
        hours = facts.holidays[day]
        return (hours,) if hours else ()
    return tuple(sorted(facts.week.get(day.weekday(), ()), key=lambda hours: hours.opens))


def _spans(facts: Facts, at: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
    """The open spans from the day before `at` on, in order, in UTC-comparable moments; empty ones left out."""
    first = at.astimezone(facts.time_zone).date() - timedelta(days=1)
    for offset in range(days + 1):
        day = first + timedelta(days=offset)
        for hours in hours_of(facts, day):
            start = _moment(facts.time_zone, day, hours.opens, last=False)
            last_day = day + timedelta(days=1) if hours.closes == MIDNIGHT else day
            end = _moment(facts.time_zone, last_day, hours.closes, last=True)
            if start < end:
                yield start, end


def _moment(zone: tzinfo, day: date, clock: time, *, last: bool) -> datetime:
    """When the clock shows this time; a time that the clock skips counts as if it had not been put forward."""
    first = _utc(datetime.combine(day, clock, zone))
    return max(first, _utc(datetime.combine(day, clock.replace(fold=1), zone))) if last else first


def _utc(moment: datetime) -> datetime:
    # Two moments of one zone compare by wall clock in Python, which is wrong on the night the clocks change.
    return moment.astimezone(UTC)
