"""Puts right what a crash, a lost request or a late report left behind. Every rule reads rows and is idempotent."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.campaigns import conversation
from apps.carrier import callbacks
from apps.core import clock
from apps.core.prepared import Prepared
from apps.queues import closing
from apps.queues import services as queues
from apps.queues.models import QueueEntry
from apps.switchboard import consent, flow, lines, reactions, stuck

logger = logging.getLogger(__name__)
PATIENCE = timedelta(seconds=5)
AT_ONCE = 100  # rows of one kind in one round; the next round takes the rest


def sweep() -> None:
    """One round. A call that makes trouble is logged and does not stop the others."""
    for entry in closing.overdue(clock.now()):
        _guard(_pass_on, entry)
    for entry in closing.waiting_after_closing(clock.now()):
        _guard(_close_out, entry)
    for entry in conversation.left_alone(clock.now()):
        _guard(_let_go, entry)
    for leg_id in _unfinished():
        _guard(reactions.leg_moved, leg_id)
    for leg in _strayed():
        _guard(_show_the_way, leg)
    for leg_id in stuck.lines(clock.now() - PATIENCE):
        _guard(stuck.unstick, leg_id)


def _guard(heal, subject) -> None:
    try:
        heal(subject)
    except Exception:
        logger.exception("A call could not be put right; the next round tries again.")


def _pass_on(entry: QueueEntry) -> None:
    """The wait is too long: the customer's line is sent on to the overflow, or says good-bye."""
    with transaction.atomic():
        leg = entry.call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
        if leg is None:
            return
        call = lines.lock(leg)
        if not queues.overflow(entry):
            return  # an operator was faster
        calls.record(call, "switchboard.passed_on", queue=entry.queue.name, why="The wait became too long.")
        call.heading, call.fate = entry.queue.overflow, call.fate or Call.Outcome.REFUSED
        call.save(update_fields=["heading", "fate"])
        calls.redirect_leg(leg, callbacks.resume(leg.public_id, "here"))


def _close_out(entry: QueueEntry) -> None:
    """The hours ended while this caller waited: on to where calls go when it is closed, or a good-bye."""
    with transaction.atomic():
        leg = entry.call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
        if leg is None:
            return
        call = lines.lock(leg)
        if not closing.close_out(entry):
            return  # an operator's phone rings for them, or they just left
        calls.record(call, "switchboard.closed", queue=entry.queue.name)
        call.heading, call.fate = entry.queue.when_closed, call.fate or Call.Outcome.REFUSED
        call.save(update_fields=["heading", "fate"])
        calls.redirect_leg(leg, callbacks.resume(leg.public_id, flow.CLOSED))


def _let_go(entry: QueueEntry) -> None:
    """A contact of a campaign waits, and nobody is free: they hear who called, and are let go."""
    with transaction.atomic():
        leg = entry.call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
        if leg is None:
            return
        lines.lock(leg)
        if conversation.let_go(entry):
            calls.redirect_leg(leg, callbacks.resume(leg.public_id, flow.NOBODY))


def _unfinished() -> list[int]:
    """Ended lines whose call goes on as if they had not: the reaction after their end was lost."""
    before = clock.now() - PATIENCE
    return [leg_id for (leg_id,) in _ended_customers(before=before) + _ended_operators(before=before)]


def _ended(before: datetime) -> QuerySet[Leg]:
    return Leg.objects.filter(call__status=Call.Status.OPEN, status__in=state.FINAL, ended_at__lt=before)


_ended_customers = Prepared(lambda before: _ended(before).filter(role=Leg.Role.CUSTOMER).values_list("pk")[:AT_ONCE])


@Prepared
def _ended_operators(before: datetime) -> QuerySet[Any, Any]:
    ended = _ended(before)
    rows = ended.filter(role=Leg.Role.OPERATOR, offer__status="accepted", offer__ended_at__isnull=True) | ended.filter(
        role=Leg.Role.OPERATOR,
        call__direction=Call.Direction.OUTBOUND,
        call__callback_try__isnull=True,
    ).filter(Q(call__campaign_attempt__isnull=True) | Q(call__preview__isnull=False))
    return rows.values_list("pk")[:AT_ONCE]


def _strayed() -> list[Leg]:
    """Customers whose redirect was lost: they should be in a room, or back in line, and are not.

    Who hears on the way that the call may be recorded has the time to hear it.
    """
    before = clock.now() - PATIENCE
    found = _astray(before=before)
    return [leg for leg in found if leg.uncertain or leg.heard_at + consent.length(leg.call) < before]


@Prepared
def _astray(before: datetime) -> QuerySet[Leg]:
    lost = Leg.objects.open().filter(role=Leg.Role.CUSTOMER, sid__isnull=False, call__status=Call.Status.OPEN)
    arrived = Q(outgoing=False, room__opened_at__lt=before) | Q(outgoing=True, answered_at__lt=before)
    absent = lost.filter(arrived, room__isnull=False, room__ended_at__isnull=True, joined_at__isnull=True)
    uncertain = lost.filter(uncertain=True)
    return (absent | uncertain).select_related("call__client").distinct()[:AT_ONCE]


def _show_the_way(leg: Leg) -> None:
    with transaction.atomic():
        Leg.objects.filter(pk=leg.pk).update(uncertain=False)
        calls.redirect_leg(leg, callbacks.resume(leg.public_id, "here"))
