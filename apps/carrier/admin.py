from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from apps.carrier import provisioning, services
from apps.carrier.forms import PhoneNumberForm
from apps.carrier.models import CarrierRequest, PhoneNumber, WebhookDelivery
from apps.core import clock
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, admin_link, adopt
from apps.core.numbers import pretty

VERDICTS = {
    WebhookDelivery.Verdict.ACCEPTED: "success", WebhookDelivery.Verdict.UNKNOWN: "info",
    WebhookDelivery.Verdict.UNSIGNED: "warning", WebhookDelivery.Verdict.MALFORMED: "warning",
    WebhookDelivery.Verdict.OVERSIZED: "warning", WebhookDelivery.Verdict.FORGED: "danger",
    WebhookDelivery.Verdict.FAILED: "danger",
}  # fmt: skip
OUTCOMES = {
    CarrierRequest.Outcome.DONE: "success", CarrierRequest.Outcome.REFUSED: "warning",
    CarrierRequest.Outcome.LOST: "danger",
}  # fmt: skip


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ModelAdmin):
    """Our numbers and where their calls go."""

    form = PhoneNumberForm
    list_display = ["shown_number", "leads_to", "shown_active", "at_carrier", "client"]
    list_filter = ["active", "client"]
    list_select_related = ["client", "destination"]
    search_fields = ["number", "label", "destination__label"]
    autocomplete_fields = ["destination"]
    readonly_fields = ["plain_number", "standing", "addresses", "set_up_at", "carrier_sid", "public_id"]
    actions_detail = ["set_up"]

    def get_fieldsets(self, request, obj=None):
        what = ["client", "number", "label"] if obj is None else ["plain_number", "label", "active"]
        sets = [(None, {"fields": what}), ("Where its calls go", {"fields": ["destination"]})]
        if obj is None:
            return sets
        return [
            *sets,
            ("At the carrier", {"fields": ["standing", "addresses"]}),
            ("Identifiers", {"fields": ["client", "carrier_sid", "public_id", "set_up_at"], "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj is None else [*self.readonly_fields, "client"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is not None:
            # The number of an entry stays, so it is not asked again.
            kwargs["form"] = type("PhoneNumberForm", (PhoneNumberForm,), {"number": None})
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request, obj, form, change):
        if change:
            changed = {name: form.cleaned_data[name] for name in form.changed_data}
            services.change_number(PhoneNumber.objects.get(pk=obj.pk), by=request.user, **changed)
        else:
            values = {name: form.cleaned_data[name] for name in ("client", "number", "label", "destination")}
            adopt(obj, services.register_number(values.pop("client"), by=request.user, **values))

    def delete_model(self, request, obj):
        services.remove_number(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            services.remove_number(row, by=request.user)

    def menu_badge(self, request: HttpRequest) -> int:
        return PhoneNumber.objects.visible_to(request.user).active().exclude(trouble="").count()

    @action(description="Set up at the carrier", icon="sync", permissions=["change"])
    def set_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        trouble = services.set_up(row).trouble.get(row.number)
        if trouble:
            self.message_user(request, trouble, messages.ERROR)
        else:
            self.message_user(request, f"The carrier brings the calls to {pretty(row.number)} here.")
        return redirect("admin:carrier_phonenumber_change", object_id)

    @display(description="Number", header=True, ordering="label")
    def shown_number(self, row: PhoneNumber):
        return row.label, pretty(row.number)

    @display(description="Number")
    def plain_number(self, row: PhoneNumber) -> str:
        return pretty(row.number)

    @display(description="Leads to", ordering="destination__label")
    def leads_to(self, row: PhoneNumber) -> str:
        return admin_link(row.destination, row.destination.label)

    @display(description="State", label={True: "success", False: "danger"})
    def shown_active(self, row: PhoneNumber):
        return row.active, "in use" if row.active else "off"

    @display(description="At the carrier", label={"here": "success", "trouble": "danger", "not yet": "warning"})
    def at_carrier(self, row: PhoneNumber):
        if row.trouble:
            return "trouble", "trouble"
        return ("here", "calls come here") if row.set_up_at else ("not yet", "not set up yet")

    @display(description="State")
    def standing(self, row: PhoneNumber) -> str:
        if row.trouble:
            return row.trouble
        return "Its calls come here." if row.set_up_at else "It is not set up yet."

    @display(description="Addresses")
    def addresses(self, row: PhoneNumber) -> str:
        told = provisioning.addresses()
        rows = [
            ("A call comes in", told["voice_url"]),
            ("If that fails", told["fallback_url"]),
            ("The call ends", told["status_url"]),
        ]
        return format_html(
            '<p class="mb-2">The carrier is told these addresses by “Set up at the carrier”; all take POST.</p>{}',
            format_html_join("", "<div>{}: <code>{}</code></div>", rows),
        )


class FoundByCall(ReadOnlyAdmin):
    """Searched by the identifier of a call, whole: a search within the text would read millions of rows."""

    search_fields = ["call_sid"]
    search_help_text = "A call's identifier: ours, or the carrier's that begins with CA."

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(call_ref=UUID(term)), False
        except ValueError:
            return queryset.filter(call_sid=term), False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(FoundByCall):
    """What the carrier asked and what we answered."""

    list_display = ["moment", "kind", "shown_verdict", "reason", "line", "repeats"]
    list_filter = ["verdict", "kind", ("received_at", admin.DateFieldListFilter)]
    fieldsets = [
        (None, {"fields": ["received_at", "kind", "verdict", "reason", "repeats"]}),
        ("What was asked", {"fields": ["path", "shown_params"]}),
        ("What was answered", {"fields": ["shown_reply"]}),
        ("The call", {"fields": ["call_ref", "call_sid"]}),
    ]
    readonly_fields = ["shown_params", "shown_reply"]

    def menu_badge(self, request: HttpRequest) -> int:
        since = clock.now() - timedelta(hours=24)
        return WebhookDelivery.objects.filter(received_at__gte=since, verdict=WebhookDelivery.Verdict.FAILED).count()

    @display(description="Received", ordering="received_at")
    def moment(self, row: WebhookDelivery) -> str:
        return _moment(row.received_at)

    @display(description="Line", ordering="call_sid")
    def line(self, row: WebhookDelivery) -> str:
        return _short(row.call_sid)

    @display(description="Verdict", label=VERDICTS, ordering="verdict")
    def shown_verdict(self, row: WebhookDelivery):
        return row.verdict, row.get_verdict_display()

    @display(description="Fields")
    def shown_params(self, row: WebhookDelivery) -> str:
        return format_html_join("", "<div><code>{}</code> {}</div>", sorted(row.params.items())) or "none kept"

    @display(description="Document")
    def shown_reply(self, row: WebhookDelivery) -> str:
        text = row.reply.replace("><", ">\n<")
        return format_html('<pre class="whitespace-pre-wrap break-all">{}</pre>', text) if text else "nothing"


@admin.register(CarrierRequest)
class CarrierRequestAdmin(FoundByCall):
    """What we asked the carrier to do."""

    list_display = ["moment", "action", "shown_outcome", "error_code", "took", "line"]
    list_filter = ["outcome", "action", ("at", admin.DateFieldListFilter)]
    fields = ["at", "action", "outcome", "error_code", "detail", "took", "call_ref", "call_sid"]
    readonly_fields = ["took"]

    @display(description="Sent", ordering="at")
    def moment(self, row: CarrierRequest) -> str:
        return _moment(row.at)

    @display(description="Line", ordering="call_sid")
    def line(self, row: CarrierRequest) -> str:
        return _short(row.call_sid)

    @display(description="Outcome", label=OUTCOMES, ordering="outcome")
    def shown_outcome(self, row: CarrierRequest):
        return row.outcome, row.get_outcome_display()

    @display(description="Took", ordering="milliseconds")
    def took(self, row: CarrierRequest) -> str:
        return f"{row.milliseconds} ms"


def _moment(at: datetime) -> str:
    """To the millisecond: several requests come within a second."""
    return clock.local(at).strftime("%d %b %H:%M:%S.%f")[:-3]


def _short(sid: str) -> str:
    return f"{sid[:6]}…{sid[-4:]}" if sid else "–"
