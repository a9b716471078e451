"""The days of a schedule: public holidays with what is done on them, exceptions, and where the two contradict."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from apps.core.refused import Refused
from apps.hours import opening, public
from apps.hours.models import Holiday, Period, PublicHoliday, Schedule
from apps.hours.opening import Exceptional, Hours

LONGEST_DAYS = 366
_SOON_DAYS = 400


@dataclass(frozen=True)
class Day:
    """Days from `date` to `until` that differ from the week for the same reason, in words. `closed`: all day."""

    date: date
    until: date
    name: str
    closed: bool
    words: str


def days_that_differ(schedule: Schedule, years: range) -> dict[date, Hours | None]:
    """The hours of each day of these years that is not as the week says; None: closed all day."""
    days: dict[date, Hours | None] = {}
    for day, (treatment, hours) in _public_days(schedule, years).items():
        if treatment != PublicHoliday.Treatment.WORK:
            days[day] = hours
    return days | {day: each.hours for day, each in opening.by_day(_exceptions(schedule)).items()}


def is_holiday(schedule: Schedule, day: date) -> bool:
    """Closed all day by an exception, or a public holiday on which the schedule does not work as usual."""
    exception = opening.by_day(each for each in _exceptions(schedule) if each.covers(day)).get(day)
    if exception is not None and exception.hours is None:
        return True
    found = _public_days(schedule, range(day.year, day.year + 1)).get(day)
    return found is not None and found[0] != PublicHoliday.Treatment.WORK


def public_names(schedule: Schedule, at: datetime) -> list[str]:
    """The public holidays of the schedule's country and region in this year and the next."""
    if not schedule.country:
        return []
    return public.names_of(schedule.country, schedule.region, range(at.year, at.year + 2))


def dates_of(schedule: Schedule, name: str, at: datetime) -> list[date]:
    """When `name` is celebrated in this year and the next."""
    years = (public.of_year(schedule.country, schedule.region, year) for year in (at.year, at.year + 1))
    return sorted({day for days in years for day, names in days if name in names})


def next_closed(schedule: Schedule, at: datetime, *, limit: int = 10) -> list[Day]:
    """The next days that are closed or have other hours for a reason of their own, in order; a span counts as one."""
    first = at.astimezone(schedule.time_zone).date()
    years = range(first.year, first.year + 3)
    differs, exceptions = days_that_differ(schedule, years), opening.by_day(_exceptions(schedule))
    names: dict[date, str] = {}
    for year in years if schedule.country else ():
        names |= {day: " and ".join(found) for day, found in public.of_year(schedule.country, schedule.region, year)}
    names |= {day: each.name for day, each in exceptions.items()}
    soon = sorted(day for day in differs if first <= day < first + timedelta(days=_SOON_DAYS))
    found: list[Day] = []
    for day in soon:
        each = _day(day, names.get(day, ""), differs[day])
        if found and replace(found[-1], date=day, until=day) == each and found[-1].until == day - timedelta(days=1):
            found[-1] = replace(found[-1], until=day)
        elif len(found) == limit:
            break
        else:
            found.append(each)
    return found


def contradictions(schedule: Schedule) -> dict[int, str]:
    """By key of the exception, what about it is probably not meant, with the names; the page shows it beside it."""
    rows = sorted(schedule.holidays.all(), key=lambda row: row.date)
    found: dict[int, list[str]] = defaultdict(list)
    for first, second in itertools.combinations(rows, 2):
        if second.date > first.end:
            continue
        winner, loser = (second, first) if _rank(second) > _rank(first) else (first, second)
        place = "lies inside" if loser.date <= winner.date and winner.end <= loser.end else "overlaps"
        span = f"{loser.date:%-d %b} to {loser.end:%-d %b}"
        found[winner.pk].append(f"{place} “{loser.name}” ({span}): on these days this one counts.")
        found[loser.pk].append(f"“{winner.name}” counts instead on its days.")
    week = {period.weekday for period in schedule.periods.all()}
    for row in rows:
        days = (row.date + timedelta(days=offset) for offset in range((row.end - row.date).days + 1))
        if row.opens is None and week and not any(day.weekday() in week for day in days):
            found[row.pk].append("The week is closed on these days anyway.")
    return {key: " ".join(_sentence(text) for text in texts) for key, texts in found.items()}


def overlapping(periods: Iterable[Period]) -> list[str]:
    """The weekdays, by name, on which periods overlap."""
    by_day: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for period in periods:
        by_day[period.weekday].append((period.opens, time.max if period.closes == opening.MIDNIGHT else period.closes))
    return [
        Period.Weekday(weekday).label for weekday, spans in sorted(by_day.items())
        if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(sorted(spans)))
    ]  # fmt: skip


