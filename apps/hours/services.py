from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, tzinfo

from django.db import transaction

from apps.clients.models import Client
from apps.core import clock, events
from apps.core.models import User
from apps.hours import opening
from apps.hours.models import Period, Schedule

Week = Mapping[int, Sequence[tuple[time, time]]]

ALL_DAY: Sequence[tuple[time, time]] = [(opening.MIDNIGHT, opening.MIDNIGHT)]
ALWAYS: Week = dict.fromkeys(Period.Weekday.values, ALL_DAY)


@transaction.atomic
def create_schedule(
    client: Client, *, name: str, week: Week, time_zone: tzinfo | None = None, by: User | None = None
) -> Schedule:
    """A schedule with weekly hours: `week` gives (opens, closes) by weekday, Monday is 0. The zone is the client's."""
    schedule = Schedule.objects.create(client=client, name=name, time_zone=time_zone or client.time_zone)
    Period.objects.bulk_create(
        Period(schedule=schedule, weekday=weekday, opens=opens, closes=closes)
        for weekday, spans in week.items()
        for opens, closes in spans
    )
    _note("hours.schedule_made", schedule, by)
    return schedule


@transaction.atomic
def close_now(schedule: Schedule, *, by: User | None = None) -> Schedule:
    """Close at once, whatever the hours say, until `reopen`."""
    return _switch(schedule, True, "hours.closed", by)


@transaction.atomic
def reopen(schedule: Schedule, *, by: User | None = None) -> Schedule:
    """Let the hours rule again."""
    return _switch(schedule, False, "hours.reopened", by)


def is_open(schedule: Schedule, at: datetime | None = None) -> bool:
    """Whether it is open at `at` (default: now)."""
    return opening.is_open(facts(schedule), at or clock.now())


def is_holiday(schedule: Schedule, at: datetime | None = None) -> bool:
    """Whether the day of `at` (default: now), at the schedule's place, is one of its holidays, open or not."""
    known = facts(schedule)
    return (at or clock.now()).astimezone(known.time_zone).date() in known.holidays


def next_opening(schedule: Schedule, at: datetime | None = None) -> datetime | None:
    """When it opens next, `at` itself while open, in UTC; None when that is not known."""
    return opening.next_opening(facts(schedule), at or clock.now())


def meet(one: Schedule, other: Schedule) -> bool:
    """Whether both are ever open at the same time; whoever closed one of them by hand is not asked."""
    return opening.meet(facts(one), facts(other), clock.now())


def ever_opens(schedule: Schedule) -> bool:
    """Whether the hours and holidays leave any time to be open; whoever closed it by hand is not asked."""
    return meet(schedule, schedule)


def facts(schedule: Schedule) -> opening.Facts:
    """The schedule as the pure core wants it. Uses prefetched periods and holidays."""
    week: dict[int, tuple[opening.Hours, ...]] = {}
    for period in schedule.periods.all():
        week[period.weekday] = (*week.get(period.weekday, ()), opening.Hours(period.opens, period.closes))
    holidays = {
        holiday.date: opening.Hours(holiday.opens, holiday.closes) if holiday.opens and holiday.closes else None
        for holiday in schedule.holidays.all()
    }
    return opening.Facts(schedule.time_zone, week, holidays, schedule.closed_now)


def in_words(schedule: Schedule, at: datetime | None = None) -> str:
    """What a manager wants to read: "open until 17:00", "closed until Monday 09:00"."""
    at = at or clock.now()
    known = facts(schedule)
    if known.closed_now:
        return "closed by hand"
    if opening.is_open(known, at):
        closing = opening.next_closing(known, at)
        return f"open until {_shown(closing, at, schedule)}" if closing else "always open"
    start = opening.next_opening(known, at)
    return f"closed until {_shown(start, at, schedule)}" if start else "never open"


def week_in_words(schedule: Schedule) -> str:
    """The weekly hours in short: "Mon–Fri 09:00–17:00, Sat 10:00–14:00", days with the same hours drawn together."""
    week = facts(schedule).week
    days: list[tuple[str, list[str]]] = []
    for weekday in Period.Weekday:
        spans = sorted(week.get(weekday, ()), key=lambda hours: hours.opens)
        words = " and ".join(f"{hours.opens:%H:%M}–{hours.closes:%H:%M}" for hours in spans)
        words = "all day" if words == "00:00–00:00" else words
        if days and days[-1][0] == words:
            days[-1][1].append(weekday.label[:3])
        else:
            days.append((words, [weekday.label[:3]]))
    shown = [
        f"{names[0]}–{names[-1]} {words}" if len(names) > 1 else f"{names[0]} {words}" for words, names in days if words
    ]
    return ", ".join(shown).replace("Mon–Sun", "every day") or "no hours yet"


def _shown(moment: datetime, at: datetime, schedule: Schedule) -> str:
    local = moment.astimezone(schedule.time_zone)
    days = (local.date() - at.astimezone(schedule.time_zone).date()).days
    if days == 0:
        return f"{local:%H:%M}"
    return f"{local:%A %H:%M}" if days < 7 else f"{local:%-d %B %H:%M}"


def _switch(schedule: Schedule, closed: bool, kind: str, by: User | None) -> Schedule:
    if schedule.closed_now != closed:
        schedule.closed_now = closed
        schedule.save(update_fields=["closed_now"])
        _note(kind, schedule, by)
    return schedule


def _note(kind: str, schedule: Schedule, by: User | None) -> None:
    events.record(
        kind, subject=f"schedule:{schedule.public_id}", client_ref=schedule.client.public_id, actor=by,
        schedule=schedule.name,
    )  # fmt: skip
