"""Figures of a queue. Derived from the rows at the moment of asking; the definitions stand here and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)

from apps.clients.models import Client
from apps.core import clock
from apps.core.prepared import OneOf, Prepared
from apps.operators.models import Engagement, Operator, can_ring
from apps.queues.models import Membership, Queue, QueueEntry

Status = QueueEntry.Status


@dataclass(frozen=True)
class StaffNow:
    """Operators at this moment. members: all of them, signed in or not.

    signed_in: not offline; of them on_break; busy: signed in with an open engagement; ready: available, reachable and
    idle; unreachable: available, but the desk cannot ring and nothing holds them.
    """

    members: int = 0
    signed_in: int = 0
    ready: int = 0
    busy: int = 0
    on_break: int = 0
    unreachable: int = 0


@dataclass(frozen=True)
class QueueNow(StaffNow):
    """A queue at this moment, with its active members.

    waiting: callers on the line, ringing an operator included; who waits for a callback is not among them.
    longest_wait_seconds: of the caller who has waited longest since joining or being put back, 0 with nobody in
    line. talking: conversations.
    """

    waiting: int = 0
    longest_wait_seconds: int = 0
    talking: int = 0


@dataclass(frozen=True)
class Tally:
    """What became of callers who joined; each is counted in exactly one of the outcomes. Tallies can be added.

    offered: all who joined. answered: an operator took them (also those still talking). short_abandoned: gave up sooner
    than `Queue.short_abandon_seconds` after joining; abandoned: gave up later. overflowed: passed on after the longest
    wait. moved: went to another queue. expired: asked for a callback and was never reached. in_line: wait still.

    callbacks: those of them who asked to be called back, whatever came of it; callbacks_done: of these, who were
    reached. How fast people were answered is told of the others, who stayed on the line: in_time, within
    `Queue.service_level_seconds`, of `measured` (answered, abandoned and overflowed; short abandons left out); waits:
    the answered, with the sum and the longest of their waits from joining to the first answer.
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    overflowed: int = 0
    moved: int = 0
    expired: int = 0
    in_line: int = 0
    callbacks: int = 0
    callbacks_done: int = 0
    in_time: int = 0
    measured: int = 0
    waits: int = 0
    wait_seconds: float = 0.0
    longest_wait_seconds: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally.sum([self, other])

    @classmethod
    def sum(cls, tallies: Iterable[Tally]) -> Tally:
        rows = [_values(each) for each in tallies]
        *sums, longest = zip(*rows, strict=True) if rows else (*[()] * len(_NAMES),)
        return cls(*map(sum, sums), max(longest, default=0.0))

    @property
    def service_level_percent(self) -> float | None:
        """None without a caller to measure."""
        return round(100 * self.in_time / self.measured, 1) if self.measured else None

    @property
    def average_answer_seconds(self) -> float | None:
        """None without an answer."""
        return round(self.wait_seconds / self.waits, 1) if self.waits else None


_NAMES = tuple(field.name for field in fields(Tally))
_values = attrgetter(*_NAMES)


@dataclass(frozen=True)
class QueueDay:
    """What became of the callers who joined within a period, as `Tally` defines it."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    overflowed: int = 0
    moved: int = 0
    expired: int = 0
    in_line: int = 0
    callbacks: int = 0
    in_time: int = 0
    measured: int = 0
    service_level_percent: float | None = None
    average_answer_seconds: float | None = None
    longest_wait_seconds: float = 0.0

    @classmethod
    def of(cls, tally: Tally) -> QueueDay:
        return cls(**{field.name: getattr(tally, field.name) for field in fields(cls)})


def now(queue: Queue) -> QueueNow:
    """The figures of this moment."""
    return now_of([queue])[queue.pk]


def today(queue: Queue, since: datetime, until: datetime) -> QueueDay:
    """The figures of the callers who joined from `since` up to, not including, `until`."""
    return day_of([queue], since, until)[queue.pk]


def midnight(client: Client, at: datetime) -> datetime:
    """When the day of `at` began at the client's place."""
    return at.astimezone(client.time_zone).replace(hour=0, minute=0, second=0, microsecond=0)


