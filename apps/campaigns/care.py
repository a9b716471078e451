"""Puts right what an event should have: a lost report, a process that died between two commits. Idempotent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.campaigns import outcomes, previews
from apps.campaigns.models import Attempt, Campaign
from apps.core import clock

logger = logging.getLogger(__name__)
ROUND = 200


def sweep() -> None:
    """One round. One row's trouble does not stop the others."""
    over = Attempt.objects.open().filter(call__status=Call.Status.OVER, leg__status__in=state.FINAL)
    _each(outcomes.settle, over.values_list("pk", flat=True)[:ROUND])
    filed = Attempt.objects.filter(
        ended_at__gt=clock.now() - timedelta(hours=1), call__disposition__isnull=False
    ).exclude(filed=F("call__disposition"))
    _each(outcomes.refile, filed.values_list("call", flat=True)[:ROUND])
    previews.sweep()


def end_long_calls() -> None:
    """End the calls of agentless campaigns that last longer than CALL_TIMEOUT_MINUTES."""
    _each(_end_call, _too_long().values_list("leg", flat=True)[:ROUND])


def _each(repair: Callable[[int], object], keys: Iterable[int]) -> None:
    for key in list(keys):
        try:
            repair(key)
        except DatabaseError:
            logger.exception("%s %s could not be done; the next round tries again.", repair.__name__, key)


def _too_long():
    """Calls without an operator that last longer than any menu should: a bot that does not hang up."""
    before = clock.now() - timedelta(minutes=settings.CALL_TIMEOUT_MINUTES)
    return Attempt.objects.open().filter(
        campaign__mode=Campaign.Mode.AGENTLESS, answered_at__lt=before, leg__hang_up_asked_at__isnull=True
    )


def _end_call(leg_id: int) -> None:
    leg = Leg.objects.select_related("call__client").get(pk=leg_id)
    calls.hang_up_leg(leg, by=f"The limit of {settings.CALL_TIMEOUT_MINUTES} minutes")
