from __future__ import annotations

from typing import Self

from django.db import models

from apps.clients.models import Client
from apps.core.models import PublicIdModel
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.destinations import kinds


class DestinationQuerySet(TenantQuerySet):
    def active(self) -> Self:
        return self.filter(active=True)


class Destination(PublicIdModel):
    """One row for everything that a call can be sent to.

    Made by the service of its owner (a queue, a flow, ...). `kind` is declared by the owner's app (see `kinds`), so
    that a new kind needs no migration here.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="destinations")
    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=160)
    active = models.BooleanField(default=True)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "label"]

    def __str__(self) -> str:
        return f"{self.label} ({kinds.label(self.kind).lower()})"


class OutsideNumberQuerySet(TenantQuerySet):
    client_path = "destination__client"


class OutsideNumber(models.Model):
    """A telephone number outside the house that calls may be passed on to."""

    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, related_name="outside_number")
    number = E164Field()
    ring_seconds = models.PositiveSmallIntegerField(default=30)

    objects = OutsideNumberQuerySet.as_manager()

    def __str__(self) -> str:
        return self.destination.label


class EndingQuerySet(TenantQuerySet):
    client_path = "destination__client"


class Ending(models.Model):
    """A spoken message after which we hang up: "we are closed", "this number is not in use"."""

    destination = models.OneToOneField(Destination, on_delete=models.CASCADE, related_name="ending")
    message = models.CharField(
        max_length=1000, blank=True, help_text="Spoken before the call ends; empty hangs up at once."
    )

    objects = EndingQuerySet.as_manager()

    def __str__(self) -> str:
        return self.destination.label
