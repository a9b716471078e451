from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from timezone_field import TimeZoneField

from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet


class ClientQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_all else self.filter(members=user)

    def active(self) -> Self:
        return self.filter(active=True)


class Client(PublicIdModel):
    """On whose behalf calls are made and answered. A company with one brand has one client."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    active = models.BooleanField(default=True)
    members = models.ManyToManyField(
        User, blank=True, related_name="clients", help_text="Who works for this client and may see its calls."
    )
    time_zone = TimeZoneField(default="UTC")
    country = models.CharField(
        max_length=2, default="US", help_text="Two letters; reads numbers typed in national form."
    )
    language = models.CharField(max_length=16, default="en-US", help_text="BCP 47, for example en-US.")
    caller_id = E164Field(
        "caller id", blank=True, help_text="Shown to those we call when nothing else is chosen: one of your numbers."
    )
    max_concurrent_calls = models.PositiveIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text="Outgoing calls at once. Incoming calls are always taken.",
    )
    record_calls = models.BooleanField(default=True)
    recording_announcement = models.CharField(
        max_length=400,
        blank=True,
        default="This call may be recorded.",
        help_text="Spoken before a recorded conversation. Leave empty only where the law allows it.",
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
