"""Campaigns in the admin: set up from a preset, looked over before the start, run, and understood."""

from django.contrib import admin, messages
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from apps.campaigns import (
    admin_imports,  # noqa: F401 - registers itself
    admin_pictures,
    admin_records,  # noqa: F401 - registers itself
    overview,
    services,
    standing,
)
from apps.campaigns.admin_lines import line_page
from apps.campaigns.forms import CampaignForm
from apps.campaigns.models import Campaign, RetryRule
from apps.core.admin_base import ModelAdmin, TabularInline, adopt
from apps.core.refused import Refused

LABELS = {
    Campaign.Status.DRAFT: "", Campaign.Status.RUNNING: "success", Campaign.Status.PAUSED: "warning",
    Campaign.Status.COMPLETED: "info", Campaign.Status.CANCELLED: "danger",
}  # fmt: skip


class RetryRuleInline(TabularInline):
    model = RetryRule
    fields = ["outcome", "disposition", "after_seconds", "most_tries", "add_to_do_not_call"]
    extra = 0
    hide_title = True
    verbose_name = "rule"
    verbose_name_plural = "what follows the end of a try"


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    form = CampaignForm
    inlines = [RetryRuleInline]
    list_display = [
        "shown_name",
        "shown_status",
        "shown_mode",
        "bar",
        "operators_or_place",
        "last_activity_at",
        "client",
    ]
    list_filter = ["status", "mode", "client"]
    list_select_related = ["client", "queue", "destination", "contact_list"]
    search_fields = ["name", "contact_list__name"]
    autocomplete_fields = ["contact_list", "queue", "destination", "schedule"]
    actions = ["start", "pause", "resume", "cancel"]
    actions_submit_line = ["start_this", "pause_this", "cancel_this"]
    actions_list = ["lines"]

    class Media:
        css = {"all": ["campaigns/import.css"]}

    add_fieldsets = [
        (None, {"fields": ["client", "name", "preset", "contact_list"]}),
        (
            "Who talks with the contacts",
            {"fields": ["queue", "destination"], "description": "A queue of operators, or a menu or message."},
        ),
    ]
    fieldsets = [
        ("At this moment", {"fields": ["now", "failed"]}),
        (None, {"fields": [("name", "client"), ("mode", "contact_list"), ("queue", "destination"), "caller_id"]}),
        ("Before the start", {"fields": ["look_ahead"]}),
        (
            "How fast",
            {
                "fields": [
                    ("max_concurrent_calls", "lines_per_operator"), ("pause_seconds", "ring_seconds"),
                    ("preview_seconds", "preview_skips"), "bot_warmup_url",
                ],
                "description": "The limits of the client and of the house hold as well.",
            },
        ),
        (
            "Who may be called when",
            {
                "fields": [
                    ("call_from", "call_until"), "schedule", "needs_consent", ("most_tries", "most_tries_per_day"),
                    "retry_seconds",
                ],
                "description": "Hours are read by the contact's own clock; where a number may be in several "
                "time zones, it must be a good hour in each.",
            },
        ),
        (
            "Nobody is free",
            {
                "fields": [
                    ("abandoned_percent", "abandoned_window_days"), "nobody_free_seconds", "nobody_free_message"
                ],
                "classes": ["collapse"],
            },
        ),
        ("Answering machines", {"fields": ["machine", "machine_message"], "classes": ["collapse"]}),
        ("Record", {"fields": ["public_id", "created_at", "created_by", "started_at", "paused_at", "paused_by",
                               "resumed_at", "ended_at", "owner", "fence", "heartbeat_at"],
                    "classes": ["collapse"]}),
    ]  # fmt: skip
    readonly_fields = [
        "now", "failed", "look_ahead", "public_id", "created_at", "created_by", "started_at", "paused_at", "paused_by",
        "resumed_at", "ended_at", "owner", "fence", "heartbeat_at",
    ]  # fmt: skip

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["client"] if obj else [])]

    def has_delete_permission(self, request, obj=None) -> bool:
        # Calls and the ledger hang on it; one that is over is cancelled or completed.
        return False

    def menu_badge(self, request) -> int:
        """How many run: for the side menu."""
        return Campaign.objects.running().visible_to(request.user).count()

    def save_model(self, request, obj, form, change):
        if change:
            services.save_campaign(obj, by=request.user, changed=[
                name for name in form.changed_data if name in form.cleaned_data and name != "preset"
            ])  # fmt: skip
            return
        given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
        adopt(obj, services.create_campaign(given.pop("client"), by=request.user, **given))

    # --- What is done with a campaign ---

    def has_run_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("campaigns.run_campaign")

    @action(description="Start", permissions=["run"])
    def start(self, request, queryset):
        self._each(request, queryset, services.start, "started")

    @action(description="Pause", permissions=["run"])
    def pause(self, request, queryset):
        self._each(request, queryset, services.pause, "paused")

    @action(description="Resume", permissions=["run"])
    def resume(self, request, queryset):
        self._each(request, queryset, services.resume, "resumed")

    @action(description="Cancel for good", permissions=["run"])
    def cancel(self, request, queryset):
        self._each(request, queryset, services.cancel, "cancelled")

    def _each(self, request, queryset, act, words: str) -> None:
        done = 0
        for campaign in queryset:
            try:
                act(campaign, by=request.user)
                done += 1
            except Refused as refusal:
                self.message_user(request, f"{campaign}: {refusal.sentence}", messages.ERROR)
        if done:
            self.message_user(request, f"{done} campaigns {words}.")

    # Buttons of the form, because what dials must not be set off by a link.

    def has_start_permission(self, request, object_id=None) -> bool:
        return self._may(request, object_id, Campaign.Status.RUNNING)

    def has_pause_permission(self, request, object_id=None) -> bool:
        return self._may(request, object_id, Campaign.Status.PAUSED)

    def has_cancel_permission(self, request, object_id=None) -> bool:
        return self._may(request, object_id, Campaign.Status.CANCELLED)

    def _may(self, request, object_id, to: str) -> bool:
        """Whether the button that leads to this status is shown: what would be refused anyway is left out."""
        froms = [status for status, targets in Campaign.NEXT.items() if to in targets]
        rows = Campaign.objects.filter(pk=object_id, status__in=froms)
        return self.has_run_permission(request) and (object_id is None or rows.exists())

    @action(description="Start or resume", permissions=["start"])
    def start_this(self, request, obj):
        self._this(request, obj, services.start, "It runs.")

    @action(description="Pause", permissions=["pause"])
    def pause_this(self, request, obj):
        self._this(request, obj, services.pause, "It is paused: nobody is dialled any more.")

    @action(description="Cancel for good", permissions=["cancel"])
    def cancel_this(self, request, obj):
        self._this(request, obj, services.cancel, "It is cancelled.")

    def _this(self, request, campaign, act, words: str) -> None:
        try:
            act(campaign, by=request.user)
            self.message_user(request, words)
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)

    @action(description="Lines in use", icon="balance", url_path="lines", permissions=["view"])
    def lines(self, request):
        """Open calls, places in use and the carrier's live calls, side by side, with one button to reconcile."""
        return line_page(self, request, may_reconcile=self.has_run_permission(request))

    # --- What is shown ---

    @display(description="Campaign", header=True)
    def shown_name(self, campaign: Campaign):
        return campaign.name, str(campaign.contact_list)

    @display(description="Status", ordering="status", label=LABELS)
    def shown_status(self, campaign: Campaign):
        return campaign.status, campaign.get_status_display()

    @display(description="Mode", ordering="mode")
    def shown_mode(self, campaign: Campaign) -> str:
        return campaign.get_mode_display().partition(":")[0]

    @display(description="Progress")
    def bar(self, campaign: Campaign) -> str:
        found = standing.standings([campaign])[campaign.pk]
        return format_html(
            '<progress class="import-bar campaign-bar" value="{}" max="{}" aria-label="Through"></progress>'
            '<span class="whitespace-nowrap">{} of {}</span>',
            found.through, max(1, found.total), f"{found.through:,}", f"{found.total:,}",
        )  # fmt: skip

    @display(description="Goes to")
    def operators_or_place(self, campaign: Campaign) -> str:
        return str(campaign.queue or campaign.destination or "–")

    @display(description="Why it dials, or does not")
    def now(self, campaign: Campaign) -> str:
        return admin_pictures.now(campaign)

    @display(description="Calls that reached nobody")
    def failed(self, campaign: Campaign) -> str:
        rows = overview.failures(campaign)
        return _lines([
            f"{row.words.capitalize()}: {row.tries} tries, {row.contacts} contacts, {row.retried} are tried again. "
            f"{row.advice}" for row in rows
        ] or ["None yet."])  # fmt: skip

    @display(description="If it ran now")
    def look_ahead(self, campaign: Campaign) -> str:
        return admin_pictures.look_ahead(campaign)


def _lines(sentences: list[str]) -> str:
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((each,) for each in sentences)))
