"""Figures of a queue. Derived from the rows at the moment of asking; the definitions stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Min, Q, Value

from apps.clients.models import Client
from apps.core import clock
from apps.operators.models import Engagement, Operator
from apps.queues.models import Membership, Queue, QueueEntry

Status = QueueEntry.Status


@dataclass(frozen=True)
class QueueNow:
    """A queue at this moment. members: active ones, signed in or not.

    waiting: callers on the line, ringing an operator included; who waits for a callback is not among them.
    longest_wait_seconds: of the caller who has waited longest since joining or being put back, 0 with nobody in
    line. talking: conversations. signed_in: members not offline; of them on_break; busy: signed in with an open
    engagement; ready: available, reachable and idle; unreachable: available, but the desk cannot ring and nothing
    holds them.
    """

    members: int = 0
    waiting: int = 0
    longest_wait_seconds: int = 0
    talking: int = 0
    signed_in: int = 0
    ready: int = 0
    busy: int = 0
    on_break: int = 0
    unreachable: int = 0


@dataclass(frozen=True)
class QueueDay:
    """What became of the callers who joined within a period; each is counted in exactly one of the outcomes.

    offered: all who joined. answered: an operator took them (also those still talking). short_abandoned: gave up sooner
    than `Queue.short_abandon_seconds` after joining; abandoned: gave up later. overflowed: passed on after the longest
    wait. moved: went to another queue. expired: asked for a callback and was never reached. in_line: wait still.

    service_level_percent: answered within `Queue.service_level_seconds`, of answered + abandoned + overflowed (short
    abandons left out); None without any. average_answer_seconds: mean wait from joining to the first answer; None
    without an answer.
    """

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    overflowed: int = 0
    moved: int = 0
    expired: int = 0
    in_line: int = 0
    service_level_percent: float | None = None
    average_answer_seconds: float | None = None


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
    keys, at = [queue.pk for queue in queues], clock.now()
    line = Q(status__in=[Status.WAITING, Status.OFFERED], kind=QueueEntry.Kind.LIVE)
    entries = QueueEntry.objects.open().filter(queue__in=keys).order_by().values("queue")
    rows: Any = entries.annotate(
        waiting=Count("pk", filter=line), first=Min("place_at", filter=line),
        talking=Count("pk", filter=Q(status=Status.TALKING)),
    )  # fmt: skip
    found: dict[int, Any] = {row["queue"]: row for row in rows}
    staff = _staff(keys)
    figures = {}
    for key in keys:
        row = found.get(key, {"waiting": 0, "first": None, "talking": 0})
        longest = max(0, round((at - row["first"]).total_seconds())) if row["first"] else 0
        figures[key] = QueueNow(
            waiting=row["waiting"], longest_wait_seconds=longest, talking=row["talking"], **staff.get(key, {})
        )  # fmt: skip
    return figures


def _staff(keys: list[int]) -> dict[int, dict[str, int]]:
    there = ~Q(operator__presence=Operator.Presence.OFFLINE)
    away = Q(operator__presence=Operator.Presence.ON_BREAK)
    available = Q(operator__presence=Operator.Presence.AVAILABLE)
    busy = Q(operator__in=Engagement.objects.open().values("operator"))
    reachable = Q(operator__unreachable_since__isnull=True)
    members = Membership.objects.filter(queue__in=keys, active=True).order_by().values("queue")
    rows: Any = members.annotate(
        members=Count("pk"), signed_in=Count("pk", filter=there),
        ready=Count("pk", filter=available & reachable & ~busy),
        busy=Count("pk", filter=there & busy), on_break=Count("pk", filter=away),
        unreachable=Count("pk", filter=available & ~reachable & ~busy),
    )  # fmt: skip
    return {row.pop("queue"): row for row in rows}


def day_of(queues: Iterable[Queue], since: datetime, until: datetime) -> dict[int, QueueDay]:
    """`today` of many queues by key, in one query."""
    keys = [queue.pk for queue in queues]
    to_answer, to_end = _span("answered_at"), _span("ended_at")
    answered = Q(status__in=[Status.TALKING, Status.ANSWERED])
    short = Q(status=Status.ABANDONED, to_end__lt=_limit("short_abandon_seconds"))
    entries = QueueEntry.objects.filter(queue__in=keys, joined_at__gte=since, joined_at__lt=until).order_by()
    rows: Any = entries.annotate(to_answer=to_answer, to_end=to_end).values("queue").annotate(
        offered=Count("pk"), answered=Count("pk", filter=answered), short_abandoned=Count("pk", filter=short),
        all_abandoned=Count("pk", filter=Q(status=Status.ABANDONED)),
        overflowed=Count("pk", filter=Q(status=Status.OVERFLOWED)), moved=Count("pk", filter=Q(status=Status.MOVED)),
        expired=Count("pk", filter=Q(status=Status.EXPIRED)),
        in_line=Count("pk", filter=Q(status__in=[Status.WAITING, Status.CHOOSING, Status.OFFERED])),
        in_time=Count("pk", filter=answered & Q(to_answer__lte=_limit("service_level_seconds"))),
        mean=Avg("to_answer", filter=answered),
    )  # fmt: skip
    return dict.fromkeys(keys, QueueDay()) | {row["queue"]: _day(row) for row in rows}


def _span(end: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(end) - F("joined_at"), output_field=DurationField())


def _limit(setting: str) -> ExpressionWrapper:
    second = Value(timedelta(seconds=1), DurationField())
    return ExpressionWrapper(F(f"queue__{setting}") * second, output_field=DurationField())


def _day(row: dict) -> QueueDay:
    abandoned = row["all_abandoned"] - row["short_abandoned"]
    counted = row["answered"] + abandoned + row["overflowed"]
    return QueueDay(
        offered=row["offered"], answered=row["answered"], abandoned=abandoned, short_abandoned=row["short_abandoned"],
        overflowed=row["overflowed"], moved=row["moved"], expired=row["expired"], in_line=row["in_line"],
        service_level_percent=round(100 * row["in_time"] / counted, 1) if counted else None,
        average_answer_seconds=round(row["mean"].total_seconds(), 1) if row["mean"] is not None else None,
    )  # fmt: skip
