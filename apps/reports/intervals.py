"""A period cut into intervals, and spans of time cut at their borders. Pure: moments in, moments and seconds out."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

MOST = 1500


class Size(StrEnum):
    """How long an interval is. Days, and weeks from Monday, follow the calendar of the place and its clocks."""

    QUARTER = "15m"
    HALF = "30m"
    HOUR = "1h"
    DAY = "1d"
    WEEK = "1w"

    @property
    def words(self) -> str:
        return {"15m": "15 minutes", "30m": "30 minutes", "1h": "hour", "1d": "day", "1w": "week"}[self.value]


_MINUTES = {Size.QUARTER: 15, Size.HALF: 30, Size.HOUR: 60}


class TooMany(ValueError):
    """More intervals than `MOST`."""


def borders(since: datetime, until: datetime, size: Size, zone: tzinfo) -> list[datetime]:
    """The borders of the intervals that `since` to `until` falls into, in UTC; the first is `since`, the last `until`.

    Intervals begin at the full quarter, hour, day or Monday of the place; the first and the last may be cut short.
    Raises ValueError unless since < until, TooMany for more than `MOST` intervals.
    """
    if since >= until:
        raise ValueError("The period ends before it begins.")
    found = [since.astimezone(UTC)]
    while found[-1] < until:
        found.append(min(_next(found[-1], size, zone), until.astimezone(UTC)))
        if len(found) > MOST + 1:
            raise TooMany(f"More than {MOST} intervals.")
    return found


def _next(moment: datetime, size: Size, zone: tzinfo) -> datetime:
    """The border after `moment`."""
    local = moment.astimezone(zone)
    if size in _MINUTES:
        # By the clock's own minutes from the hour: zones differ from UTC by quarters of an hour.
        step = timedelta(minutes=_MINUTES[size])
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond) % step
        return moment + (step - past)
    days = 1 if size == Size.DAY else 7 - local.weekday()
    midnight = datetime.combine(local.date() + timedelta(days=days), time(), zone)
    return midnight.astimezone(UTC)


def split(since: datetime, until: datetime, cuts: Sequence[datetime]) -> dict[int, float]:
    """The seconds of a span that fall into each interval between `cuts` (0 is the first); empty ones left out."""
    found = {}
    first = max(0, bisect.bisect_right(cuts, since) - 1)
    for n in range(first, len(cuts) - 1):
        if cuts[n] >= until:
            break
        seconds = (min(until, cuts[n + 1]) - max(since, cuts[n])).total_seconds()
        if seconds > 0:
            found[n] = seconds
    return found


def place(moment: datetime, cuts: Sequence[datetime]) -> int | None:
    """The interval that `moment` belongs to (its beginning included, its end not); None outside of all."""
    n = bisect.bisect_right(cuts, moment) - 1
    return n if 0 <= n < len(cuts) - 1 else None
