from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from apps.calls.admin import CallAdmin
from apps.core.admin_base import ReadOnlyAdmin, TabularInline
from apps.recordings.models import Recording

LABELS = {
    Recording.Status.STORED: "success", Recording.Status.FAILED: "danger", Recording.Status.ABSENT: "warning",
    Recording.Status.RECORDING: "info", Recording.Status.READY: "info",
}  # fmt: skip


def player(recording: Recording) -> str:
    """The recording as a player, or the word why there is none."""
    if recording.status != Recording.Status.STORED:
        return recording.get_status_display()
    return format_html(
        '<audio controls preload="none" src="{}"></audio>', reverse("recording-media", args=[recording.public_id])
    )


class WhatFilter(admin.SimpleListFilter):
    title = "what"
    parameter_name = "what"

    def lookups(self, request, model_admin):
        return [("1", "messages that callers left"), ("2", "conversations")]

    def queryset(self, request, queryset):
        return queryset.filter(channels=int(self.value())) if self.value() in ("1", "2") else queryset


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "call", "what", "shown_status", "duration_seconds", "listen"]
    list_filter = ["status", WhatFilter, "client"]
    list_select_related = ["call", "client"]
    search_fields = ["call__customer_number", "call__person__name", "sid"]
    fields = [
        "call", "status", "listen", "channels", "duration_seconds", "size_bytes", "sha256", "sid", "started_at",
        "stored_at", "attempts", "due_at", "error",
    ]  # fmt: skip
    readonly_fields = fields

    @display(description="What", ordering="channels")
    def what(self, recording: Recording) -> str:
        return "message" if recording.channels == 1 else "conversation"

    @display(description="Status", label=LABELS)
    def shown_status(self, recording: Recording):
        return recording.status, recording.get_status_display()

    @display(description="Listen")
    def listen(self, recording: Recording) -> str:
        return player(recording)


class RecordingInline(TabularInline):
    """On the call's own page."""

    model = Recording
    fields = ["started_at", "status", "listen", "duration_seconds"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    @display(description="Listen")
    def listen(self, recording: Recording) -> str:
        return player(recording)


CallAdmin.inlines = [*CallAdmin.inlines, RecordingInline]
