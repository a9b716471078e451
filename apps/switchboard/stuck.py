"""Transfers of which the carrier's report was lost: found by their rows, and gone on with as these say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.calls import state
from apps.calls.models import Call, Leg, Transfer
from apps.core.prepared import Prepared
from apps.switchboard import transfer_rules, transfers

Status = Transfer.Status


def lines(before: datetime) -> list[int]:
    """Lines of open transfers of which a report was lost: ended, or answered long ago and not heard of in the room."""
    return [leg_id for (leg_id,) in _stuck(before=before)]


@Prepared
def _stuck(before: datetime) -> QuerySet[Any, Any]:
    rows = Transfer.objects.open().filter(
        Q(leg__status__in=state.FINAL, leg__ended_at__lt=before)
        | Q(status=Status.RINGING, leg__status=state.IN_PROGRESS, leg__answered_at__lt=before)
        & (Q(leg__operator__isnull=True) | Q(leg__address__startswith="client:"))  # a telephone asks for a key first
        | Q(call__status=Call.Status.OVER, leg__isnull=False)
    )
    return rows.values_list("leg")[:100]


@transaction.atomic
def unstick(leg_id: int) -> None:
    """Let the transfer of this line go on as the rows say. Doing it twice is harmless."""
    leg = Leg.objects.select_for_update(of=("call",)).select_related("call__client", "operator").get(pk=leg_id)
    call = leg.call
    if call.status == Call.Status.OVER:
        transfers.close(call)
    else:
        transfers.heard(call, leg, transfer_rules.ANSWERED if leg.is_open else transfers.news_of(leg))
