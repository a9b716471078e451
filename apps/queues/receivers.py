"""What queues do about news from below. Each of these is also found by the sweep."""

from django.db.models import Exists, OuterRef, Q

from apps.calls import state
from apps.calls.models import Call
from apps.operators.models import Engagement, Operator
from apps.queues import places, reading, services, supervision
from apps.queues.models import Membership, Offer, QueueEntry
from apps.queues.offers import WITH


def on_leg_moved(*, leg_id: int, operator_id: int | None, status: str, **_facts) -> None:
    """A line ended: the offer that rang on it is decided, and its operator may be rung again."""
    if status not in state.FINAL or operator_id is None:
        return
    ringing = Offer.objects.ringing().filter(leg=leg_id)
    # Most lines that end ring nobody any more; to ask for all that an answer needs is dear.
    for offer in ringing.select_related(*WITH) if ringing.exists() else ():
        services.settle(offer)
    free = reading.free().filter(pk=operator_id)
    places.wake(*Membership.objects.filter(operator__in=free, active=True).values_list("queue", flat=True))


def on_call_changed(*, call_id: int, status: str, **_facts) -> None:
    """A call that is over leaves its queue."""
    if status == Call.Status.OVER and QueueEntry.objects.open().filter(call=call_id).exists():
        services.leave(Call.objects.get(pk=call_id))


def on_operator_changed(*, operator_id: int, engaged: bool = False, **_facts) -> None:
    """Who became ready is given a caller; who went away is not rung any longer."""
    if engaged:
        return
    # One narrow question decides: who is there and held needs nothing.
    there = Operator.objects.there().filter(pk=operator_id).order_by()
    held = Exists(Engagement.objects.open().filter(operator=OuterRef("pk")))
    is_held, at_the_desk = there.values_list(held, Q(unreachable_since__isnull=True)).first() or (None, False)
    if is_held and at_the_desk:
        return
    if is_held is False:
        places.wake(*Membership.objects.filter(operator=operator_id, active=True).values_list("queue", flat=True))
        return
    for entry in supervision.kept_for_nobody().filter(reserved_for=operator_id):
        supervision.let_go(entry)
    away = Offer.objects.ringing().filter(operator=operator_id).select_related(*WITH)
    for offer in away:
        if offer.operator.presence != Operator.Presence.AVAILABLE:
            services.decline(offer, why=f"is {offer.operator.get_presence_display()} now")
        elif offer.operator.unreachable_since is not None and (offer.leg is None or offer.leg.is_at_a_desk):
            services.miss(offer, why="the desk went away")
