"""A report: a row for each queue, team or operator in each interval, and their totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any
from uuid import UUID

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.core.refused import Refused
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.operators.models import Operator, Team
from apps.queues.models import Membership, Queue
from apps.queues.stats import Tally
from apps.reports import intervals, sums
from apps.reports.definitions import By
from apps.reports.figures import Row, Staff, Work
from apps.reports.intervals import Size
from apps.reports.sums import Place, Scope, Span
from apps.reports.worked import Worked, work

MODELS: dict[By, type[Queue] | type[Team] | type[Operator]] = {
    By.QUEUE: Queue, By.TEAM: Team, By.OPERATOR: Operator,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a report is asked for. `subject`: one queue, team or operator by its identifier; None: all of them.

    `cells`: also a row for each of them in each interval.
    """

    by: By
    since: datetime
    until: datetime
    size: Size
    zone: tzinfo
    client: Client | None = None
    subject: UUID | None = None
    cells: bool = False


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
    """Rows can be asked for an interval, a subject, both (with the cells) or neither: then they are totals.

    `rows` holds callers and work of queues, or else of operators; `staff` that of operators: who serves two queues is
    counted once in their total.
    """

    asked: Asked
    subjects: list[Subject]
    cuts: list[datetime]
    rows: Mapping[Place, Row] = field(default_factory=dict)
    staff: Mapping[Place, Staff] = field(default_factory=dict)

    @cached_property
    def spans(self) -> list[tuple[datetime, datetime]]:
        return list(zip(self.cuts, self.cuts[1:], strict=False))

    @cached_property
    def total(self) -> Row:
        return Row.sum(self.by_interval.values())

    @cached_property
    def by_interval(self) -> dict[int, Row]:
        """The row of each interval that has one."""
        found = sorted({n for n, key in (*self.rows, *self.staff) if n is not None and key is None})
        return {n: replace(self.rows.get((n, None), Row()), staff=self.staff.get((n, None), Staff())) for n in found}

    @cached_property
    def by_subject(self) -> dict[Subject, Row]:
        """The row of each subject over the whole period, in order."""
        return {subject: self.of(None, subject) for subject in self.subjects}

    def of(self, n: int | None, subject: Subject) -> Row:
        rows = [self.rows[n, key] for key in self._keys(subject) if (n, key) in self.rows]
        staff = [self.staff[n, operator] for operator in subject.operators if (n, operator) in self.staff]
        return replace(Row.sum(rows), staff=Staff.sum(staff))

    def has(self, n: int, subject: Subject) -> bool:
        """Whether there are callers or work of the subject in the interval."""
        return any((n, key) in self.rows for key in self._keys(subject))

    def _keys(self, subject: Subject) -> Iterable[int]:
        return [subject.key] if self.asked.by == By.QUEUE else subject.operators


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
    everybody = sorted({operator for subject in subjects for operator in subject.operators})
    queues = [subject.key for subject in subjects] if asked.by == By.QUEUE else None
    scope = Scope(cuts, clock.now(), everybody, queues, asked.cells)
    worked, handling = work(scope)
    return Report(asked, subjects, cuts, _rows(scope, worked), _staff(scope, handling))


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


def _rows(scope: Scope, worked: Mapping[Place, Worked]) -> dict[Place, Row]:
    """Callers and work, and of operators their presence."""
    tallies, offers = sums.tallies(scope), sums.offers(scope)
    presence = sums.presence(scope) if scope.queues is None else {}
    found = {}
    for place in {*tallies, *offers, *worked, *presence}:
        work = worked.get(place, Worked())
        figures: dict[str, Any] = {**offers.get(place, {}), **work.seconds}
        found[place] = Row(
            tallies.get(place, Tally()), Work(**figures), presence=presence.get(place, {}), operators=work.operators
        )
    return found


def _staff(scope: Scope, handling: Mapping[Place, float]) -> dict[Place, Staff]:
    """What operators had to do, whichever queue it came from."""
    times = sums.times(scope, _shifts(scope))
    found = {}
    for place in {*handling, *times}:
        spent = times.get(place, {})
        found[place] = Staff(
            handling.get(place, 0.0), spent.get("idle", 0.0), spent.get("planned", 0.0), spent.get("adherent", 0.0)
        )
    return found


def _shifts(scope: Scope) -> list[Span]:
    """When each operator was planned to work."""
    planned = list(
        Operator.objects.filter(pk__in=scope.operators or (), shift__isnull=False).values_list("pk", "shift")
    )
    schedules: Sequence[Schedule] = Schedule.objects.complete().filter(pk__in={shift for _pk, shift in planned})
    spans = {each.pk: hours.planned_spans(each, scope.cuts[0], scope.cuts[-1]) for each in schedules}
    return [(operator, since, until) for operator, shift in planned for since, until in spans[shift]]
