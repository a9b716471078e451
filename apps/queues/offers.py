"""An offer: one operator's phone rings for one waiting caller. It is decided once; the operator is freed with it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from apps.calls import services as calls
from apps.calls import state
from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Operator
from apps.queues import places, rests
from apps.queues.models import Offer, QueueEntry

Status = Offer.Status
_KINDS = {
    Status.DECLINED: "queues.declined",
    Status.MISSED: "queues.missed",
    Status.WITHDRAWN: "queues.withdrawn",
}


def accept(offer: Offer) -> None:
    """The operator answered: caller and operator belong together from here on.

    One conditional UPDATE of the entry decides against a caller who hangs up, or another operator, at the same moment.
    A callback's customer may have to be dialled still: then they have not met, and nothing counts as answered yet.
    Raises Refused when the offer came too late; nothing is changed then but a line in the timeline.
    """
    try:
        _accept(offer)
    except Refused:
        places.record(
            offer.entry, "queues.accepted", operator=str(offer.operator), applied=False,
            waited=places.waited_seconds(offer.entry),
        )  # fmt: skip
        raise


@transaction.atomic
def _accept(offer: Offer) -> None:
    entry, now = places.lock(offer.entry_id), clock.now()
    mine = Offer.objects.ringing().filter(pk=offer.pk).select_for_update().exists()
    meet = places.customer_is_there(entry)
    changes: dict[str, Any] = {"answered_at": Coalesce("answered_at", now)} if meet else {}
    if not mine or not places.move(
        entry, QueueEntry.Status.TALKING, only_from=(QueueEntry.Status.OFFERED,), operator=offer.operator, **changes
    ):
        taken = entry.status == QueueEntry.Status.TALKING
        raise Refused(
            "Somebody else has taken this call." if taken else "The caller has gone." if _is_gone(entry)
            else "This call is not offered to you any more.", code="too_late",
        )  # fmt: skip
    Offer.objects.filter(pk=offer.pk).update(status=Status.ACCEPTED, decided_at=now)
    offer.status, offer.decided_at = Status.ACCEPTED, now
    places.record(entry, "queues.accepted", operator=str(offer.operator), waited=places.waited_seconds(entry))
    withdraw_all(entry, f"{offer.operator} was faster.")
    (calls.answer if meet else calls.assign)(entry.call, offer.operator)


def _is_gone(entry: QueueEntry) -> bool:
    return entry.status not in QueueEntry.OPEN


def decline(offer: Offer, *, why: str = "declined at the desk") -> bool:
    """The operator does not want it.

    The caller keeps the place, the next one is asked. False when it was decided before.
    """
    return _decide(offer, Status.DECLINED, why)


def miss(offer: Offer, *, why: str = "no answer") -> bool:
    """The phone rang out, or could not ring. The caller keeps the place, the next one is asked."""
    return _decide(offer, Status.MISSED, why)


def withdraw(offer: Offer, why: str, *, keep_turn: bool = True) -> bool:
    """Take the offer back for `why` (a sentence). The operator keeps their turn, unless they are the reason."""
    return _decide(offer, Status.WITHDRAWN, why, keep_turn=keep_turn)


def withdraw_all(entry: QueueEntry, why: str, *, but: Operator | None = None) -> None:
    """Stop every phone that rings for this entry, `but` one operator's. In the transaction that moves the entry on."""
    for offer in Offer.objects.ringing().filter(entry=entry).exclude(operator=but).select_related(*WITH):
        withdraw(offer, why)


# What the answers to an offer need of it.
WITH = ("entry__queue", "entry__call__client", "operator__user", "engagement__operator", "leg")


@transaction.atomic
def _decide(offer: Offer, to: str, why: str, *, keep_turn: bool = False) -> bool:
    entry, now = places.lock(offer.entry_id), clock.now()
    decided = Offer.objects.ringing().filter(pk=offer.pk)
    if not decided.update(status=to, decided_at=now, ended_at=now, reason=why[:200]):
        return False
    offer.refresh_from_db(fields=["status", "decided_at", "ended_at", "reason", "leg"])
    places.record(entry, _KINDS[Status(to)], operator=str(offer.operator), why=why)
    operators.release(offer.engagement, keep_turn=keep_turn)
    if offer.leg is not None and offer.leg.is_open:
        calls.hang_up_leg(offer.leg, by=f"Queue {entry.queue}")
    if to != Status.WITHDRAWN:
        rests.begin(offer, now)
        _lift_reservation(entry, offer)
    if not places.back_in_line(entry):
        places.announce_change(entry)
    return True


def _lift_reservation(entry: QueueEntry, offer: Offer) -> None:
    """Who was named by hand and did not take the call is not waited for any longer."""
    if QueueEntry.objects.filter(pk=entry.pk, reserved_for=offer.operator).update(reserved_for=None):
        entry.reserved_for = None
        places.record(entry, "queues.handed_back", operator=str(offer.operator), why="they did not take it")


@transaction.atomic
def settle(offer: Offer) -> bool:
    """Decide a ringing offer by what became of its line.

    False while the line is open, or when it was decided before.
    """
    leg = offer.leg
    if leg is None or leg.is_open:
        return False
    if leg.status == state.BUSY:
        return decline(offer)
    if leg.status == state.CANCELED:
        return withdraw(offer, "The ringing was called off.")
    if leg.status != state.FAILED:
        return miss(
            offer, why="no answer" if leg.status == state.NO_ANSWER else "the line ended before it was answered"
        )
    # Without the carrier's id the request itself was refused: that says nothing about the operator's desk.
    decided = miss(offer, why="the desk could not be rung")
    if decided and leg.sid and leg.is_at_a_desk:
        operators.mark_unreachable(offer.operator, "The carrier could not ring this desk.")
    return decided


@transaction.atomic
def end_conversation(entry: QueueEntry) -> Offer | None:
    """Close the accepted offer of `entry` and free its operator; None when there is none."""
    accepted = Offer.objects.filter(entry=entry, status=Status.ACCEPTED, ended_at__isnull=True)
    offer = accepted.select_related(*WITH).first()
    if offer is not None:
        offer.ended_at = clock.now()
        offer.save(update_fields=["ended_at"])
        operators.release(offer.engagement)
    return offer
