"""The pages of the what-if report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from apps.core import numbers
from apps.routing import whatif
from apps.routing.models import Rule
from apps.routing.rules import view
from apps.routing.whatif_forms import OFF, WhatIfForm

SIZE = 50


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
        "summary": f"{report.moved:,} of {report.looked_at:,} calls would have gone elsewhere.",
        "lines": lines,
        "ways": [(was, now, count) for (was, now), count in report.ways.most_common(20)],
        "rows": [_row(moved) for moved in report.page],
    }


def _row(moved: whatif.Moved) -> dict[str, Any]:
    call = moved.decision.call
    return {
        "address": reverse("admin:calls_call_change", args=[call.pk]),
        "at": moved.decision.at,
        "caller": call.person.name if call.person else numbers.pretty(call.customer_number),
        "was": moved.was,
        "now": moved.now,
        "because": f"{moved.rule}: {moved.because}" if moved.because else "no rule matches",
    }


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
