from django.contrib import admin
from unfold.decorators import display

from apps.calls.admin import CallAdmin
from apps.core import clock
from apps.core.admin_base import ReadOnlyAdmin, TabularInline, admin_link
from apps.core.words import span
from apps.operators.admin import OperatorAdmin
from apps.people.admin import PersonAdmin
from apps.queues.admin_callbacks import CallbackAdmin
from apps.queues.admin_queue import OwnOperatorInline, QueueAdmin, ServedQueueInline
from apps.queues.models import Offer, QueueEntry

__all__ = ["CallbackAdmin", "OfferAdmin", "QueueAdmin", "QueueEntryAdmin"]

ENTRY_LABELS = {
    QueueEntry.Status.WAITING: "warning", QueueEntry.Status.OFFERED: "info", QueueEntry.Status.TALKING: "success",
    QueueEntry.Status.ANSWERED: "success", QueueEntry.Status.ABANDONED: "danger",
    QueueEntry.Status.OVERFLOWED: "warning", QueueEntry.Status.MOVED: "info",
}  # fmt: skip
OFFER_LABELS = {
    Offer.Status.RINGING: "info", Offer.Status.ACCEPTED: "success", Offer.Status.DECLINED: "warning",
    Offer.Status.MISSED: "danger", Offer.Status.WITHDRAWN: "info",
}  # fmt: skip

OperatorAdmin.inlines = [ServedQueueInline, *OperatorAdmin.inlines]
PersonAdmin.inlines = [PersonAdmin.inlines[0], OwnOperatorInline, *PersonAdmin.inlines[1:]]


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
        return QueueEntry.objects.on_the_line().visible_to(request.user).count()

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
