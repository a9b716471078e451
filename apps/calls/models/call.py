from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.operators.models import Operator
from apps.people.models import Person


class Disposition(PublicIdModel):
    """How a conversation ended, in the words of the business: order taken, wrong number."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="dispositions")
    name = models.CharField(max_length=80)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children",
        help_text="Chosen after this one, as its more exact form.",
    )  # fmt: skip
    needs_note = models.BooleanField("needs a note", default=False)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="disposition_once_per_client")]

    def __str__(self) -> str:
        return f"{self.parent.name}: {self.name}" if self.parent_id else self.name

    def clean(self) -> None:
        if self.parent is not None and (
            self.parent_id == self.pk or self.parent.parent_id or self.parent.client_id != self.client_id
        ):
            raise ValidationError({"parent": "Choose one of the same client that stands under nothing itself."})
        if self.parent is not None and self.pk and self.children.exists():
            raise ValidationError({"parent": "Others stand under this one: it cannot stand under another."})


class CallQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        """As for every tenant's rows; who is an operator and nothing more sees the calls they took part in."""
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("queues.watch_board"):
            return rows.filter(Q(operator__user=user) | Q(legs__operator__user=user)).distinct()
        return rows

    def open(self) -> Self:
        return self.filter(status=Call.Status.OPEN)


class Call(PublicIdModel):
    """One conversation, seen from the customer's side. open -> over, once.

    Where an open call is (menu, waiting, ringing, talking, on hold) is not a status: it is its open visit, queue entry,
    offer or room. `outcome` says how it ended.
    """

    class Direction(models.TextChoices):
        INBOUND = "inbound", "incoming"
        OUTBOUND = "outbound", "outgoing"

    class Status(models.TextChoices):
        OPEN = "open", "open"
        OVER = "over", "over"

    class Outcome(models.TextChoices):
        ANSWERED = "answered", "answered"
        ABANDONED = "abandoned", "abandoned"
        SHORT_ABANDONED = "short_abandoned", "abandoned at once"
        VOICEMAIL = "voicemail", "voicemail"
        CALLBACK = "callback", "callback"
        OVERFLOW = "overflow", "passed on"
        BUSY = "busy", "busy"
        NO_ANSWER = "no_answer", "no answer"
        FAILED = "failed", "failed"
        REFUSED = "refused", "refused"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="calls")
    direction = models.CharField(max_length=10, choices=Direction)
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    phone_number = models.ForeignKey(
        PhoneNumber, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls"
    )
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls")
    customer_number = models.CharField(max_length=64, help_text="E.164, or the carrier's word for a withheld number.")
    our_number = E164Field(blank=True)
    language = models.CharField(max_length=16, default="en-US")
    operator = models.ForeignKey(
        Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls", help_text="Who spoke last."
    )
    colleague = models.ForeignKey(
        Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="calls_of_colleagues",
        help_text="Whom the operator called, of a call within the house.",
    )  # fmt: skip
    started_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When customer and operator first met.")
    ended_at = models.DateTimeField(null=True, blank=True)
    heading = models.ForeignKey(
        Destination,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Where the call is being sent; emptied by the document that takes it there.",
    )
    fate = models.CharField(
        max_length=16,
        choices=Outcome,
        blank=True,
        help_text="The outcome if the customer's line ended now, where the rows do not say it.",
    )
    disposition = models.ForeignKey(Disposition, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    note = models.TextField(blank=True)
    answers = models.JSONField(default=dict, blank=True, help_text="What the queue asks about its calls, by label.")

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        permissions = [
            ("control_call", "Can control a live call"),
            ("place_call", "Can place a call"),
            ("monitor_call", "Can listen to a live call"),
            ("join_call", "Can whisper in a live call, come into it and take it over"),
        ]
        indexes = [
            models.Index(fields=["client", "started_at"], name="call_client_started"),
            models.Index(fields=["client"], name="call_open", condition=Q(status="open")),
            models.Index(fields=["customer_number", "started_at"], name="call_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                name="call_over_has_outcome_and_end",
                condition=Q(status="open", ended_at__isnull=True, outcome="")
                | (Q(status="over", ended_at__isnull=False) & ~Q(outcome="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} call {clock.local(self.started_at):%Y-%m-%d %H:%M}"


class Room(models.Model):
    """One conference of a call, named `call-<public id>-<n>` and never used again."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="rooms")
    n = models.PositiveSmallIntegerField()
    conference_sid = models.CharField(max_length=34, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "n"], name="room_number_once_per_call")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"call-{self.call.public_id}-{self.n}"
