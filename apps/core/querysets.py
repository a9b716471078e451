from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from apps.core.models import User


class TenantQuerySet(models.QuerySet):
    """Rows that belong to a client. Admin, API, board and sockets all narrow by `visible_to`."""

    client_path = "client"

    def visible_to(self, user: User) -> Self:
        """The rows that `user` may know of: all for administrators, else those of the user's clients."""
        if not user.is_authenticated:
            return self.none()
        if user.sees_all:
            return self
        return self.filter(**{f"{self.client_path}__in": user.clients.all()})
