"""What campaigns dial and what came of it: contacts, tries, decisions, and numbers that are not called."""

from django.contrib import admin
from unfold.decorators import action, display

from apps.campaigns import ledger, promises
from apps.campaigns.admin_registers import register_page
from apps.campaigns.models import Attempt, Contact, ContactList, ContactNumber, DoNotCall, Permission, Target
from apps.core import clock
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline, admin_link, adopt

TARGET_LABELS = {
    Target.Status.WAITING: "", Target.Status.CALLING: "info", Target.Status.DONE: "success",
    Target.Status.EXHAUSTED: "warning", Target.Status.SKIPPED: "danger",
}  # fmt: skip


class _Record(TabularInline):
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class AttemptInline(_Record):
    model = Attempt
    fields = readonly_fields = ["n", "number", "began_at", "answered_at", "ended_at", "outcome", "counted"]
    ordering = ["n"]
    verbose_name_plural = "tries"


class PermissionInline(_Record):
    model = Permission
    fields = readonly_fields = ["at", "number", "verdict", "sentence", "until"]
    verbose_name_plural = "decisions"


@admin.register(Target)
class TargetAdmin(ReadOnlyAdmin):
    list_display = ["contact", "campaign", "shown_status", "due_at", "last_outcome", "why"]
    list_filter = ["status", "campaign"]
    list_select_related = ["contact", "campaign"]
    search_fields = ["contact__name", "contact__numbers__number"]
    inlines = [AttemptInline, PermissionInline]
    fields = [("contact", "campaign"), ("status", "due_at"), ("last_outcome", "reserved_for"), "why", "ended_at"]

    @display(description="Status", ordering="status", label=TARGET_LABELS)
    def shown_status(self, target: Target):
        return target.status, target.get_status_display()


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["began_at", "campaign", "number", "n", "stage", "outcome", "answered_by", "ended_at"]
    list_filter = ["outcome", "counted", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["number", "campaign__name"]
    fields = [
        ("campaign", "target"), ("number", "n"), ("stage", "outcome"), ("began_at", "answered_at"),
        ("connected_at", "ended_at"), ("answered_by", "counted"), ("fence", "call_page"),
    ]  # fmt: skip
    readonly_fields = ["stage", "call_page"]

    def get_queryset(self, request):
        return super().get_queryset(request).staged().select_related("call")

    @display(description="Stage", ordering="stage")
    def stage(self, attempt: Attempt) -> str:
        return Attempt.Stage(attempt.stage).label

    @display(description="Call")
    def call_page(self, attempt: Attempt) -> str:
        return admin_link(attempt.call)


@admin.register(Permission)
class PermissionAdmin(ReadOnlyAdmin):
    actions = ["as_file"]
    list_display = ["at", "campaign", "number", "shown_verdict", "sentence", "until"]
    list_filter = ["verdict", "code", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["number", "sentence", "target__contact__name", "target__contact__external_id"]
    date_hierarchy = "at"

    @action(description="Download as CSV", permissions=["view"])
    def as_file(self, request, queryset):
        return ledger.as_csv(queryset.order_by("at", "pk"), name=f"{clock.now():%Y-%m-%d-%H%M}")

    @display(description="Verdict", ordering="verdict", label={"allowed": "success", "later": "", "never": "danger"})
    def shown_verdict(self, row: Permission):
        return row.verdict, row.get_verdict_display()


class ContactNumberInline(TabularInline):
    model = ContactNumber
    fields = ["number", "label", "position"]
    extra = 0
    hide_title = True


@admin.register(ContactList)
class ContactListAdmin(ModelAdmin):
    list_display = ["name", "client", "created_at"]
    list_filter = ["client"]
    search_fields = ["name"]
    fields = ["client", "name", "own_fields", "created_at"]
    readonly_fields = ["own_fields", "created_at"]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["client"] if obj else [])]


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ["name", "company", "list", "time_zone", "consent", "do_not_call"]
    list_filter = ["list", "do_not_call"]
    list_select_related = ["list"]
    search_fields = ["name", "company", "external_id", "numbers__number"]
    inlines = [ContactNumberInline]


@admin.register(DoNotCall)
class DoNotCallAdmin(ModelAdmin):
    class Media:
        css = {"all": ["campaigns/import.css"]}

    actions_list = ["take_in"]
    list_display = ["number", "client", "campaign", "source", "at"]
    list_filter = ["client", "campaign"]
    list_select_related = ["client", "campaign"]
    search_fields = ["number", "source"]
    autocomplete_fields = ["campaign"]
    fields = ["number", "client", "campaign", "source"]

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change):
        adopt(obj, promises.add_do_not_call(
            obj.number, client=obj.client, campaign=obj.campaign, source=obj.source, by=request.user
        ))  # fmt: skip

    @action(description="Import numbers", icon="upload_file", url_path="import", permissions=["add"])
    def take_in(self, request):
        """A whole file at once: a register, or another system's list."""
        return register_page(self, request)
