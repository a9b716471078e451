"""The page of the reports, in the admin, and the same as a spreadsheet."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from apps.core.refused import Refused
from apps.reports import building, present, showing
from apps.reports.building import Report
from apps.reports.definitions import RULES, shown
from apps.reports.forms import ReportForm

PERMISSION = "queues.watch_board"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    form, report = _asked(request, cells=False)
    context = {
        **admin.site.each_context(request), "title": "Reports", "form": form, "media": form.media,
        "query": request.GET.urlencode(), "rules": RULES,
    }  # fmt: skip
    if report is not None:
        context |= {
            "report": report, "definitions": shown(report.asked.by), "cards": showing.cards(report),
            "pictures": showing.pictures(report), "total": showing.total(report), "breaks": showing.breaks(report),
            "subjects": showing.by_subject(report) if len(report.subjects) > 1 else [],
            "lines": showing.by_interval(report), "now": showing.now(present.now(report)),
            "plural": f"{report.asked.by.value.capitalize()}s",
        }  # fmt: skip
    return TemplateResponse(request, "reports/page.html", context)


@require_safe
def spreadsheet(request: HttpRequest) -> HttpResponseBase:
    _form, report = _asked(request, cells=True)
    if report is None:
        return HttpResponse("Choose a period first.", status=400, content_type="text/plain")
    reply = StreamingHttpResponse(showing.spreadsheet(report), content_type="text/csv; charset=utf-8")
    name = f"{report.asked.by}s {report.asked.since:%Y-%m-%d} {report.asked.size}.csv"
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


def _asked(request: HttpRequest, *, cells: bool) -> tuple[ReportForm, Report | None]:
    """The form as it was sent and the report; None when something in it is wrong, which the form then says."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = ReportForm(request.GET, user=request.user)
    if not form.is_valid():
        return form, None
    try:
        return form, building.build(replace(form.asked(), cells=cells), request.user)
    except Refused as refusal:
        form.add_error("interval" if "interval" in refusal.fields else None, refusal.sentence)
        return form, None
