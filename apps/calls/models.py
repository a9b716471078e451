from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from apps.calls import state
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.operators.models import Engagement, Operator
from apps.people.models import Person


class Disposition(PublicIdModel):
    """How a conversation ended, in the words of the business: order taken, wrong number."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="dispositions")
    name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="disposition_once_per_client")]

    def __str__(self) -> str:
        return self.name


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

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        permissions = [("control_call", "Can control a live call"), ("place_call", "Can place a call")]
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
        return f"{self.get_direction_display()} call {self.started_at:%Y-%m-%d %H:%M}"


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


class LegQuerySet(TenantQuerySet):
    client_path = "call__client"

    def open(self) -> Self:
        return self.filter(status__in=state.OPEN)

    def reported(self) -> Self:
        """With what the carrier's report of a line's progress needs and no more: the most frequent of all requests."""
        wanted = ("public_id", "sid", "status", "role", "operator", "call__public_id", "call__client__public_id")
        return self.select_related("call__client").only(*wanted)

    def silent(self, before: datetime) -> Self:
        """Open legs of which nothing was heard since `before`."""
        return self.open().filter(heard_at__lt=before)


class Leg(PublicIdModel):
    """One call at the carrier, a part of our `Call`. Status words are the carrier's; see `state` for their order.

    queued -> ringing -> in-progress -> completed; queued | ringing -> busy | no-answer | failed | canceled.
    `step` counts the documents this leg was given by action: an action address serves one step only.
    """

    class Role(models.TextChoices):
        CUSTOMER = "customer", "customer"
        OPERATOR = "operator", "operator"
        EXTERNAL = "external", "outside number"

    class Status(models.TextChoices):
        QUEUED = state.QUEUED, "queued"
        RINGING = state.RINGING, "ringing"
        IN_PROGRESS = state.IN_PROGRESS, "in progress"
        COMPLETED = state.COMPLETED, "completed"
        BUSY = state.BUSY, "busy"
        NO_ANSWER = state.NO_ANSWER, "no answer"
        FAILED = state.FAILED, "failed"
        CANCELED = state.CANCELED, "canceled"

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    role = models.CharField(max_length=12, choices=Role)
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    sid = models.CharField("carrier's id", max_length=34, null=True, blank=True, unique=True)
    outgoing = models.BooleanField(default=True, help_text="We asked the carrier for it; else it came to us.")
    address = models.CharField(max_length=128, help_text="Number, or client:identity.")
    caller_id = models.CharField(max_length=64, blank=True)
    operator = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="legs")
    engagement = models.ForeignKey(Engagement, null=True, blank=True, on_delete=models.SET_NULL, related_name="legs")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="legs")
    joined_at = models.DateTimeField(
        null=True, blank=True, help_text="When it came into the room; empty when not in it."
    )
    on_hold_since = models.DateTimeField(null=True, blank=True)
    ring_seconds = models.PositiveSmallIntegerField(default=30)
    machine_detection = models.CharField(
        max_length=16, blank=True, help_text="The carrier's word for finding out whether a machine answers; empty: no."
    )
    step = models.PositiveIntegerField(default=0)
    dialed_at = models.DateTimeField(null=True, blank=True, help_text="When the request to dial was about to be sent.")
    uncertain = models.BooleanField(
        default=False, help_text="The carrier's answer was lost; found out, never redialled."
    )
    known_by = models.CharField(
        max_length=10, blank=True,
        help_text="How we learned of the carrier's line: its answer, a callback, its list, or never (grace).",
    )  # fmt: skip
    hang_up_asked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ringing_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(default=clock.now, help_text="When the carrier last spoke of it.")
    error_code = models.IntegerField(null=True, blank=True)

    objects = LegQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["heard_at"], name="leg_open_heard", condition=Q(status__in=state.OPEN)),
            models.Index(fields=["operator"], name="leg_open_operator", condition=Q(status__in=state.OPEN)),
        ]
        constraints = [
            models.CheckConstraint(name="leg_status_known", condition=Q(status__in=(*state.OPEN, *state.FINAL))),
            models.UniqueConstraint(
                fields=["call"],
                name="one_open_customer_leg_per_call",
                condition=Q(role="customer", status__in=state.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        return self.status in state.OPEN
