"""How much of the limits on outgoing calls is in use. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from apps.calls.models import Call
from apps.clients.models import Client
from apps.core.models import User


@dataclass(frozen=True)
class Capacity:
    """Of one client: outgoing calls now, and at most."""

    client: UUID
    name: str
    open: int
    limit: int

    @property
    def utilisation_percent(self) -> float:
        return round(100 * self.open / self.limit, 1)


def of_clients(user: User, only: UUID | None = None) -> list[Capacity]:
    """Of the clients that `user` may see, by name."""
    rows: QuerySet[Client] = Client.objects.visible_to(user)
    if only is not None:
        rows = rows.filter(public_id=only)
    is_open = Q(calls__status=Call.Status.OPEN, calls__direction=Call.Direction.OUTBOUND)
    rows = rows.annotate(open_calls=Count("calls", filter=is_open)).order_by("name")
    return [Capacity(row.public_id, row.name, row.open_calls, row.max_concurrent_calls) for row in rows]


def of_house() -> int:
    """Outgoing calls of the whole house at once, at most."""
    return settings.GLOBAL_MAX_CALLS
