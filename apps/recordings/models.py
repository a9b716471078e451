from __future__ import annotations

from typing import Self

from django.db import models

from apps.calls.models import Call, Leg
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet


class RecordingQuerySet(TenantQuerySet):
    def visible_to(self, user) -> Self:
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("recordings.play_recording"):
            return rows.none()
        return rows

    def running(self) -> Self:
        return self.filter(status__in=[Recording.Status.ASKED, Recording.Status.RECORDING, Recording.Status.PAUSED])

    def to_fetch(self) -> Self:
        return self.filter(status=Recording.Status.READY)


class Recording(PublicIdModel):
    """The sound of a conversation: channel 1 the customer, channel 2 what the customer heard. With one channel it is a
    message that the customer left.

    asked -> recording <-> paused -> ready (at the carrier) -> stored (with us); asked | ready -> failed, absent.
    `paused` is set only when the carrier confirmed it.
    """

    class Status(models.TextChoices):
        ASKED = "asked", "asked for"
        RECORDING = "recording", "recording"
        PAUSED = "paused", "paused"
        READY = "ready", "to be fetched"
        STORED = "stored", "stored"
        ABSENT = "absent", "nothing recorded"
        FAILED = "failed", "failed"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="recordings")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="recordings")
    leg = models.ForeignKey(Leg, on_delete=models.PROTECT, related_name="recordings")
    status = models.CharField(max_length=12, choices=Status, default=Status.ASKED)
    sid = models.CharField("carrier's id", max_length=34, null=True, blank=True, unique=True)
    file = models.FileField(upload_to="recordings/", max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    channels = models.PositiveSmallIntegerField(default=2)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When to try to fetch it again.")
    error = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    stored_at = models.DateTimeField(null=True, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        permissions = [("play_recording", "Can listen to a recording")]
        indexes = [models.Index(fields=["due_at"], name="recording_to_fetch", condition=models.Q(status="ready"))]
        constraints = [
            models.UniqueConstraint(
                fields=["leg"],
                name="one_running_recording_per_leg",
                condition=models.Q(status__in=["asked", "recording", "paused"]),
            )
        ]

    def __str__(self) -> str:
        return f"Recording {clock.local(self.started_at):%Y-%m-%d %H:%M}"
