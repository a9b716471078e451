from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from apps.core.models import User


@dataclass(frozen=True)
class Scope:
    """Whose rows a board shows: the clients that its viewer may see. Viewers with one scope share one picture."""

    clients: frozenset[int] | None  # None: all

    @classmethod
    def of(cls, user: User) -> Scope:
        return cls(None if user.sees_all else frozenset(user.clients.values_list("pk", flat=True)))

    def sees(self, client_ids: set[int]) -> bool:
        return self.clients is None or not self.clients.isdisjoint(client_ids)

    def narrow(self, rows: QuerySet, path: str = "client") -> QuerySet:
        return rows if self.clients is None else rows.filter(**{f"{path}__in": self.clients})
