from datetime import datetime

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from apps.calls.models import Call, Disposition, Leg, SoundBucket, SoundLimits
from apps.carrier.models import CarrierRequest, WebhookDelivery
from apps.core import clock
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline
from apps.core.models import Event
from apps.core.numbers import pretty
from apps.core.words import span

OUTCOMES = {
    Call.Outcome.ANSWERED: "success", Call.Outcome.ABANDONED: "danger", Call.Outcome.FAILED: "danger",
    Call.Outcome.SHORT_ABANDONED: "warning", Call.Outcome.OVERFLOW: "info", "": "info",
}  # fmt: skip


class LegInline(TabularInline):
    model = Leg
    fields = ["role", "status", "address", "operator", "ringing_at", "answered_at", "ended_at", "sid"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    tab = True
    verbose_name_plural = "lines"

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """A call with its timeline. Apps above add their own inlines: recordings, decisions, places in queues."""

    list_display = ["started_at", "direction", "who", "our_number", "shown_outcome", "operator", "talked"]
    list_filter = ["status", "outcome", "direction", "client", "operator"]
    list_select_related = ["client", "person", "operator__user"]
    search_fields = ["customer_number", "person__name", "note", "legs__sid"]
    date_hierarchy = None
    inlines = [LegInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("who", "operator"),
                    ("direction", "our_number"),
                    ("started_at", "ended_at"),
                    ("answered_at", "talked"),
                    ("shown_outcome", "disposition"),
                    ("note", "client"),
                ]
            },
        ),
        ("Timeline", {"fields": ["timeline"], "classes": ["tab"]}),
        ("Sound", {"fields": ["sound"], "classes": ["tab"]}),
        ("Carrier", {"fields": ["requests"], "classes": ["tab"]}),
    ]
    readonly_fields = ["who", "shown_outcome", "talked", "timeline", "sound", "requests"]

    class Media:
        css = {"all": ["calls/books.css"]}

    @display(description="Customer", header=True)
    def who(self, call: Call):
        number = pretty(call.customer_number)
        return (call.person.name, number) if call.person else (number, "not known")

    @display(description="Outcome", label=OUTCOMES)
    def shown_outcome(self, call: Call):
        return call.outcome, call.get_outcome_display() or "open"

    @display(description="Talked")
    def talked(self, call: Call) -> str:
        if not call.answered_at:
            return "–"
        if not call.ended_at:
            return "now"
        return span((call.ended_at - call.answered_at).total_seconds())

    @display(description="")
    def timeline(self, call: Call) -> str:
        rows = [
            (_time(event.at), event.sentence, "" if event.applied else "no effect")
            for event in Event.objects.of_call(call.public_id)
        ]
        return _table((f"Time ({clock.place()})", "What happened", ""), rows)

    @display(description="")
    def sound(self, call: Call) -> str:
        """How each line of an operator sounded, by ten seconds."""
        kept = SoundBucket.objects.filter(leg__call=call).select_related("leg__operator__user")
        rows = [
            (
                _time(row.at)[:8], str(row.leg.operator or ""), f"{row.mos:.1f}", f"{row.loss_percent:.1f} %",
                f"{row.jitter_ms:.0f} ms", f"{row.round_trip_ms:.0f} ms", row.complaint,
            )
            for row in kept
        ]  # fmt: skip
        heads = (f"Time ({clock.place()})", "Operator", "Score", "Lost", "Jitter", "Round trip", "Worse than it may be")
        return _table(heads, rows)

    @display(description="")
    def requests(self, call: Call) -> str:
        sids = [sid for sid in call.legs.values_list("sid", flat=True) if sid]
        ours = Q(call_ref=call.public_id) | Q(call_sid__in=sids)
        rows = [
            (row.received_at, "to us", row.kind, row.get_verdict_display(), row.reason)
            for row in WebhookDelivery.objects.filter(ours)
        ] + [
            (
                row.at,
                "to the carrier",
                row.action,
                row.get_outcome_display(),
                f"{row.detail} {row.milliseconds} ms".strip(),
            )
            for row in CarrierRequest.objects.filter(ours)
        ]
        shown = [(_time(at), *rest) for at, *rest in sorted(rows, key=lambda row: row[0])]
        return _table((f"Time ({clock.place()})", "Direction", "What", "Result", "Detail"), shown)


def _time(at: datetime) -> str:
    return clock.local(at).strftime("%H:%M:%S.%f")[:-3]


def _table(heads: tuple[str, ...], rows: list[tuple]) -> str:
    if not rows:
        return "Nothing yet."
    cells = format_html_join("", '<th class="text-left pr-6 pb-2 font-medium">{}</th>', ((head,) for head in heads))
    lines = format_html_join(
        "",
        "<tr>{}</tr>",
        ((format_html_join("", '<td class="align-top pr-6 py-1">{}</td>', ((cell,) for cell in row)),) for row in rows),
    )
    return format_html(
        '<table class="call-book text-sm"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', cells, lines
    )


@admin.register(Disposition)
class DispositionAdmin(ModelAdmin):
    list_display = ["name", "parent", "needs_note", "client", "active"]
    list_select_related = ["parent", "client"]
    list_filter = ["client", "active"]
    autocomplete_fields = ["parent"]
    search_fields = ["name"]
    ordering_field = "position"
    hide_ordering_field = True
    fields = ["client", "name", "parent", "needs_note", "active"]


@admin.register(SoundLimits)
class SoundLimitsAdmin(ModelAdmin):
    """From when a line sounds bad: one row for a client, the usual limits without one."""

    list_display = ["client", "mos", "loss_percent", "jitter_ms", "round_trip_ms"]
    list_select_related = ["client"]
    fieldsets = [
        (
            None,
            {
                "fields": ["client", "mos", "loss_percent", "jitter_ms", "round_trip_ms"],
                "description": "Worse than this for ten seconds, and the operator's desk and the board say so.",
            },
        ),
    ]
