from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now

from apps.core.querysets import TenantQuerySet
from apps.operators.models import Operator

# A desk that has proved nothing for so long cannot ring. The last proof may be written down a beat late and is missed
# by a sweep: together they stay below ten seconds. One beat may fail without harm.
LEASE = timedelta(seconds=5.5)


class OpenDeskQuerySet(TenantQuerySet):
    client_path = "operator__team__client"

    def stale(self) -> Self:
        """Desks that have not proved for too long that they could ring. By the database's clock, as leases are."""
        return self.filter(proved_at__lt=Now() - LEASE)

    def fresh(self) -> Self:
        return self.filter(proved_at__gte=Now() - LEASE)


class OpenDesk(models.Model):
    """A desk page that is open somewhere: a lease, renewed while the page proves that it could ring.

    Rows and not memory, because a web process that dies takes its sockets along and cannot say so.
    """

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="open_desks")
    page = models.UUIDField(unique=True)
    opened_at = models.DateTimeField(db_default=Now())
    proved_at = models.DateTimeField(db_default=Now())

    objects = OpenDeskQuerySet.as_manager()

    class Meta:
        verbose_name = "open desk"

    def __str__(self) -> str:
        return f"Desk of {self.operator}"