def now_of(queues: Iterable[Queue]) -> dict[int, QueueNow]:
    """`now` of many queues by key, in two queries."""
    keys = [queue.pk for queue in queues]
    lines = lines_now(QueueEntry.objects.filter(queue__in=keys))
    staff = crews_now(Membership.objects.filter(queue__in=keys))
    return now_from(keys, lines, staff, clock.now())


def now_from(keys: Iterable[int], lines: Iterable[Any], staff: Iterable[Any], at: datetime) -> dict[int, QueueNow]:
    """The figures of the queues `keys` by the rows of `lines_now` and `crews_now`."""
    found, there = {row["queue"]: row for row in lines}, {row["queue"]: row for row in staff}
    figures = {}
    for key in keys:
        row = found.get(key, {"waiting": 0, "first": None, "talking": 0})
        longest = max(0, round((at - row["first"]).total_seconds())) if row["first"] else 0
        crew = {name: count for name, count in there.get(key, {}).items() if name != "queue"}
        figures[key] = QueueNow(waiting=row["waiting"], longest_wait_seconds=longest, talking=row["talking"], **crew)
    return figures


def lines_now(entries: QuerySet[QueueEntry]) -> QuerySet[QueueEntry, Any]:
    """By queue: who waits on the line, `first`, when the first of them came, and who talks."""
    line = Q(status__in=[Status.WAITING, Status.OFFERED], kind=QueueEntry.Kind.LIVE)
    rows: Any = entries.filter(status__in=QueueEntry.OPEN).order_by().values("queue")
    return rows.annotate(
        waiting=Count("pk", filter=line), first=Min("place_at", filter=line),
        talking=Count("pk", filter=Q(status=Status.TALKING)),
    )  # fmt: skip


def crews_now(memberships: QuerySet[Membership]) -> QuerySet[Membership, Any]:
    """By queue: its active members, and what they do."""
    rows: Any = memberships.filter(active=True).order_by().values("queue")
    return rows.annotate(**_counts("operator"))


def staff_now(operators: Iterable[int]) -> StaffNow:
    """The operators with these keys at this moment, each counted once."""
    return StaffNow(**Operator.objects.filter(pk__in=list(operators)).aggregate(**_counts()))


def _counts(operator: str = "") -> dict[str, Count]:
    """The figures of StaffNow; `operator` is the way to the operators from the rows asked for."""
    way = f"{operator}__" if operator else ""

    def who(**facts: Any) -> Q:
        return Q(**{f"{way}{name}": value for name, value in facts.items()})

    there = ~who(presence=Operator.Presence.OFFLINE)
    available = who(presence=Operator.Presence.AVAILABLE)
    busy = who(pk__in=Engagement.objects.open().values("operator"))
    reachable = can_ring(operator)
    return {
        "members": Count("pk"), "signed_in": Count("pk", filter=there),
        "ready": Count("pk", filter=available & reachable & ~busy), "busy": Count("pk", filter=there & busy),
        "on_break": Count("pk", filter=who(presence=Operator.Presence.ON_BREAK)),
        "unreachable": Count("pk", filter=available & ~reachable & ~busy),
    }  # fmt: skip


def day_of(queues: Iterable[Queue], since: datetime, until: datetime) -> dict[int, QueueDay]:
    """`today` of many queues by key, in one query."""
    keys = [queue.pk for queue in queues]
    found = {row["queue"]: QueueDay.of(_tally(row)) for row in _joined(queues=keys, since=since, until=until)}
    return dict.fromkeys(keys, QueueDay()) | found


_joined = Prepared(
    lambda queues, since, until: _tallied(
        QueueEntry.objects.filter(queue=OneOf(queues), joined_at__gte=since, joined_at__lt=until), "queue"
    )
)


def since_midnight(queues: Iterable[Queue]) -> dict[int, QueueDay]:
    """`today` of many queues by key, each since its own client's midnight; one query for each midnight."""
    at, by_midnight = clock.now(), defaultdict(list)
    for queue in queues:
        by_midnight[midnight(queue.client, at)].append(queue)
    return {key: day for since, group in by_midnight.items() for key, day in day_of(group, since, at).items()}


