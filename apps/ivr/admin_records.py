"""What was published and what callers did, to read."""

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html_join
from unfold.decorators import action, display

from apps.core.admin_base import ReadOnlyAdmin
from apps.core.refused import Refused
from apps.ivr import comparing, publishing, services
from apps.ivr.models import FlowVersion, Visit


@admin.register(FlowVersion)
class FlowVersionAdmin(ReadOnlyAdmin):
    list_display = ["number", "flow", "note", "made_at", "made_by", "current"]
    list_filter = ["flow", ("made_at", admin.DateFieldListFilter)]
    list_select_related = ["flow", "made_by"]
    search_fields = ["flow__name", "note"]
    ordering = ["-made_at", "-pk"]
    fields = readonly_fields = ["flow", "number", "note", "made_at", "made_by", "current", "changed"]
    actions_detail = ["roll_back"]

    @display(description="State", label={"takes the calls": "success"})
    def current(self, version: FlowVersion) -> str:
        return "takes the calls" if version.flow.version_id == version.pk else ""

    @display(description="Changed since the version before")
    def changed(self, version: FlowVersion) -> str:
        before = version.flow.versions.filter(number__lt=version.number).first()
        found = comparing.changes(before.document if before else {}, version.document)
        rows = ((one.path, one.before or "nothing", one.after or "nothing") for one in found[:100])
        return format_html_join("", "<div>{}: {} → {}</div>", rows) or "only what the prompts say"

    @action(description="Go back to this version", icon="history", permissions=["roll_back"])
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = get_object_or_404(self.get_queryset(request).select_related("flow"), pk=object_id)
        try:
            made = publishing.roll_back(version.flow, version, by=request.user)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return redirect("admin:ivr_flowversion_change", object_id)
        self.message_user(request, f"Version {version.number} takes the calls again, as version {made.number}.")
        return redirect("admin:ivr_flowversion_change", made.pk)

    def has_roll_back_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("ivr.change_flow")


class OutcomeFilter(admin.SimpleListFilter):
    title = "how it ended"
    parameter_name = "ended"
    WORDS = {
        "to": ("went on to a destination", Q(outcome__startswith="to ")),
        "hung": ("the caller hung up", Q(outcome__contains="hung up")),
        "none": ("no choice was made", Q(outcome="no choice was made")),
        "open": ("still in the menu", Q(ended_at__isnull=True)),
    }

    def lookups(self, request, model_admin):
        return [(name, words) for name, (words, _rows) in self.WORDS.items()]

    def queryset(self, request, queryset):
        return queryset.filter(self.WORDS[self.value()][1]) if self.value() in self.WORDS else queryset


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "flow", "version_number", "call", "pressed", "where"]
    list_filter = ["flow", OutcomeFilter, ("started_at", admin.DateFieldListFilter)]
    list_select_related = ["flow", "call", "version"]
    search_fields = ["call__customer_number", "outcome", "flow__name", "path"]
    search_help_text = "A caller's number, a voice menu, the name of a node, or how it ended."
    fields = readonly_fields = ["flow", "version_number", "call", "started_at", "ended_at", "where", "way"]

    @display(description="Version", ordering="version__number")
    def version_number(self, visit: Visit) -> str:
        return str(visit.version.number) if visit.version else "–"

    @display(description="Keys")
    def pressed(self, visit: Visit) -> str:
        return " ".join(step["key"] or "–" for step in visit.path if step["cause"] != "passed")

    @display(description="How it ended")
    def where(self, visit: Visit) -> str:
        return visit.outcome if visit.ended_at else "still in the menu"

    @display(description="The way")
    def way(self, visit: Visit) -> str:
        return format_html_join("", "<div>{}</div>", ((line,) for line in services.told(visit))) or "no key was pressed"
