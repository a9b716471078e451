"""The pages of the what-if report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from apps.calls.models import Call
from apps.core import numbers
from apps.queues.models import Queue
from apps.routing import whatif, whatif_queue
from apps.routing.models import Rule
from apps.routing.rules import view
from apps.routing.whatif_forms import OFF, QueueForm, WhatIfForm

SIZE = 50
WIDE = ("conditions", "place", "queue")  # fields that take a line of the form for themselves


def of_rule(request: HttpRequest) -> tuple[dict[str, Any], WhatIfForm]:
    """What the page about a rule shows."""
    if "look" not in request.GET:
        chosen = request.GET.get("rule", "")
        rules = Rule.objects.visible_to(request.user).complete()
        form = WhatIfForm.of(rules.filter(pk=chosen).first() if chosen.isdecimal() else None, request.user)
        return {"card": "An imagined rule", "form": form}, form
    form = WhatIfForm(request.GET, user=request.user)
    context: dict[str, Any] = {"card": "An imagined rule", "form": form}
    if form.is_valid():
        chosen, rule = form.cleaned_data, form.cleaned_data["rule"]
        client, page = chosen["client"], page_of(request)
        draft = whatif.with_draft(
            client, None if chosen["place"] == OFF else form.draft, instead_of=rule and rule.pk, place=form.nth
        )
        present = [view(one) for one in Rule.objects.trying(client)]
        since, until = form.moments(client)
        report = whatif.compare(client, since, until, present, draft, offset=page * SIZE, size=SIZE)
        context |= shown(report) | paged(request, page, report.moved)
    return context, form


def shown(report: whatif.Report) -> dict[str, Any]:
    """A report as the template wants it."""
    lines = [f"{report.stayed:,} would have gone where today's rules send them."]
    if report.unknown:
        lines.append(f"{report.unknown:,} cannot be judged: what the rules ask was not looked up when they came in.")
    if report.older:
        lines.append(f"{report.older:,} went elsewhere at the time than today's rules send them: rules changed since.")
    if report.cut:
        lines.append(f"The period has more calls: these are the newest {whatif.MOST:,}. Choose a shorter one.")
    return {
        "report": report,
        "summary": _summary(report.moved, report.looked_at, "calls"),
        "lines": lines,
        "ways": [(was, now, count) for (was, now), count in report.ways.most_common(20)],
        "rows": [_row(moved) for moved in report.page],
    }


def _summary(moved: int, looked_at: int, who: str) -> str:
    if not looked_at:
        return f"There were no {who} in this period. Choose another."
    return f"{moved:,} of {looked_at:,} {who} would have gone elsewhere."


def _row(moved: whatif.Moved) -> dict[str, Any]:
    because = f"{moved.rule}: {moved.because}" if moved.because else "no rule matches"
    return _row_of(moved.decision.call, moved.decision.at, moved.was, moved.now, because)


def _row_of(call: Call, at: datetime, was: str, now: str, because: str) -> dict[str, Any]:
    return {
        "address": reverse("admin:calls_call_change", args=[call.pk]),
        "at": at,
        "caller": call.person.name if call.person else numbers.pretty(call.customer_number),
        "was": was,
        "now": now,
        "because": because,
    }


def of_queue(request: HttpRequest) -> tuple[dict[str, Any], QueueForm]:
    """What the page about a queue shows."""
    card = "A queue with other settings"
    if "look" not in request.GET:
        wanted = request.GET.get("queue", "")
        queues = Queue.objects.visible_to(request.user).select_related("client")
        queue = queues.filter(pk=wanted).first() if wanted.isdecimal() else queues.first()
        form = QueueForm.of(queue, request.user)
        return {"card": card, "form": form, "others": _other_queues(request, queue)}, form
    form = QueueForm(request.GET, user=request.user)
    context: dict[str, Any] = {"card": card, "form": form}
    if form.is_valid():
        queue, page = form.cleaned_data["queue"], page_of(request)
        present = whatif_queue.Settings.of(queue)
        draft = whatif_queue.changed(present, **form.changes)
        since, until = form.moments(queue.client)
        report = whatif_queue.compare(queue, since, until, present, draft, offset=page * SIZE, size=SIZE)
        context |= _shown_queue(report, present != draft) | paged(request, page, report.moved)
    return context, form


def _other_queues(request: HttpRequest, queue: Queue | None) -> list[tuple[str, str]]:
    """The pages of the other queues, with their settings filled in."""
    here = reverse("admin:routing_rule_what_if_queue")
    others = Queue.objects.visible_to(request.user).exclude(pk=queue and queue.pk)
    return [(str(other), f"{here}?queue={other.pk}") for other in others[:30]]


def _shown_queue(report: whatif_queue.Report, differs: bool) -> dict[str, Any]:
    lines = [f"Service level: {_percent(report.level_was)} now, {_percent(report.level_now)} with the draft."]
    if report.unknown:
        lines.append(f"{report.unknown:,} cannot be judged: they were let go then, and would have waited on.")
    if report.rung:
        lines.append(f"{report.other:,} of {report.rung:,} times somebody else's phone would have rung.")
        lines += [f"{was} → {now}: {count:,}" for (was, now), count in report.bells.most_common(10)]
    if report.blind:
        lines.append(f"{report.blind:,} of those cannot be judged: not every candidate, or not every skill, was kept.")
    if report.cut:
        lines.append(f"The period has more calls: these are the newest {whatif.MOST:,}. Choose a shorter one.")
    if not differs:
        lines.append("The draft is the queue as it is. Change a setting above.")
    lines.append("Everybody else's wait is taken as it was: a shorter line would have made it shorter still.")
    return {
        "report": report,
        "summary": _summary(report.moved, report.looked_at, "callers"),
        "lines": lines,
        "ways": [(was, now, count) for (was, now), count in report.ways.most_common(20)],
        "rows": _queue_rows(report),
    }


def _queue_rows(report: whatif_queue.Report) -> list[dict[str, Any]]:
    calls = Call.objects.select_related("person").in_bulk([moved.call for moved in report.page])
    return [_row_of(calls[moved.call], moved.at, moved.was, moved.now, "") for moved in report.page]


def _percent(level: float | None) -> str:
    return "nothing to measure" if level is None else f"{level:g} %"


def page_of(request: HttpRequest) -> int:
    """Which page is wanted, 0 the first."""
    wanted = request.GET.get("page", "")
    return min(int(wanted), whatif.MOST) if wanted.isdecimal() and len(wanted) < 6 else 0


def paged(request: HttpRequest, page: int, count: int) -> dict[str, str]:
    """The addresses of the pages before and behind this one."""

    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return query.urlencode()

    return {
        "previous": address(page - 1) if page else "",
        "next": address(page + 1) if (page + 1) * SIZE < count else "",
    }


def tabs(here: str) -> Sequence[tuple[str, str, bool]]:
    names = [("A rule", "what_if"), ("A queue", "what_if_queue")]
    return [(title, reverse(f"admin:routing_rule_{name}"), name == here) for title, name in names]
