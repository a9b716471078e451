from django.contrib import admin, messages
from unfold.decorators import action, display

from apps.calls.admin import CallAdmin
from apps.core import clock
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline, admin_link
from apps.core.refused import Refused
from apps.operators.admin import OperatorAdmin, span
from apps.queues import setup, stats
from apps.queues.forms import MembershipForm, MembershipFormSet, QueueForm
from apps.queues.models import Membership, Offer, Queue, QueueEntry

ENTRY_LABELS = {
    QueueEntry.Status.WAITING: "warning", QueueEntry.Status.OFFERED: "info", QueueEntry.Status.TALKING: "success",
    QueueEntry.Status.ANSWERED: "success", QueueEntry.Status.ABANDONED: "danger",
    QueueEntry.Status.OVERFLOWED: "warning", QueueEntry.Status.MOVED: "info",
}  # fmt: skip
OFFER_LABELS = {
    Offer.Status.RINGING: "info", Offer.Status.ACCEPTED: "success", Offer.Status.DECLINED: "warning",
    Offer.Status.MISSED: "danger", Offer.Status.WITHDRAWN: "info",
}  # fmt: skip
STATES = {"open": "success", "nobody there": "danger", "no members": "danger"}


class MembershipInline(TabularInline):
    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ["operator", "active"]
    autocomplete_fields = ["operator"]
    extra = 0
    hide_title = True
    verbose_name = "member"
    verbose_name_plural = "members: who answers the calls of this queue"


class ServedQueueInline(MembershipInline):
    """The same rows on an operator's page."""

    fields = ["queue", "active"]
    autocomplete_fields = ["queue"]
    verbose_name = "queue"
    verbose_name_plural = "queues that the operator serves"


OperatorAdmin.inlines = [ServedQueueInline, *OperatorAdmin.inlines]