SLICE = timedelta(minutes=5)


def last_hour(queues: Iterable[Queue], at: datetime) -> tuple[datetime, dict[int, list[Tally]]]:
    """Since when, and by queue what became of who joined in each five minutes (of the clock) from then up to `at`."""
    keys, now = [queue.pk for queue in queues], at.replace(second=0, microsecond=0)
    since = now - timedelta(minutes=now.minute % 5) - 11 * SLICE
    entries = QueueEntry.objects.filter(queue__in=keys, joined_at__gte=since, joined_at__lt=at)
    binned = entries.annotate(slice=DateBin(SLICE, F("joined_at"), since))
    found = tallies(binned, "queue", "slice")
    return since, {key: [found.get((key, since + n * SLICE), Tally()) for n in range(12)] for key in keys}


class DateBin(Func):
    """The beginning of the slice, of those that follow each other from a moment on, in which a time lies."""

    function = "date_bin"
    output_field = DateTimeField()

    def __init__(self, slice_: timedelta, time: F, origin: datetime) -> None:
        super().__init__(Value(slice_, DurationField()), time, Value(origin, DateTimeField()))


def tallies(entries: QuerySet[QueueEntry], *by: str) -> dict[tuple[Any, ...], Tally]:
    """The tally of `entries` for each combination of the values of `by` (names of fields or annotations)."""
    return {tuple(row[name] for name in by): _tally(row) for row in _tallied(entries, *by)}


def _tallied(entries: QuerySet[QueueEntry], *by: str) -> QuerySet[QueueEntry, Any]:
    live = Q(kind=QueueEntry.Kind.LIVE)
    answered = Q(status__in=[Status.TALKING, Status.ANSWERED])
    abandoned, overflowed = Q(status=Status.ABANDONED), Q(status=Status.OVERFLOWED)
    short = abandoned & Q(to_end__lt=_limit("short_abandon_seconds"))
    rows: Any = entries.order_by().annotate(to_answer=_span("answered_at"), to_end=_span("ended_at")).values(*by)
    return rows.annotate(
        _offered=Count("pk"), _answered=Count("pk", filter=answered), _short_abandoned=Count("pk", filter=short),
        _all_abandoned=Count("pk", filter=abandoned), _live_abandoned=Count("pk", filter=abandoned & live),
        _live_short=Count("pk", filter=short & live),
        _overflowed=Count("pk", filter=overflowed), _live_overflowed=Count("pk", filter=overflowed & live),
        _moved=Count("pk", filter=Q(status=Status.MOVED)), _expired=Count("pk", filter=Q(status=Status.EXPIRED)),
        _in_line=Count("pk", filter=Q(status__in=[Status.WAITING, Status.CHOOSING, Status.OFFERED])),
        _callbacks=Count("pk", filter=~live), _callbacks_done=Count("pk", filter=~live & answered),
        _in_time=Count("pk", filter=answered & live & Q(to_answer__lte=_limit("service_level_seconds"))),
        _waits=Count("pk", filter=answered & live), _wait=Sum("to_answer", filter=answered & live),
        _longest=Max("to_answer", filter=answered & live),
    )  # fmt: skip


def _span(end: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(end) - F("joined_at"), output_field=DurationField())


def _limit(setting: str) -> ExpressionWrapper:
    second = Value(timedelta(seconds=1), DurationField())
    return ExpressionWrapper(F(f"queue__{setting}") * second, output_field=DurationField())


def _tally(row: dict[str, Any]) -> Tally:
    plain = (
        "offered", "answered", "short_abandoned", "overflowed", "moved", "expired", "in_line", "callbacks",
        "callbacks_done", "in_time", "waits",
    )  # fmt: skip
    return Tally(
        **{name: row[f"_{name}"] for name in plain},
        abandoned=row["_all_abandoned"] - row["_short_abandoned"],
        measured=row["_waits"] + row["_live_abandoned"] - row["_live_short"] + row["_live_overflowed"],
        wait_seconds=row["_wait"].total_seconds() if row["_wait"] is not None else 0.0,
        longest_wait_seconds=round(row["_longest"].total_seconds(), 1) if row["_longest"] is not None else 0.0,
    )
