from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.calls.models.leg import Leg
from apps.clients.models import Client
from apps.core import clock
from apps.core.querysets import TenantQuerySet


class SoundLimitsQuerySet(TenantQuerySet):
    def of(self, client: Client) -> SoundLimits:
        """Those of `client`; the usual ones where none were set."""
        return self.filter(client=client).first() or SoundLimits(client=client)


class SoundLimits(models.Model):
    """From when a line of this client's calls sounds bad."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="sound_limits")
    mos = models.DecimalField(
        "score at least", max_digits=2, decimal_places=1, default=Decimal("3.5"),
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="The mean opinion score (MOS): 4 and more is good, below 3.5 people complain. 1 never warns.",
    )  # fmt: skip
    loss_percent = models.PositiveSmallIntegerField(
        "lost at most (%)", default=3, validators=[MaxValueValidator(100)], help_text="0 never warns."
    )
    jitter_ms = models.PositiveSmallIntegerField("jitter at most (ms)", default=40, help_text="0 never warns.")
    round_trip_ms = models.PositiveSmallIntegerField("round trip at most (ms)", default=400, help_text="0 never warns.")

    objects = SoundLimitsQuerySet.as_manager()

    class Meta:
        ordering = ["client__name"]
        verbose_name = verbose_name_plural = "limits of sound"
        constraints = [models.CheckConstraint(name="sound_score_in_range", condition=Q(mos__gte=1, mos__lte=5))]

    def __str__(self) -> str:
        return f"Limits of sound of {self.client}"


class SoundBucketQuerySet(TenantQuerySet):
    client_path = "leg__call__client"

    def newest(self) -> Self:
        """The newest of each line."""
        return self.order_by("leg_id", "-at").distinct("leg_id")


class SoundBucket(models.Model):
    """How a line sounded for ten seconds, as the operator's telephone measured it (see `quality`)."""

    leg = models.ForeignKey(Leg, on_delete=models.CASCADE, related_name="sound")
    at = models.DateTimeField(help_text="When the ten seconds began.")
    samples = models.PositiveSmallIntegerField()
    jitter_ms = models.FloatField()
    round_trip_ms = models.FloatField()
    loss_percent = models.FloatField()
    mos = models.FloatField("score")
    complaint = models.CharField(max_length=120, blank=True, help_text="What was worse than the limits of then.")

    objects = SoundBucketQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["leg", "at"], name="sound_once_per_ten_seconds")]

    def __str__(self) -> str:
        return f"{clock.local(self.at):%H:%M:%S} {self.mos}"
