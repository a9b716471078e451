"""What other settings of a queue would have done to its past callers, and to whose phones rang for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import tee
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.calls.models import Call
from apps.core.models import Event
from apps.destinations.models import Destination
from apps.queues import reading, strategies
from apps.queues.models import Offer, Queue, QueueEntry
from apps.queues.strategies import Decision, Wanted
from apps.routing import whatif_line as line
from apps.routing.whatif import CHUNK, MOST
from apps.routing.whatif_line import Fate, Level, Limits, Past

WARM_UP = timedelta(hours=2)  # who joined so long before may be in line still: no queue lets anybody wait longer


@dataclass(frozen=True)
class Settings:
    """The settings that can be imagined to be others."""

    limits: Limits
    wanted: Wanted
    service_level_seconds: int

    @classmethod
    def of(cls, queue: Queue) -> Settings:
        limits = Limits(queue.max_size, queue.max_wait_seconds, queue.overflow_id)
        return cls(limits, reading.wanted_of([queue])[queue.pk], queue.service_level_seconds)


@dataclass(frozen=True)
class MovedCall:
    call: int
    at: datetime
    was: str
    now: str


@dataclass
class Report:
    """`looked_at` callers of whom `moved` would have gone elsewhere and `unknown` cannot be judged.

    `rung` counts offers that were looked at; `other` of them would have rung somebody else, `blind` were not kept with
    every candidate, or lack a skill that is asked now.
    """

    looked_at: int = 0
    moved: int = 0
    unknown: int = 0
    cut: bool = False
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)
    page: list[MovedCall] = field(default_factory=list)
    level_was: float | None = None
    level_now: float | None = None
    rung: int = 0
    other: int = 0
    blind: int = 0
    bells: Counter[tuple[str, str]] = field(default_factory=Counter)


def compare(
    queue: Queue, since: datetime, until: datetime, present: Settings, draft: Settings,
    *, offset: int = 0, size: int = 50,
) -> Report:  # fmt: skip
    """What changes for the callers of `queue` who came from `since` up to `until` if it had the settings `draft`."""
    report = Report()
    labels = dict(Destination.objects.filter(client=queue.client_id).values_list("pk", "label"))
    start = _start(queue, since, until, report)
    _compare_line(queue, start, until, present, draft, report, labels, slice(offset, offset + size))
    if draft.wanted != present.wanted:
        _compare_offers(queue, start, until, present.wanted, draft.wanted, report)
    return report


def _start(queue: Queue, since: datetime, until: datetime, report: Report) -> datetime:
    """Where to begin so that there are at most `MOST` callers: a busy period is cut to its newest part."""
    joined = QueueEntry.objects.filter(queue=queue, joined_at__gte=since, joined_at__lt=until)
    cut_at = joined.order_by("-joined_at").values_list("joined_at", flat=True)[MOST : MOST + 1].first()
    report.cut = cut_at is not None
    return since if cut_at is None else cut_at + timedelta(microseconds=1)


def _compare_line(
    queue: Queue, since: datetime, until: datetime, present: Settings, draft: Settings, report: Report,
    labels: dict[int, str], wanted: slice,
) -> None:  # fmt: skip
    was_level = Level(present.service_level_seconds, queue.short_abandon_seconds)
    now_level = Level(draft.service_level_seconds, queue.short_abandon_seconds)
    first, second, third = tee(_callers(queue, since - WARM_UP, until), 3)
    fates = zip(first, line.replay(second, present.limits), line.replay(third, draft.limits), strict=True)
    for caller, was, now in fates:
        if caller.at < since.timestamp():
            continue
        report.looked_at += 1
        was_level.count(caller, was)
        now_level.count(caller, now)
        if was == now and was.what != line.UNKNOWN:
            continue
        if line.UNKNOWN in (was.what, now.what):
            report.unknown += 1
        elif _place(was) != _place(now):
            way = (_label(was, queue, labels), _label(now, queue, labels))
            if wanted.start <= report.moved < wanted.stop:
                at = datetime.fromtimestamp(caller.at, since.tzinfo)
                report.page.append(MovedCall(caller.key, at, *way))
            report.moved += 1
            report.ways[way] += 1
    report.level_was, report.level_now = was_level.percent, now_level.percent


def _place(fate: Fate) -> tuple[bool, int | None]:
    return fate.what in line.PASSED_ON, fate.to


def _label(fate: Fate, queue: Queue, labels: dict[int, str]) -> str:
    if fate.what not in line.PASSED_ON:
        return queue.name
    to = "an apology and good-bye" if fate.to is None else labels.get(fate.to, "what was deleted since")
    return f"{to} ({fate.what})"


def _callers(queue: Queue, since: datetime, until: datetime) -> Iterator[Past]:
    """Those who joined and those who were turned away, in the order of their coming; memory stays the same."""
    return merge(_joined(queue, since, until), _turned_away(queue, since, until), key=lambda one: one.at)


def _joined(queue: Queue, since: datetime, until: datetime) -> Iterator[Past]:
    rows = QueueEntry.objects.filter(queue=queue, kind=QueueEntry.Kind.LIVE, joined_at__gte=since, joined_at__lt=until)
    rows = rows.annotate(left=Coalesce("answered_at", "ended_at")).order_by("joined_at", "pk")
    values = rows.values_list("call", "joined_at", "left", "answered_at", "status")
    for call, joined, left, answered, status in values.iterator(chunk_size=CHUNK):
        waited = None if left is None else (left - joined).total_seconds()
        passed_on = status == QueueEntry.Status.OVERFLOWED and answered is None
        yield Past(call, joined.timestamp(), waited, answered is not None, passed_on)


def _turned_away(queue: Queue, since: datetime, until: datetime) -> Iterator[Past]:
    events = Event.objects.filter(
        kind="queues.turned_away", subject=f"queue:{queue.public_id}", at__gte=since, at__lt=until
    ).order_by("at", "pk")
    events = events.annotate(call=Subquery(Call.objects.filter(public_id=OuterRef("call_ref")).values("pk")))
    for at, call, data in events.values_list("at", "call", "data").iterator(chunk_size=CHUNK):
        if call is not None and data.get("reason"):
            yield Past(call, at.timestamp(), None, refused=data["reason"])


def _compare_offers(
    queue: Queue, since: datetime, until: datetime, present: Wanted, draft: Wanted, report: Report
) -> None:
    rows = Offer.objects.filter(entry__queue=queue, offered_at__gte=since, offered_at__lt=until).exclude(considered={})
    for kept in rows.order_by("-offered_at").values_list("considered", flat=True)[:MOST].iterator(chunk_size=CHUNK):
        decision = Decision.from_json(kept)
        report.rung += 1
        if not _tells(decision, present) or not _tells(decision, draft):
            report.blind += 1
            continue
        was, now = _names(decision, present), _names(decision, draft)
        if was != now:
            report.other += 1
            report.bells[was, now] += 1


def _tells(decision: Decision, wanted: Wanted) -> bool:
    """Whether the kept candidates are enough to decide with other settings: all of them, with the skills asked for."""
    if wanted == decision.wanted:
        return True
    known = {skill for skill, _level in decision.wanted.requirements}
    return decision.complete and {skill for skill, _level in wanted.requirements} <= known


def _names(decision: Decision, wanted: Wanted) -> str:
    chosen = strategies.replay(decision, wanted).chosen
    names = sorted(one.name for one in decision.candidates() if one.operator_id in chosen)
    return ", ".join(names) or "nobody at that moment"


def changed(settings: Settings, **changes: Any) -> Settings:
    """`settings` with other values: places, max_wait, overflow, strategy, requirements, service_level_seconds."""
    limits = {name: changes[name] for name in ("places", "max_wait", "overflow") if name in changes}
    wanted = {name: changes[name] for name in ("strategy", "requirements") if name in changes}
    return replace(
        settings, limits=replace(settings.limits, **limits), wanted=replace(settings.wanted, **wanted),
        service_level_seconds=changes.get("service_level_seconds", settings.service_level_seconds),
    )  # fmt: skip
