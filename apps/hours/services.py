from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, tzinfo
from typing import Any

from django.db import transaction

from apps.clients.models import Client
from apps.core import clock, events
from apps.core.models import User
from apps.core.refused import Refused
from apps.hours import calendar, opening, public
from apps.hours.models import Holiday, Period, PublicHoliday, Schedule

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
def close_now(
    schedule: Schedule, *, until: datetime | None = None, announcement: str | None = None, by: User | None = None
) -> Schedule:
    """Close at once, whatever the hours say, until `reopen` or the moment `until`.

    `announcement` is what callers hear meanwhile (None: as it was). Raises Refused for an `until` that is over.
    """
    if until is not None and until <= clock.now():
        raise Refused("This moment is over. Choose a later one, or none.", fields={"closed_until": ["In the past."]})
    wanted = (True, until, schedule.closing_announcement if announcement is None else announcement)
    if (schedule.closed_now, schedule.closed_until, schedule.closing_announcement) != wanted:
        _set(schedule, *wanted)
        shown = f"{until.astimezone(schedule.time_zone):%-d %B %H:%M}" if until else "somebody opens"
        _note("hours.closed", schedule, by, until=shown, announcement=schedule.closing_announcement)
    return schedule


@transaction.atomic
def reopen(schedule: Schedule, *, by: User | None = None, at: datetime | None = None) -> Schedule:
    """Let the hours rule again. The announcement stays written for the next time."""
    if schedule.closed_now:
        _set(schedule, False, None, schedule.closing_announcement)
        _note("hours.reopened", schedule, by, at=at)
    return schedule


def _set(schedule: Schedule, closed: bool, until: datetime | None, announcement: str) -> None:
    schedule.closed_now, schedule.closed_until, schedule.closing_announcement = closed, until, announcement
    schedule.save(update_fields=["closed_now", "closed_until", "closing_announcement"])


@transaction.atomic
def reopen_due(at: datetime) -> int:
    """Tidy up the switches that let go by themselves before `at`; how many there were."""
    due = list(Schedule.objects.due_to_open(at).select_related("client").select_for_update(of=("self",)))
    for schedule in due:
        reopen(schedule, at=schedule.closed_until)
    return len(due)


@transaction.atomic
def save_schedule(
    schedule: Schedule,
    *,
    periods: Sequence[Period] | None = None,
    holidays: Sequence[Holiday] | None = None,
    public_holidays: Sequence[PublicHoliday] | None = None,
    by: User | None = None,
) -> Schedule:
    """Write `schedule` and, where given, its week, its exceptions and what it does on public holidays, all anew.

    Raises Refused for a name that is taken, a region or a holiday that the country does not have, periods that overlap
    and hours that end before they begin.
    """
    made = schedule.pk is None
    others = Schedule.objects.filter(client=schedule.client, name=schedule.name).exclude(pk=schedule.pk)
    if others.exists():
        raise Refused(f"“{schedule.name}” is taken. Choose another name.", fields={"name": ["Taken."]})
    check_region(schedule.country, schedule.region)
    calendar.check_periods(periods or ())
    calendar.check_holidays([*(holidays or ())])
    calendar.check_public_holidays(schedule, public_holidays or ())
    schedule.save()
    tables: list[tuple[Sequence[Any] | None, Any]] = [
        (periods, Period), (holidays, Holiday), (public_holidays, PublicHoliday)
    ]  # fmt: skip
    for rows, kind in tables:
        if rows is not None:
            kind.objects.filter(schedule=schedule).delete()
            for row in rows:
                row.schedule = schedule
            kind.objects.bulk_create(rows)
    forget_strangers(schedule)
    if made:
        _note("hours.schedule_made", schedule, by)
    else:
        note_change(schedule, "over the API", by=by)
    return Schedule.objects.complete().get(pk=schedule.pk)


def note_change(schedule: Schedule, what: str, *, by: User | None = None) -> None:
    """Write to the log that somebody changed the hours."""
    _note("hours.changed", schedule, by, what=what)