def check_periods(periods: Sequence[Period]) -> None:
    """Raises Refused for hours that end before they begin, and for two that overlap."""
    for period in periods:
        if period.closes <= period.opens and period.closes != opening.MIDNIGHT:
            raise Refused(
                "It must close after it opens; for a night, end at 00:00 and begin the next day at 00:00.",
                fields={"periods": [f"{period.get_weekday_display()}: closes before it opens."]},
            )
    if days := overlapping(periods):
        raise Refused(
            f"Two periods on {days[0]} overlap. Change one of them or join them.", fields={"periods": ["Overlap."]}
        )


def check_holidays(rows: Sequence[Holiday]) -> None:
    """Raises Refused for exceptions that cannot be: an end before the beginning, half an opening time, one too long."""
    for row in rows:
        if sentence := fault_of(row.date, row.last_date, row.opens, row.closes):
            raise Refused(sentence, fields={"holidays": [f"{row.name}: {sentence}"]})
    if len({row.date for row in rows}) < len(rows):
        raise Refused("Two exceptions begin on one day. Join them.", fields={"holidays": ["Same day."]})


def fault_of(first: date, last: date | None, opens: time | None, closes: time | None) -> str:
    """What is wrong with an exception, as a sentence; "" when nothing is."""
    if last is not None and last < first:
        return "It must end after it begins."
    if last is not None and (last - first).days >= LONGEST_DAYS:
        return "An exception lasts a year at most. For longer, change the week."
    if (opens is None) != (closes is None):
        return "Give both times, or none to be closed all day."
    if opens is not None and closes is not None and closes <= opens:
        return "It must close after it opens."
    return ""


def check_public_holidays(schedule: Schedule, rows: Sequence[PublicHoliday]) -> None:
    """Raises Refused for other hours without times, times without other hours, and a name that comes twice."""
    if len({row.name for row in rows}) < len(rows):
        raise Refused("A public holiday is named twice.", fields={"public_holidays": ["Named twice."]})
    if rows and not schedule.country:
        raise Refused("Choose a country first: it has the holidays.", fields={"country": ["Needed."]})
    for row in rows:
        if sentence := public_fault_of(row.treatment, row.opens, row.closes):
            raise Refused(sentence, fields={"public_holidays": [f"{row.name}: {sentence}"]})


def public_fault_of(treatment: str, opens: time | None, closes: time | None) -> str:
    """What is wrong with the treatment of a public holiday; "" when nothing is."""
    if treatment != PublicHoliday.Treatment.HOURS:
        return "" if opens is None and closes is None else "Times belong to “other hours” only."
    if opens is None or closes is None:
        return "Say from when to when."
    return "" if closes > opens else "It must close after it opens."


def _public_days(schedule: Schedule, years: range) -> dict[date, tuple[str, Hours | None]]:
    """Treatment and hours of each public holiday; where two meet, the more closed one counts."""
    if not schedule.country:
        return {}
    said = {row.name: row for row in schedule.public_holidays.all()}
    days: dict[date, tuple[str, Hours | None]] = {}
    for year in years:
        for day, names in public.of_year(schedule.country, schedule.region, year):
            days[day] = min((_treatment(said.get(name)) for name in names), key=lambda found: _CLOSED_FIRST[found[0]])
    return days


_CLOSED_FIRST: dict[str, int] = {
    PublicHoliday.Treatment.CLOSED: 0, PublicHoliday.Treatment.HOURS: 1, PublicHoliday.Treatment.WORK: 2,
}  # fmt: skip


def _treatment(row: PublicHoliday | None) -> tuple[str, Hours | None]:
    if row is None:
        return PublicHoliday.Treatment.CLOSED, None
    return row.treatment, Hours(row.opens, row.closes) if row.opens and row.closes else None


def _exceptions(schedule: Schedule) -> list[Exceptional]:
    return [
        Exceptional(
            row.date, row.end, row.name, Hours(row.opens, row.closes) if row.opens is not None and row.closes else None
        )
        for row in schedule.holidays.all()
    ]


def _rank(row: Holiday) -> tuple[int, date]:
    """As `opening.by_day` prefers them."""
    return -(row.end - row.date).days, row.date


def _day(day: date, name: str, hours: Hours | None) -> Day:
    return Day(
        day, day, name, hours is None, "closed" if hours is None else f"{hours.opens:%H:%M}–{hours.closes:%H:%M}"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
