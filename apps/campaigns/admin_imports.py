"""Imports in the admin: a file is uploaded, its columns are named, and one watches it go in."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.decorators import display

from apps.campaigns import importing
from apps.campaigns.import_answers import refused_rows
from apps.campaigns.import_forms import ColumnsForm, ReadingForm, UploadForm
from apps.campaigns.models import Import
from apps.core import uploads
from apps.core.admin_base import ReadOnlyAdmin, admin_link
from apps.core.refused import Refused

SHOWN = 50  # refused rows on the page; all are in the file
FEW, KINDS = 5, 8  # from how many rows on they are summed up, and by how many kinds of fault
FIGURES = {"added": "added", "updated": "updated", "skipped": "on the list already", "partly": "taken in part",
           "refused": "refused"}  # fmt: skip
COLOURS = {"waiting": "warning", "running": "info", "done": "success", "failed": "danger"}


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    class Media:
        css = {"all": ["campaigns/import.css"]}

    list_display = ["file_name", "list", "shown_status", "shown_percent", "added", "updated", "skipped", "refused",
                    "created_at"]  # fmt: skip
    list_filter = ["status", "list"]
    list_select_related = ["list"]
    search_fields = ["file_name", "list__name"]

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm("campaigns.add_import")

    def get_urls(self):
        refused = self.admin_site.admin_view(self.refused_view)
        return [path("<object_id>/refused/", refused, name="campaigns_import_refused"), *super().get_urls()]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if object_id is None:
            return self._upload(request)
        run = self._run(request, object_id)
        return self._columns(request, run) if run.status == Import.Status.WAITING else self._progress(request, run)

    def refused_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return refused_rows(self._run(request, object_id))

    def _run(self, request: HttpRequest, object_id: str) -> Import:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("list__client")
        return get_object_or_404(rows, pk=object_id if str(object_id).isdecimal() else None)

    def _upload(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, user=request.user, initial=request.GET.dict())
        if uploads.too_large(request):
            form.add_error("file", uploads.TOO_LARGE)
        elif request.method == "POST" and form.is_valid():
            try:
                return _to(form.receive(request.user))
            except Refused as refusal:
                _add_errors(form, refusal)
        return self._page(request, "campaigns/import_upload.html", {"title": "Import contacts", "form": form}, form)

    def _columns(self, request: HttpRequest, run: Import) -> HttpResponse:
        """What the columns are; a post says so and begins, reads the file in another way, or gives it up."""
        posted = request.POST if request.method == "POST" else None
        if posted is not None and not self.has_add_permission(request):
            raise PermissionDenied
        form = ColumnsForm(posted if posted and "begin" in posted else None, run=run)
        reading = ReadingForm(posted if posted and "reread" in posted else None, run=run)
        try:
            if posted is not None and "stop" in posted:
                return _to(importing.stop(run, by=request.user))
            if reading.is_bound and reading.is_valid():
                return _to(importing.reread(run, **reading.cleaned_data))
            if form.is_bound and form.is_valid():
                duplicates = form.cleaned_data["duplicates"]
                return _to(importing.start(run, mapping=form.mapping(), duplicates=duplicates, by=request.user))
        except Refused as refusal:
            _add_errors(form if form.is_bound else reading, refusal)
        context = {
            "title": f"What are the columns of {run.file_name}?", "run": run, "form": form, "reading": reading,
            "rows": _columns_with_samples(form, importing.samples(run)), "may_begin": self.has_add_permission(request),
        }  # fmt: skip
        return self._page(request, "campaigns/import_columns.html", context, form)

    def _progress(self, request: HttpRequest, run: Import) -> HttpResponse:
        if request.method == "POST":
            if not self.has_add_permission(request):
                raise PermissionDenied
            return _to(importing.stop(run, by=request.user))
        refused = list(run.rows.all()[: SHOWN + 1])
        context = {
            "title": run.file_name, "run": run, "running": run.status == Import.Status.RUNNING,
            "figures": [(words, name, f"{getattr(run, name):,}") for name, words in FIGURES.items()],
            "rows_done": f"{run.rows_done:,}", "rows_total": f"{run.rows_total:,}", "refused": refused[:SHOWN],
            "kinds": _kinds(run) if len(refused) > FEW else [],
            "more": len(refused) > SHOWN, "may_stop": self.has_add_permission(request), "shown": SHOWN,
            "list": admin_link(run.list), "next": _what_next(request, run),
            "watch": f"/contact-imports/{run.public_id}",
        }  # fmt: skip
        return self._page(request, "campaigns/import_progress.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict, form=None) -> HttpResponse:
        media = self.media if form is None else self.media + form.media
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "media": media}
        return TemplateResponse(request, template, {**frame, **context})

    @display(description="Status", ordering="status", label=COLOURS)
    def shown_status(self, run: Import):
        return run.status, run.get_status_display()

    @display(description="Read")
    def shown_percent(self, run: Import) -> str:
        return f"{run.percent} %"


def _kinds(run: Import) -> list[dict]:
    """How many rows have which fault, the most frequent first."""
    return [row | {"count": f"{row['rows']:,}"} for row in run.rows.all().by_kind()[:KINDS]]


def _what_next(request: HttpRequest, run: Import) -> list[tuple[str, str]]:
    """What a person wants to do after an import, with the pages for it."""
    if run.status == Import.Status.RUNNING:
        return []
    contacts = reverse("admin:campaigns_contact_changelist") + f"?list__id__exact={run.list_id}"
    steps = [("Look at the contacts", contacts)]
    if request.user.has_perm("campaigns.add_campaign"):
        campaign = reverse("admin:campaigns_campaign_add") + f"?client={run.list.client_id}&contact_list={run.list_id}"
        steps.insert(0, ("Call them: make a campaign", campaign))
    return steps


def _to(run: Import) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:campaigns_import_change", args=[run.pk]))


def _add_errors(form, refusal: Refused) -> None:
    named = [name for name in refusal.fields if name in form.fields]
    form.add_error(named[0] if named else None, refusal.sentence)


def _columns_with_samples(form: ColumnsForm, samples: list[tuple[str, ...]]) -> list[dict]:
    return [
        {
            "field": form[f"column{place}"], "heading": heading,
            "samples": [row[place] for row in samples if place < len(row) and row[place]][:3],
        }
        for place, heading in enumerate(form.run.headings)
    ]  # fmt: skip