@admin.register(Queue)
class QueueAdmin(ModelAdmin):
    form = QueueForm
    inlines = [MembershipInline]
    list_display = ["name", "shown_state", "in_line", "staff", "answered_today", "overflow", "client"]
    list_filter = ["active", "strategy", "client"]
    list_select_related = ["client", "overflow"]
    search_fields = ["name"]
    autocomplete_fields = ["overflow", "when_closed", "schedule"]
    filter_horizontal = ["dispositions"]
    readonly_fields = ["at_this_moment", "so_far_today"]
    actions = ["switch_on", "switch_off"]
    add_fieldsets = [
        (None, {"fields": ["client", "name", "preset"]}),
        ("Where calls go", {"fields": ["overflow"]}),
    ]
    fieldsets = [
        (None, {"fields": [("name", "client"), "active", ("at_this_moment", "so_far_today")]}),
        ("Who is rung", {"fields": ["strategy", ("ring_seconds", "wrap_up_seconds")]}),
        ("When it is full or takes too long", {"fields": [("max_size", "max_wait_seconds"), "overflow"]}),
        ("When nobody is there", {"fields": ["when_unstaffed", ("schedule", "when_closed")]}),
        (
            "What callers hear",
            {
                "fields": ["greeting", "comfort_message", ("announce_position", "announce_every_seconds")],
                "classes": ["collapse"],
            },
        ),
        ("After the call", {"fields": ["dispositions", "disposition_required"], "classes": ["collapse"]}),
        (
            "How it is measured",
            {"fields": [("service_level_seconds", "short_abandon_seconds")], "classes": ["collapse"]},
        ),
    ]

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["client"] if obj else [])]

    def get_changelist_instance(self, request):
        """The figures of all rows on the page at once."""
        changelist = super().get_changelist_instance(request)
        _give_figures(changelist.result_list)
        return changelist

    def get_object(self, request, object_id, from_field=None):
        queue = super().get_object(request, object_id, from_field)
        if queue is not None:
            _give_figures([queue])
        return queue

    def save_model(self, request, obj, form, change):
        setup.save(obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for sentence in setup.warnings(form.instance):
            self.message_user(request, sentence, messages.WARNING)

    def delete_model(self, request, obj):
        setup.delete(obj)

    def delete_queryset(self, request, queryset):
        for queue in queryset:
            setup.delete(queue)

    @action(description="Switch on", permissions=["change"])
    def switch_on(self, request, queryset):
        self._switch(request, queryset, True)

    @action(description="Switch off: callers who wait are still served", permissions=["change"])
    def switch_off(self, request, queryset):
        self._switch(request, queryset, False)

    def _switch(self, request, queryset, active: bool) -> None:
        done = 0
        for queue in queryset.exclude(active=active):
            queue.active = active
            try:
                setup.save(queue)
            except Refused as refusal:
                self.message_user(request, f"{queue}: {refusal.sentence}", messages.ERROR)
            else:
                done += 1
        self.message_user(request, f"{done} queues switched {'on' if active else 'off'}.")

    @display(description="State", label=STATES)
    def shown_state(self, queue: Queue) -> str:
        if not queue.active:
            return "off"
        if not queue.figures.members:
            return "no members"
        return "open" if queue.figures.signed_in else "nobody there"

    @display(description="In line")
    def in_line(self, queue: Queue) -> str:
        figures = queue.figures
        return f"{figures.waiting}, longest {span(figures.longest_wait_seconds)}" if figures.waiting else "nobody"

    @display(description="Ready / there / members")
    def staff(self, queue: Queue) -> str:
        return f"{queue.figures.ready} / {queue.figures.signed_in} / {queue.figures.members}"

    @display(description="Answered today")
    def answered_today(self, queue: Queue) -> str:
        day = queue.day
        level = f", {day.service_level_percent:g} % in time" if day.service_level_percent is not None else ""
        return f"{day.answered} of {day.offered}{level}" if day.offered else "no calls yet"

    @display(description="At this moment")
    def at_this_moment(self, queue: Queue) -> str:
        now = queue.figures
        return (
            f"{now.waiting} in line, {now.talking} talking; of {now.members} members {now.signed_in} are signed in, "
            f"{now.ready} ready, {now.busy} busy, {now.on_break} on a break"
        )

    @display(description="So far today")
    def so_far_today(self, queue: Queue) -> str:
        day = queue.day
        if not day.offered:
            return "no calls yet"
        level = "" if day.service_level_percent is None else f"; {day.service_level_percent:g} % answered in time"
        return (
            f"{day.offered} calls: {day.answered} answered, {day.abandoned} gave up, {day.overflowed} passed on{level}"
        )


def _give_figures(queues) -> None:
    queues = list(queues)
    figures, at = stats.now_of(queues), clock.now()
    for queue in queues:
        queue.figures = figures[queue.pk]
    by_midnight: dict = {}
    for queue in queues:
        by_midnight.setdefault(stats.midnight(queue.client, at), []).append(queue)
    for midnight, group in by_midnight.items():
        days = stats.day_of(group, midnight, at)
        for queue in group:
            queue.day = days[queue.pk]


class OfferInline(TabularInline):
    model = Offer
    fields = readonly_fields = ["offered_at", "operator", "shown_status", "decided_at", "reason"]
    extra = 0
    can_delete = False
    hide_title = True
    ordering = ["offered_at"]
    verbose_name_plural = "whose phone rang"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("operator__user")

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    @display(description="Status")
    def shown_status(self, offer: Offer) -> str:
        return offer.get_status_display()


class EntryInline(TabularInline):
    """The places in queues on a call's page."""

    model = QueueEntry
    fields = readonly_fields = ["queue", "status", "joined_at", "answered_at", "ended_at", "operator"]
    extra = 0
    can_delete = False
    show_change_link = True
    tab = True
    ordering = ["joined_at"]
    verbose_name_plural = "queues"

    def has_add_permission(self, request, obj=None) -> bool:
        return False


CallAdmin.inlines = [*CallAdmin.inlines, EntryInline]


@admin.register(QueueEntry)
class QueueEntryAdmin(ReadOnlyAdmin):
    list_display = ["joined_at", "queue", "caller", "shown_status", "waited", "operator"]
    list_filter = ["status", "queue", "queue__client"]
    list_select_related = ["queue", "call__person", "operator__user"]
    search_fields = ["call__customer_number", "call__person__name", "queue__name"]
    inlines = [OfferInline]
    fields = [
        ("status", "queue"), ("call_page", "operator"), ("joined_at", "waited"), ("answered_at", "ended_at"), "front",
    ]  # fmt: skip
    readonly_fields = ["call_page", "waited"]

    def menu_badge(self, request) -> int:
        """How many callers wait: for the side menu."""
        return QueueEntry.objects.in_line().visible_to(request.user).count()

    @display(description="Status", ordering="status", label=ENTRY_LABELS)
    def shown_status(self, entry: QueueEntry):
        return entry.status, entry.get_status_display()

    @display(description="Caller")
    def caller(self, entry: QueueEntry) -> str:
        return entry.call.person.name if entry.call.person else entry.call.customer_number

    @display(description="Waited")
    def waited(self, entry: QueueEntry) -> str:
        end = entry.answered_at or entry.ended_at or clock.now()
        return span((end - entry.joined_at).total_seconds())

    @display(description="Call")
    def call_page(self, entry: QueueEntry) -> str:
        return admin_link(entry.call)


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ["offered_at", "operator", "queue", "shown_status", "rang", "reason"]
    list_filter = ["status", "entry__queue", "operator"]
    list_select_related = ["operator__user", "entry__queue"]
    search_fields = ["operator__user__username", "operator__user__first_name", "reason", "entry__call__customer_number"]
    fields = [("operator", "entry"), ("status", "rang"), "offered_at", ("decided_at", "ended_at"), "reason"]
    readonly_fields = ["rang"]

    @display(description="Queue", ordering="entry__queue__name")
    def queue(self, offer: Offer) -> str:
        return offer.entry.queue.name

    @display(description="Status", ordering="status", label=OFFER_LABELS)
    def shown_status(self, offer: Offer):
        return offer.status, offer.get_status_display()

    @display(description="Rang")
    def rang(self, offer: Offer) -> str:
        return span(((offer.decided_at or clock.now()) - offer.offered_at).total_seconds())
