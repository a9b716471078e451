"""A report: a row for each queue, team or operator in each interval, and their totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.core.refused import Refused
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.operators.models import Operator, Team
from apps.queues.models import Membership, Queue
from apps.reports import intervals, sums
from apps.reports.definitions import By
from apps.reports.figures import Row, Staff, Work
from apps.reports.intervals import Size

MODELS: dict[By, type[Queue] | type[Team] | type[Operator]] = {
    By.QUEUE: Queue, By.TEAM: Team, By.OPERATOR: Operator,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a report is asked for. `subject`: one queue, team or operator by its identifier; None: all of them."""

    by: By
    since: datetime
    until: datetime
    size: Size
    zone: tzinfo
    client: Client | None = None
    subject: UUID | None = None


@dataclass(frozen=True)
class Subject:
    """What a row is about. `operators`: by whom it is staffed; `target`: the service level wanted of a queue, in %."""

    key: int
    public_id: UUID
    name: str
    operators: frozenset[int] = frozenset()
    target: int | None = None


@dataclass(frozen=True)
class Report:
    """Rows can be asked for a subject, an interval, both or neither: then they are totals.

    `parts` holds callers and work by (interval, subject), `staff` by (interval, operator): who serves two queues is
    counted once in their total.
    """

    asked: Asked
    subjects: list[Subject]
    cuts: list[datetime]
    parts: Mapping[tuple[int, int], Row] = field(default_factory=dict)
    staff: Mapping[tuple[int, int], Staff] = field(default_factory=dict)

    @property
    def spans(self) -> list[tuple[datetime, datetime]]:
        return list(zip(self.cuts, self.cuts[1:], strict=False))

    @cached_property
    def total(self) -> Row:
        return _sum(self.parts.values(), self.staff.values())

    @cached_property
    def by_interval(self) -> dict[int, Row]:
        """The row of each interval that has one."""
        parts, staff = _grouped(self.parts, 0), _grouped(self.staff, 0)
        return {n: _sum(parts.get(n, ()), staff.get(n, ())) for n in sorted({*parts, *staff})}

    @cached_property
    def by_subject(self) -> dict[Subject, Row]:
        """The row of each subject over the whole period, in order."""
        parts, staff = _grouped(self.parts, 1), _grouped(self.staff, 1)
        return {
            subject: _sum(
                parts.get(subject.key, ()), (each for one in subject.operators for each in staff.get(one, ()))
            )
            for subject in self.subjects
        }

    def of(self, n: int, subject: Subject) -> Row:
        row = self.parts.get((n, subject.key))
        staff = (self.staff[n, operator] for operator in subject.operators if (n, operator) in self.staff)
        return _sum([row] if row else [], staff)


Value = TypeVar("Value", Row, Staff)


def _grouped(cells: Mapping[tuple[int, int], Value], place: int) -> dict[int, list[Value]]:
    """The cells by one part of their key."""
    found: dict[int, list[Value]] = defaultdict(list)
    for key, cell in cells.items():
        found[key[place]].append(cell)
    return found


def _sum(parts: Iterable[Row], staff: Iterable[Staff]) -> Row:
    return replace(Row.sum(parts), staff=Staff.sum(staff))


def build(asked: Asked, user: User) -> Report:
    """The report, of what `user` may see. Raises Refused for a period that cannot be, or too many intervals."""
    if asked.since >= asked.until:
        raise Refused("The period ends before it begins. Choose a later end.", fields={"until": ["Too early."]})
    try:
        cuts = intervals.borders(asked.since, asked.until, asked.size, asked.zone)
    except intervals.TooMany as error:
        raise Refused(
            f"That would be more than {intervals.MOST} intervals. Choose a shorter period or longer intervals.",
            code="too_many_intervals",
            fields={"interval": ["Too short."]},
        ) from error
    subjects = _subjects(asked, user)
    if not subjects:
        return Report(asked, [], cuts)
    scope = sums.Scope(cuts, clock.now())
    everybody = sorted({operator for subject in subjects for operator in subject.operators})
    of_staff = replace(scope, operators=everybody)
    work = sums.work(of_staff, "operator")
    staff = _staff(of_staff, work)
    if asked.by == By.QUEUE:
        parts = _of_queues(replace(scope, queues=[subject.key for subject in subjects]))
    else:
        subject_of = {operator: subject.key for subject in subjects for operator in subject.operators}
        parts = _of_operators(of_staff, work, subject_of)
    return Report(asked, subjects, cuts, parts, staff)


