from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from apps.calls.models.call import Call
from apps.calls.models.leg import Leg
from apps.core import clock, numbers
from apps.core.models import PublicIdModel
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.operators.models import Operator


class TransferQuerySet(TenantQuerySet):
    client_path = "call__client"

    def open(self) -> Self:
        return self.filter(status__in=Transfer.OPEN)


class Transfer(PublicIdModel):
    """An operator brings somebody else into a call, to take it over or to join.

    ringing -> consulting -> completed | joined; ringing -> completed | joined; ringing | consulting -> refused |
    message | no_answer | lost | canceled. At most one open transfer per call.

    Exactly one target: an operator, a destination (a queue, whose members are rung one after the other) or an outside
    number. `leg` is the line that rings or talks for it now.
    """

    class Kind(models.TextChoices):
        WARM = "warm", "after a word with them"
        BLIND = "blind", "at once"
        ADD = "add", "as one more in the call"
        RETURN = "return", "back to who transferred it"

    class Status(models.TextChoices):
        RINGING = "ringing", "ringing"
        CONSULTING = "consulting", "talking about it"
        COMPLETED = "completed", "taken over"
        JOINED = "joined", "joined the call"
        REFUSED = "refused", "refused"
        MESSAGE = "message", "asks to take a message"
        NO_ANSWER = "no_answer", "no answer"
        LOST = "lost", "line lost"
        CANCELED = "canceled", "called off"

    OPEN = (Status.RINGING, Status.CONSULTING)

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="transfers")
    kind = models.CharField(max_length=8, choices=Kind)
    status = models.CharField(max_length=12, choices=Status, default=Status.RINGING)
    by = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="transfers_begun")
    operator = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    destination = models.ForeignKey(Destination, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    number = E164Field(blank=True)
    leg = models.OneToOneField(Leg, null=True, blank=True, on_delete=models.SET_NULL, related_name="transfer")
    note = models.TextField(blank=True, help_text="What the colleague said with their answer.")
    begun_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call"], name="one_open_transfer_per_call", condition=Q(status__in=["ringing", "consulting"])
            ),
            models.CheckConstraint(
                name="transfer_has_one_target",
                condition=Q(operator__isnull=False, destination__isnull=True, number="")
                | Q(operator__isnull=True, destination__isnull=False, number="")
                | (Q(operator__isnull=True, destination__isnull=True) & ~Q(number="")),
            ),
            models.CheckConstraint(
                name="transfer_ends_once",
                condition=Q(status__in=["ringing", "consulting"], ended_at__isnull=True)
                | (~Q(status__in=["ringing", "consulting"]) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Transfer to {self.target}: {self.get_status_display()}"

    @property
    def target(self) -> str:
        """Who was asked for, in words."""
        if self.operator is not None:
            return str(self.operator)
        return self.destination.label if self.destination is not None else numbers.pretty(self.number)
