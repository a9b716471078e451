"""A report as the page and the table of a spreadsheet show it: figures as text, intervals as words."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.core.words import span
from apps.reports import charts
from apps.reports.building import Report
from apps.reports.charts import Chart
from apps.reports.definitions import BY_KEY, By, Unit, shown
from apps.reports.figures import Row
from apps.reports.intervals import Size
from apps.reports.present import Now


@dataclass(frozen=True)
class Line:
    """A line of a table: its head, and a cell for each figure."""

    head: str
    cells: list[str]


@dataclass(frozen=True)
class Card:
    """A figure above the tables, with the definition's words."""

    name: str
    figure: str
    words: str
    tone: str = ""


def figure(key: str, value: Any) -> str:
    """A value as people read it: 1,204, 4:05, 83.3 %; a dash for nothing to tell."""
    if value is None:
        return "–"
    unit = BY_KEY[key].unit
    if unit == Unit.SECONDS:
        return span(value)
    return f"{value:g} %" if unit == Unit.PERCENT else f"{value:,}"


def label(report: Report, n: int) -> str:
    """Interval `n` in words, at the place of the report."""
    since, until = (moment.astimezone(report.asked.zone) for moment in report.spans[n])
    size, several = report.asked.size, report.cuts[-1] - report.cuts[0] > timedelta(hours=26)
    if size == Size.WEEK:
        return f"{since:%-d %b} – {until - timedelta(seconds=1):%-d %b}"
    if size == Size.DAY:
        return f"{since:%a %-d %b}"
    return f"{since:%a %-d %b %H:%M}" if several else f"{since:%H:%M}"


def by_subject(report: Report) -> list[Line]:
    return [_line(subject.name, row, report.asked.by) for subject, row in report.by_subject.items()]


def by_interval(report: Report) -> list[Line]:
    """The intervals in which there was something to tell."""
    rows = report.by_interval
    return [_line(label(report, n), row, report.asked.by) for n, row in rows.items() if _tells(row)]


def total(report: Report) -> Line:
    return _line("Total", report.total, report.asked.by)


def _tells(row: Row) -> bool:
    """Whether there is anything to say: a share of nothing is none, one of 0 % is news, for example of adherence."""
    return any(value or (value is not None and BY_KEY[key].unit == Unit.PERCENT) for key, value in row.values().items())


def _line(head: str, row: Row, by: By) -> Line:
    values = row.values()
    return Line(head, [figure(definition.key, values[definition.key]) for definition in shown(by)])


_CARDS = {
    By.QUEUE: (
        "offered", "answered", "abandoned", "service_level_percent", "average_answer_seconds", "longest_wait_seconds",
        "average_handle_seconds", "occupancy_percent",
    ),
    By.TEAM: ("answered", "missed", "declined", "average_handle_seconds", "occupancy_percent", "adherence_percent"),
}  # fmt: skip


def cards(report: Report) -> list[Card]:
    """The figures that a manager looks at first."""
    values = report.total.values()
    found = []
    for key in _CARDS.get(report.asked.by, _CARDS[By.TEAM]):
        tone = _tone(report, values[key]) if key == "service_level_percent" else ""
        found.append(Card(BY_KEY[key].name, figure(key, values[key]), BY_KEY[key].words, tone))
    return found


def now(found: Now) -> list[Card]:
    """The subjects at this moment: who waits, and who is there to answer."""
    staff = found.staff
    line = found.line and [
        Card("Waiting", str(found.line.waiting), "Callers in line."),
        Card("Longest wait", span(found.line.longest_wait_seconds), "Of the caller who has waited longest."),
        Card("Talking", str(found.line.talking), "Conversations with callers of these queues."),
    ]
    return [
        *(line or []),
        Card("Signed in", f"{staff.signed_in} of {staff.members}", "Operators who are not offline."),
        Card("Ready", str(staff.ready), "Available, can be rung, and nothing holds them."),
        Card("Busy", str(staff.busy), "In a call, rung for one, or in wrap-up."),
        Card("On a break", str(staff.on_break), "Signed in, and on a break."),
    ]


def target(report: Report) -> int | None:
    """The service level wanted, when all queues of the report want the same."""
    wanted = {subject.target for subject in report.subjects}
    return wanted.pop() if len(wanted) == 1 else None


def _tone(report: Report, level: float | None) -> str:
    wanted = target(report)
    if level is None or wanted is None:
        return ""
    return "good" if level >= wanted else "wait" if level >= wanted - 10 else "bad"


def pictures(report: Report) -> list[Chart]:
    rows = report.by_interval
    labels = [label(report, n) for n in range(len(report.spans))]
    values = [rows[n].values() if n in rows else {} for n in range(len(labels))]

    def part(kind: str, key: str) -> tuple[str, str, Sequence[float | None]]:
        return kind, BY_KEY[key].name.lower(), [each.get(key) for each in values]

    occupancy = charts.columns("Occupancy", labels, [part("after", "occupancy_percent")], top=100, unit=" %")
    if report.asked.by == By.QUEUE:
        outcomes = [part("good", "answered"), part("bad", "abandoned"), part("wait", "overflowed")]
        level = [part("accent", "service_level_percent")]
        return [
            charts.columns("What became of callers", labels, outcomes),
            charts.columns("Service level", labels, level, top=100, unit=" %", rule=target(report)),
            occupancy,
        ]
    adherence = charts.columns("Adherence", labels, [part("accent", "adherence_percent")], top=100, unit=" %")
    return [charts.columns("Answered", labels, [part("good", "answered")]), occupancy, adherence]


@dataclass(frozen=True)
class Breaks:
    """Time away by reason: a column for each reason, a line for each subject."""

    reasons: list[str]
    lines: list[Line]


def breaks(report: Report) -> Breaks | None:
    """None when nobody was on a break, or for queues, which have none."""
    if report.asked.by == By.QUEUE:
        return None
    found = [(subject.name, row.breaks()) for subject, row in report.by_subject.items()]
    reasons = sorted({reason for _name, each in found for reason in each})
    lines = [
        Line(name, [figure("break_seconds", each.get(reason)) for reason in reasons]) for name, each in found if each
    ]
    return Breaks([reason or "no reason given" for reason in reasons], lines) if reasons else None


class _Echo:
    def write(self, line: str) -> str:
        return line


def spreadsheet(report: Report) -> Iterator[str]:
    """The lines of a CSV: one for each interval and subject with something to tell; seconds and percents as numbers."""
    writer = csv.writer(_Echo())
    definitions = shown(report.asked.by)
    head = ["since", "until", report.asked.by.value, *(definition.key for definition in definitions)]
    yield writer.writerow(head)
    for n, (since, until) in enumerate(report.spans):
        for subject in report.subjects:
            row = report.of(n, subject)
            if _tells(row):
                values = row.values()
                cells = ["" if values[each.key] is None else values[each.key] for each in definitions]
                yield writer.writerow([_moment(report, since), _moment(report, until), _plain(subject.name), *cells])


def _moment(report: Report, moment: datetime) -> str:
    return moment.astimezone(report.asked.zone).isoformat(timespec="minutes")


def _plain(text: str) -> str:
    """A name that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
