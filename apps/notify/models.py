from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models

from apps.clients.models import Client
from apps.core import clock
from apps.core.querysets import TenantQuerySet


class NoticeQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(resolved_at__isnull=True)


class Notice(models.Model):
    """Something a manager should know and put right: a call met a configuration that leads nowhere.

    One open notice per `key`; a repetition raises `times` instead of making a second row.
    """

    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=160)
    text = models.CharField(max_length=500)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="one_open_notice_per_key", condition=models.Q(resolved_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.text


class MessageQuerySet(TenantQuerySet):
    def due(self, at: datetime) -> Self:
        """Waiting, and their time has come."""
        return self.filter(status=Message.Status.WAITING, due_at__lte=at)

    def stuck(self, at: datetime) -> Self:
        """Taken for sending by a process that did not finish in time (`due_at` is then the end of its time)."""
        return self.filter(status=Message.Status.SENDING, due_at__lte=at)


class Message(models.Model):
    """An e-mail or text message that leaves after commit, once per `key`.

    waiting -> sending -> sent | failed; sending -> waiting after a refusal that may pass. A text message whose answer
    was lost stays `uncertain`: it is never simply sent again.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        SMS = "sms", "text message"

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        UNCERTAIN = "uncertain", "not known"
        FAILED = "failed", "failed"

    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=160, unique=True)
    channel = models.CharField(max_length=8, choices=Channel)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["due_at"], name="message_due", condition=models.Q(status="waiting"))]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_status_display()}"
