"""Web services that voice menus may ask, and what they were asked."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.ivr.models.visit import Visit


class WebService(PublicIdModel):
    """A web service of the company's that menus may ask. Menus reach no others; what it wants to see of us, a key in a
    header, stays here and never stands in a drawing.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="web_services")
    name = models.CharField(max_length=120)
    address = models.URLField(
        max_length=300, help_text="Where its paths begin, such as https://orders.example.com/api/. Only https."
    )
    header = models.CharField(
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", "The name of a header, such as Authorization.")],
        help_text="A header that is sent along, such as Authorization.",
    )
    secret = models.CharField("its value", max_length=500, blank=True, help_text="For example: Bearer, and the key.")

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="web_service_once_per_client")]

    def __str__(self) -> str:
        return self.name


class InquiryQuerySet(TenantQuerySet):
    client_path = "visit__flow__client"

    def open(self) -> Self:
        """Without an answer until now."""
        return self.filter(status__in=Inquiry.OPEN)

    def untold(self) -> Self:
        """The caller has not gone on with what came of it."""
        return self.filter(told_at__isnull=True)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lte=at)


class Inquiry(models.Model):
    """What a web service is asked for a caller who waits.

    waiting -> asking -> answered | failed; waiting, asking -> failed when `due_at` is over. The caller goes on with
    what came of it once: `told_at`. `path` may hold what the caller keyed in, and is shown to nobody.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        ASKING = "asking", "being asked"
        ANSWERED = "answered", "answered"
        FAILED = "failed", "failed"

    OPEN = (Status.WAITING, Status.ASKING)

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="inquiries")
    service = models.ForeignKey(WebService, null=True, on_delete=models.SET_NULL, related_name="inquiries")
    node = models.CharField(max_length=40)
    path = models.CharField(max_length=2000, blank=True)
    results = models.JSONField(default=list, help_text="What is kept: pairs of a variable and its way in the answer.")
    timeout_seconds = models.PositiveSmallIntegerField(default=5)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    values = models.JSONField(default=dict)
    why = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inquiries"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["visit"], name="one_inquiry_at_a_time", condition=Q(told_at__isnull=True)),
            models.CheckConstraint(
                name="inquiry_status_known", condition=Q(status__in=["waiting", "asking", "answered", "failed"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.get_status_display()}"
