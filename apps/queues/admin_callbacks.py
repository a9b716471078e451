"""Callbacks in the admin: a record to read, and the two things that a supervisor does about one."""

from django.contrib import admin, messages
from unfold.decorators import action, display

from apps.calls.admin import CallAdmin
from apps.core.admin_base import ReadOnlyAdmin, TabularInline, admin_link
from apps.core.refused import Refused
from apps.queues import callback_care
from apps.queues.models import Callback, CallbackTry

LABELS = {
    Callback.Status.WAITING: "warning", Callback.Status.CALLING: "info", Callback.Status.DONE: "success",
    Callback.Status.EXPIRED: "danger", Callback.Status.CANCELLED: "",
}  # fmt: skip


class _Record(TabularInline):
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class TryInline(_Record):
    model = CallbackTry
    fields = readonly_fields = ["n", "began_at", "dialled_at", "ended_at", "outcome", "call_page"]
    ordering = ["n"]
    verbose_name_plural = "tries"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("call")

    @display(description="Call")
    def call_page(self, attempt: CallbackTry) -> str:
        return admin_link(attempt.call)


class CallbackInline(_Record):
    """On the page of the call in which it was asked for."""

    model = Callback
    fk_name = "call"
    fields = readonly_fields = ["queue", "number", "status", "promised_from", "promised_until", "next_try_at"]
    show_change_link = True
    tab = True
    verbose_name_plural = "callbacks"


CallAdmin.inlines = [*CallAdmin.inlines, CallbackInline]


@admin.register(Callback)
class CallbackAdmin(ReadOnlyAdmin):
    list_display = ["asked_at", "queue", "caller", "number", "shown_status", "tried", "next_try_at", "promised_until"]
    list_filter = ["status", "queue", "queue__client"]
    list_select_related = ["queue", "call__person"]
    search_fields = ["number", "call__person__name", "queue__name"]
    inlines = [TryInline]
    actions = ["call_now", "cancel"]
    fields = [
        ("status", "queue"), ("number", "asked_in"), ("asked_at", "ended_at"), ("promised_from", "promised_until"),
        ("next_try_at", "expires_at"), "done_by",
    ]  # fmt: skip
    readonly_fields = ["asked_in", "done_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("tries")

    def menu_badge(self, request) -> int:
        """How many wait to be called back: for the side menu."""
        return Callback.objects.open().visible_to(request.user).count()

    def has_change_callback_permission(self, request) -> bool:
        return request.user.has_perm("queues.change_callback")

    @action(description="Call now: before all others, with the next free operator", permissions=["change_callback"])
    def call_now(self, request, queryset):
        self._each(request, queryset, lambda row: callback_care.call_now(row, by=request.user), "to be called next")

    @action(description="Cancel", permissions=["change_callback"])
    def cancel(self, request, queryset):
        why = f"{request.user.display_name} took it back."
        self._each(request, queryset, lambda row: callback_care.cancel(row, why=why), "cancelled")

    def _each(self, request, queryset, act, words: str) -> None:
        done = 0
        for callback in queryset:
            try:
                done += bool(act(callback))
            except Refused as refusal:
                self.message_user(request, f"{callback.number}: {refusal.sentence}", messages.ERROR)
        self.message_user(request, f"{done} callback{'' if done == 1 else 's'} {words}.")

    @display(description="Status", ordering="status", label=LABELS)
    def shown_status(self, callback: Callback):
        return callback.status, callback.get_status_display()

    @display(description="Caller")
    def caller(self, callback: Callback) -> str:
        return callback.call.person.name if callback.call.person else "unknown"

    @display(description="Tries")
    def tried(self, callback: Callback) -> str:
        done = sum(1 for attempt in callback.tries.all() if attempt.dialled_at)
        return f"{done} of {callback.queue.callback_tries}"

    @display(description="Asked for in")
    def asked_in(self, callback: Callback) -> str:
        return admin_link(callback.call)

    @display(description="Done by")
    def done_by(self, callback: Callback) -> str:
        return admin_link(callback.fulfilled_by) if callback.fulfilled_by else "–"
