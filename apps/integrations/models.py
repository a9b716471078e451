from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from apps.core import clock
from apps.core.models import PublicIdModel, User


class ApiKeyQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_all else self.filter(user=user)

    def valid(self, at: datetime) -> Self:
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at__isnull=True, user__is_active=True
        )


class ApiKey(PublicIdModel):
    """A program's way in: it acts as `user`. Shown once when made; only its SHA-256 is kept."""

    name = models.CharField(max_length=120)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
