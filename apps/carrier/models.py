from __future__ import annotations

from typing import Self

from django.db import models

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field, pretty
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination


class PhoneNumberQuerySet(TenantQuerySet):
    def active(self) -> Self:
        return self.filter(active=True)


class PhoneNumber(PublicIdModel):
    """A number of ours at the carrier. `destination` is where its calls go when no routing rule matches."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="phone_numbers")
    number = E164Field(unique=True)
    label = models.CharField(max_length=120, help_text="What the number is for: Main line, Dispatch.")
    destination = models.ForeignKey(
        Destination,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Where calls go when no routing rule matches.",
    )
    carrier_sid = models.CharField("carrier's id", max_length=34, blank=True, editable=False)
    set_up_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the carrier was last told where its calls are answered."
    )
    trouble = models.CharField(
        max_length=300, blank=True, editable=False, help_text="Why that did not work; empty when it did."
    )
    active = models.BooleanField(default=True)

    objects = PhoneNumberQuerySet.as_manager()

    class Meta:
        verbose_name = "phone number"
        ordering = ["label"]

    def __str__(self) -> str:
        return f"{self.label} {pretty(self.number)}"


class MachineryQuerySet(models.QuerySet):
    """Rows without a client: seen by those who see everything."""

    def visible_to(self, user: User) -> Self:
        return self if user.is_authenticated and user.sees_all else self.none()


class WebhookDelivery(models.Model):
    """One request of the carrier, kept with our verdict and our reply (the flight recorder).

    `key` (the URL and the body's digest) makes a repeated delivery get the same reply again instead of a second effect;
    refused requests have none.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "accepted"
        UNSIGNED = "unsigned", "not signed"
        FORGED = "forged", "wrongly signed"
        MALFORMED = "malformed", "not understood"
        OVERSIZED = "oversized", "too large"
        UNKNOWN = "unknown", "about nothing we know"
        FAILED = "failed", "failed here"

    key = models.CharField(max_length=64, null=True, blank=True)
    kind = models.CharField(max_length=40)
    verdict = models.CharField(max_length=12, choices=Verdict)
    reason = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(default=clock.now)
    path = models.CharField(max_length=400)
    params = models.JSONField(default=dict)
    reply = models.TextField(blank=True)
    repeats = models.PositiveIntegerField(default=0)
    call_sid = models.CharField(max_length=34, blank=True)
    call_ref = models.UUIDField(null=True, blank=True)

    objects = MachineryQuerySet.as_manager()

    class Meta:
        verbose_name = "carrier request to us"
        verbose_name_plural = "carrier requests to us"
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["call_ref"], name="delivery_call", condition=models.Q(call_ref__isnull=False)),
            models.Index(fields=["call_sid"], name="delivery_line", condition=~models.Q(call_sid="")),
            models.Index(fields=["received_at"], name="delivery_received"),
        ]
        # Not `unique=True`, which would keep a second index for prefixes on the busiest table.
        constraints = [models.UniqueConstraint(fields=["key"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.verdict}"


class CarrierRequest(models.Model):
    """One request of ours to the carrier, with how it ended. `lost`: we do not know whether it was carried out."""

    class Outcome(models.TextChoices):
        DONE = "done", "done"
        REFUSED = "refused", "refused"
        LOST = "lost", "answer lost"

    action = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=8, choices=Outcome)
    error_code = models.IntegerField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    call_sid = models.CharField(max_length=34, blank=True)
    call_ref = models.UUIDField(null=True, blank=True)

    objects = MachineryQuerySet.as_manager()

    class Meta:
        verbose_name = "request to the carrier"
        verbose_name_plural = "requests to the carrier"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["call_ref"], name="carrier_request_call", condition=models.Q(call_ref__isnull=False)),
            models.Index(fields=["call_sid"], name="carrier_request_line", condition=~models.Q(call_sid="")),
            models.Index(fields=["at"], name="carrier_request_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"
