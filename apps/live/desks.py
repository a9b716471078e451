"""Open desk pages as leases: who can be rung at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from apps.live.models import OpenDesk
from apps.operators import services as operators
from apps.operators.models import Operator


@transaction.atomic
def open_desk(operator_id: int, page: UUID) -> None:
    """The operator's `page` was opened, or can ring again: calls may be offered."""
    operator = _held(operator_id)
    OpenDesk.objects.update_or_create(page=page, defaults={"operator": operator, "proved_at": Now()})
    operators.mark_reachable(operator)


def keep(pages: Mapping[UUID, int]) -> None:
    """Renew the leases of `pages` (with their operators' keys), which proved that they can ring."""
    rows = OpenDesk.objects.filter(page__in=pages)
    rows.update(proved_at=Now())
    # A page that was asleep for long lost its lease meanwhile.
    for page in pages.keys() - set(rows.values_list("page", flat=True)):
        open_desk(pages[page], page)


def sweep() -> int:
    """Mark operators unreachable whose desks have all fallen silent; how many there were."""
    # Whoever has no desk row at all is not judged: another telephone may serve them.
    silent = OpenDesk.objects.stale().order_by("operator_id").values_list("operator_id", flat=True).distinct()
    return sum(_judge(operator_id) for operator_id in silent)


@transaction.atomic
def _judge(operator_id: int) -> bool:
    # The lock makes a page that opens at this moment wait, so that its word is the last one.
    operator = _held(operator_id)
    OpenDesk.objects.stale().filter(operator=operator).delete()
    if OpenDesk.objects.filter(operator=operator).exists() or operator.presence == Operator.Presence.OFFLINE:
        return False
    return operators.mark_unreachable(operator, "The desk page is closed, asleep or without a telephone.")


def _held(operator_id: int) -> Operator:
    rows = Operator.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "team__client")
    return rows.get(pk=operator_id)
