"""What a declined or missed call does to the operator: a rest in that queue, in the end a break."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.calls import state
from apps.operators import services as operators
from apps.queues.models import Membership, Offer

Status = Offer.Status
REASON = "Missed calls"
_ANSWERS = (Status.ACCEPTED, Status.DECLINED, Status.MISSED)


def begin(offer: Offer, at: datetime) -> None:
    """Give the operator the rest that the queue sets for it; after too many missed calls in a row a break."""
    queue = offer.entry.queue
    seconds = {Status.MISSED: queue.missed_rest_seconds, Status.DECLINED: queue.declined_rest_seconds}.get(
        Status(offer.status), 0
    )
    if seconds:
        Membership.objects.filter(queue=queue, operator=offer.operator).update(
            rests_until=at + timedelta(seconds=seconds), rests_after=offer.status
        )
    if offer.status == Status.MISSED and missed_in_a_row(offer) >= (queue.break_after_misses or float("inf")):
        operators.send_on_break(
            offer.operator, reason=REASON, why=f"{queue.break_after_misses} calls in a row were not answered."
        )


def missed_in_a_row(offer: Offer) -> int:
    """How many calls the operator has missed since the last one answered or declined, or since becoming available.

    A desk that could not be rung says nothing about the person.
    """
    operator = offer.operator
    operator.refresh_from_db(fields=["presence_since"])
    answers = Offer.objects.filter(operator=operator, decided_at__gte=operator.presence_since, status__in=_ANSWERS)
    answers = answers.exclude(leg__status=state.FAILED).order_by("-decided_at", "-pk").values_list("status", flat=True)
    count = 0
    for status in answers[: offer.entry.queue.break_after_misses]:
        if status != Status.MISSED:
            break
        count += 1
    return count
