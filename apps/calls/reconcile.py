"""Finds out what became of lines of which nothing is heard. Idempotent; run by beat and at start."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from apps.calls import lines, services, state
from apps.calls.models import Call, Leg
from apps.carrier.client import CarrierLost, CarrierRefused, get_port
from apps.core import clock

logger = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=5)  # how long a request on its way is left alone


def reconcile() -> None:
    """One round over all that is out of the ordinary. One line's trouble does not stop the others."""
    now = clock.now()
    silent = Leg.objects.silent(now - timedelta(seconds=settings.CALL_SILENCE_SECONDS))
    work = [
        (
            lines.dial,
            Leg.objects.filter(
                status=state.QUEUED, outgoing=True, dialed_at__isnull=True, created_at__lt=now - PATIENCE
            ),
        ),
        (_find, _unplaced(now - PATIENCE)),
        (lines.hang_up, Leg.objects.open().filter(_to_end(now - PATIENCE), sid__isnull=False)),
        (_ask, silent.filter(sid__isnull=False)),
        (_give_up_expected, silent.filter(sid__isnull=True, outgoing=False)),
    ]
    for heal, legs in work:
        for leg_id in list(legs.values_list("pk", flat=True)[:200]):
            try:
                heal(leg_id)
            except (CarrierLost, CarrierRefused):
                logger.warning("The carrier does not answer; leg %s is left for the next round.", leg_id)


def _unplaced(before):
    return Leg.objects.filter(status=state.QUEUED, sid__isnull=True, outgoing=True, dialed_at__lt=before)


def _to_end(before) -> Q:
    return Q(hang_up_asked_at__lt=before) | Q(call__status=Call.Status.OVER, call__ended_at__lt=before)


def _ask(leg_id: int) -> None:
    lines.settle(Leg.objects.select_related("call__client").get(pk=leg_id))


def _find(leg_id: int) -> None:
    """Look for a dialled line whose answer was lost among the carrier's calls; give it up after the grace."""
    leg = Leg.objects.select_related("call__client").get(pk=leg_id)
    found = get_port().find(to=leg.address, since=leg.dialed_at)
    known = set(Leg.objects.filter(sid__in=[facts.sid for facts in found]).values_list("sid", flat=True))
    strangers = [facts for facts in found if facts.sid not in known]
    if len(strangers) == 1:
        services.bind(leg, strangers[0].sid, by="list")
        services.advance(leg, strangers[0].status)
    elif leg.dialed_at < clock.now() - timedelta(seconds=settings.DIAL_GRACE_SECONDS):
        # Asked for long ago, reported by nobody, in no list: it never came about.
        Leg.objects.filter(pk=leg.pk, sid__isnull=True).update(known_by="grace")
        services.advance(leg, state.FAILED)


def _give_up_expected(leg_id: int) -> None:
    """A line that was to come to us by itself (a desk's own call) and never did."""
    services.advance(Leg.objects.select_related("call__client").get(pk=leg_id), state.FAILED)
