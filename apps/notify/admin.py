from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.decorators import action, display

from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin
from apps.core.refused import Refused
from apps.notify import services
from apps.notify.models import Message, Notice

STATUS_COLOURS = {
    Message.Status.SENT: "success",
    Message.Status.FAILED: "danger",
    Message.Status.UNCERTAIN: "warning",
    Message.Status.WAITING: "info",
    Message.Status.SENDING: "info",
}


class StateFilter(admin.SimpleListFilter):
    """Open ones, unless something else is asked for: what is put right is history."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", "open"), ("resolved", "put right"), ("all", "all")]

    def value(self):
        return super().value() or "open"

    def choices(self, changelist):
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request, queryset):
        wanted = self.value()
        return queryset if wanted == "all" else queryset.filter(resolved_at__isnull=wanted == "open")


@admin.register(Notice)
class NoticeAdmin(ModelAdmin):
    """What a manager should put right."""

    list_display = ["text", "state", "times", "first_at", "last_at", "client"]
    list_filter = [StateFilter, "client"]
    list_select_related = ["client"]
    search_fields = ["text", "key"]
    fields = readonly_fields = ["text", "state", "times", "first_at", "last_at", "resolved_at", "client", "key"]
    actions = ["resolve_chosen"]
    actions_submit_line = ["resolve_this"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def menu_badge(self, request: HttpRequest) -> int:
        """How many are open: the number beside the menu's entry."""
        return Notice.objects.visible_to(request.user).open().count()

    def save_model(self, request, obj, form, change) -> None:
        # Nothing can be typed on the page, and its one button is `resolve_this`.
        services.resolve(obj, by=request.user)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        hidden = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **hidden})

    @display(description="State", label={"open": "danger", "done": "success"})
    def state(self, notice: Notice):
        return ("done", "put right") if notice.resolved_at else ("open", "open")

    @admin.action(description="Put right", permissions=["change"])
    def resolve_chosen(self, request, queryset):
        for notice in queryset:
            services.resolve(notice, by=request.user)
        messages.success(request, f"{len(queryset)} put right.")

    def has_resolve_permission(self, request: HttpRequest, object_id: int) -> bool:
        return self.has_change_permission(request) and Notice.objects.open().filter(pk=object_id).exists()

    @action(description="Put right", permissions=["resolve"])
    def resolve_this(self, request: HttpRequest, notice: Notice) -> None:
        services.resolve(notice, by=request.user)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """E-mails and text messages that left, or should have."""

    list_display = ["created_at", "shown_status", "channel", "to", "subject", "attempts", "error"]
    list_filter = ["status", "channel", "client"]
    list_select_related = ["client"]
    search_fields = ["to", "subject"]
    fields = [
        "shown_status", "channel", "to", "subject", "body", "error", "attempts", "due_at", "created_at", "client",
        "key",
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["send_again"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notify.change_message")

    @display(description="Status", label=STATUS_COLOURS)
    def shown_status(self, message: Message):
        return message.status, message.get_status_display()

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request, queryset):
        sent, why = 0, ""
        for message in queryset:
            try:
                services.send_again(message, by=request.user)
                sent += 1
            except Refused as refusal:
                why = refusal.sentence
        messages.add_message(request, messages.WARNING if why else messages.SUCCESS, f"{sent} on their way. {why}")
