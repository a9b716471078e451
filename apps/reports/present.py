"""What stands beside a report: its subjects at this moment, whatever period is shown."""

from __future__ import annotations

from dataclasses import dataclass

from apps.queues import stats
from apps.queues.models import Queue
from apps.queues.stats import StaffNow
from apps.reports.building import Report
from apps.reports.definitions import By


@dataclass(frozen=True)
class Line:
    """Callers of the queues of a report, as `stats.QueueNow` defines them."""

    waiting: int
    longest_wait_seconds: int
    talking: int


@dataclass(frozen=True)
class Now:
    """`staff`: the operators of the report, each counted once. `line`: None for reports that are not about queues."""

    staff: StaffNow
    line: Line | None = None


def now(report: Report) -> Now:
    """The subjects of `report` at this moment."""
    staff = stats.staff_now({operator for subject in report.subjects for operator in subject.operators})
    if report.asked.by != By.QUEUE:
        return Now(staff)
    found = stats.now_of(Queue.objects.filter(pk__in=[subject.key for subject in report.subjects])).values()
    return Now(
        staff,
        Line(
            sum(each.waiting for each in found),
            max((each.longest_wait_seconds for each in found), default=0),
            sum(each.talking for each in found),
        ),
    )