def _subjects(asked: Asked, user: User) -> list[Subject]:
    rows: Any = MODELS[asked.by].objects.visible_to(user)
    if asked.client is not None:
        rows = rows.filter(**{rows.client_path: asked.client})
    if asked.subject is not None:
        rows = rows.filter(public_id=asked.subject)
    if asked.by == By.OPERATOR:
        rows = rows.select_related("user")
        return [Subject(row.pk, row.public_id, str(row), frozenset([row.pk])) for row in rows]
    found = list(rows)
    if asked.by == By.QUEUE:
        pairs: Any = Membership.objects.filter(queue__in=found, active=True).values_list("queue", "operator")
    else:
        pairs = Operator.objects.filter(team__in=found).values_list("team", "pk")
    members = defaultdict(set)
    for key, operator in pairs:
        members[key].add(operator)
    return [
        Subject(
            row.pk, row.public_id, row.name, frozenset(members[row.pk]), getattr(row, "service_level_percent", None)
        )
        for row in found
    ]


class _Parts:
    """Rows gathered by (interval, subject), added up once."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], list[Row]] = defaultdict(list)

    def add(self, n: int, key: int, row: Row) -> None:
        self.rows[n, key].append(row)

    def summed(self) -> dict[tuple[int, int], Row]:
        return {key: Row.sum(rows) for key, rows in self.rows.items()}


def _of_queues(scope: sums.Scope) -> dict[tuple[int, int], Row]:
    parts = _Parts()
    for (n, queue), tally in sums.tallies(scope, "queue").items():
        parts.add(n, queue, Row(tally=tally))
    for (n, queue), counts in sums.offers(scope, "entry__queue").items():
        parts.add(n, queue, Row(work=Work(**counts)))
    for (n, queue), worked in sums.work(scope, "queue").items():
        parts.add(n, queue, _work_row(worked))
    return parts.summed()


def _of_operators(
    scope: sums.Scope, work: Mapping[tuple[int, int], sums.Worked], subject_of: Mapping[int, int]
) -> dict[tuple[int, int], Row]:
    """`subject_of`: whose row an operator's figures belong to, their own or their team's."""
    parts = _Parts()
    for (n, operator), tally in sums.tallies(scope, "operator").items():
        parts.add(n, subject_of[operator], Row(tally=tally))
    for (n, operator), counts in sums.offers(scope, "operator").items():
        parts.add(n, subject_of[operator], Row(work=Work(**counts)))
    for (n, operator), worked in work.items():
        parts.add(n, subject_of[operator], _work_row(worked))
    for (n, operator), presence in sums.presence(scope).items():
        parts.add(n, subject_of[operator], Row(presence=presence))
    return parts.summed()


def _work_row(worked: sums.Worked) -> Row:
    return Row(work=Work(**worked.seconds), operators=worked.operators)  # type: ignore[arg-type]


def _staff(scope: sums.Scope, work: Mapping[tuple[int, int], sums.Worked]) -> dict[tuple[int, int], Staff]:
    """What each operator had to do in each interval, whichever queue it came from."""
    handling = {
        key: sum(worked.seconds.get(kind, 0.0) for kind in ("conversation", "wrap_up", "desk", "preview"))
        for key, worked in work.items()
    }
    times = sums.times(scope, _shifts(scope))
    found = {}
    for key in {*handling, *times}:
        spent = times.get(key, {})
        found[key] = Staff(
            handling.get(key, 0.0), spent.get("idle", 0.0), spent.get("planned", 0.0), spent.get("adherent", 0.0)
        )
    return found


def _shifts(scope: sums.Scope) -> list[sums.Span]:
    """When each operator was planned to work."""
    planned = list(
        Operator.objects.filter(pk__in=scope.operators or (), shift__isnull=False).values_list("pk", "shift")
    )
    schedules: Sequence[Schedule] = Schedule.objects.complete().filter(pk__in={shift for _pk, shift in planned})
    spans = {each.pk: hours.planned_spans(each, scope.cuts[0], scope.cuts[-1]) for each in schedules}
    return [(operator, since, until) for operator, shift in planned for since, until in spans[shift]]