def check_region(country: str, region: str) -> None:
    """Raises Refused when there is no such country or region."""
    if country and country not in dict(public.countries()):
        raise Refused(
            f"The holidays of “{country}” are not known. Choose another country.", fields={"country": ["Not known."]}
        )
    if region and region not in dict(public.regions(country)):
        raise Refused(
            f"“{region}” is not a region of the chosen country. Choose one of its list.",
            fields={"region": ["Not of this country."]},
        )


@transaction.atomic
def forget_strangers(schedule: Schedule) -> int:
    """Drop what was said about holidays that the schedule's country does not have; how many there were."""
    names = calendar.public_names(schedule, clock.now())
    return schedule.public_holidays.exclude(name__in=names).delete()[0]


def is_open(schedule: Schedule, at: datetime | None = None) -> bool:
    """Whether it is open at `at` (default: now)."""
    at = at or clock.now()
    return opening.is_open(facts(schedule, at), at)


def next_opening(schedule: Schedule, at: datetime | None = None) -> datetime | None:
    """When it opens next, `at` itself while open, in UTC; None when that is not known."""
    at = at or clock.now()
    return opening.next_opening(facts(schedule, at), at)


def meet(one: Schedule, other: Schedule) -> bool:
    """Whether both are ever open at the same time; whoever closed one of them by hand is not asked."""
    return opening.meet(facts(one), facts(other), clock.now())


def ever_opens(schedule: Schedule) -> bool:
    """Whether the hours and holidays leave any time to be open; whoever closed it by hand is not asked."""
    return meet(schedule, schedule)


def planned_spans(schedule: Schedule, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """When the hours say open between two moments, in order, in UTC; whether somebody closed by hand is no matter."""
    return opening.open_spans(facts(schedule, since), since, until)


def is_holiday(schedule: Schedule, at: datetime | None = None) -> bool:
    """Whether the day of `at`, at the schedule's place, is a holiday: closed all day by an exception, or a public
    holiday on which the schedule does not work as usual."""
    local = (at or clock.now()).astimezone(schedule.time_zone).date()
    return calendar.is_holiday(schedule, local)


def closing_message(schedule: Schedule, at: datetime | None = None) -> str:
    """What a caller at `at` hears about the closing; "" while it is open, or when nothing is to be said."""
    at = at or clock.now()
    known = facts(schedule, at)
    if opening.is_open(known, at):
        return ""
    by_hand = opening.closed_by_hand(known, at)
    return (schedule.closing_announcement if by_hand else "") or schedule.closed_message


def facts(schedule: Schedule, at: datetime | None = None) -> opening.Facts:
    """The schedule as the pure core wants it, with the holidays of the two years around `at` (default: now).

    Uses prefetched rows (`Schedule.objects.complete()`).
    """
    week: dict[int, tuple[opening.Hours, ...]] = {}
    for period in schedule.periods.all():
        week[period.weekday] = (*week.get(period.weekday, ()), opening.Hours(period.opens, period.closes))
    year = (at or clock.now()).year
    return opening.Facts(
        schedule.time_zone, week, calendar.days_that_differ(schedule, range(year - 1, year + 3)),
        schedule.closed_now, schedule.closed_until,
    )  # fmt: skip


def in_words(schedule: Schedule, at: datetime | None = None) -> str:
    """What a manager wants to read: "open until 17:00", "closed until Monday 09:00"."""
    at = at or clock.now()
    known = facts(schedule, at)
    if opening.closed_by_hand(known, at):
        until = f" until {_shown(known.closed_until, at, schedule)}" if known.closed_until else ""
        return f"closed by hand{until}"
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


def _note(kind: str, schedule: Schedule, by: User | None, *, at: datetime | None = None, **data: Any) -> None:
    events.record(
        kind, subject=f"schedule:{schedule.public_id}", client_ref=schedule.client.public_id, actor=by, at=at,
        schedule=schedule.name, **data,
    )  # fmt: skip
