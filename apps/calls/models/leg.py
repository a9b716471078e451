from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from apps.calls import state
from apps.calls.models.call import Call, Room
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.operators.models import Engagement, Operator


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

    def parties(self) -> Self:
        """Who is in a room that goes on, or is rung into one; the one who came first is first."""
        return self.open().filter(room__isnull=False, room__ended_at__isnull=True, hang_up_asked_at__isnull=True)

    def joined(self) -> Self:
        """Parties whom the carrier has reported in the room."""
        return self.parties().filter(status=state.IN_PROGRESS, joined_at__isnull=False)

    def talking(self) -> Self:
        """Parties of the conversation itself, on hold or not: supervisors who listen or coach are left out."""
        return self.parties().exclude(role=Leg.Role.SUPERVISOR)


class Leg(PublicIdModel):
    """One call at the carrier, a part of our `Call`. Status words are the carrier's; see `state` for their order.

    queued -> ringing -> in-progress -> completed; queued | ringing -> busy | no-answer | failed | canceled.
    `step` counts the documents this leg was given by action: an action address serves one step only.

    In a room: `muted` is heard by nobody (a supervisor who listens); `coaches` names the one line that hears this one
    (a supervisor who whispers). Neither set: heard by all. These say what is wanted; `lines.steer` tells the carrier.
    """

    class Role(models.TextChoices):
        CUSTOMER = "customer", "customer"
        OPERATOR = "operator", "operator"
        CONSULT = "consult", "colleague"
        SUPERVISOR = "supervisor", "supervisor"
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
    muted = models.BooleanField(default=False, help_text="Hears the room and is heard by nobody in it.")
    coaches = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="coached_by",
        help_text="Heard by this line only.",
    )  # fmt: skip
    call_token = models.CharField(
        max_length=4096, blank=True, help_text="The carrier's leave to show this caller's number on a forwarded call."
    )
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
            models.CheckConstraint(name="leg_coaches_another", condition=~Q(coaches=F("pk"))),
            models.CheckConstraint(
                name="only_supervisors_coach", condition=Q(coaches__isnull=True) | Q(role="supervisor")
            ),
            models.UniqueConstraint(
                fields=["call"],
                name="one_open_customer_leg_per_call",
                condition=Q(role="customer", status__in=state.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.get_status_display()}"

    @property
    def is_at_a_desk(self) -> bool:
        """Whether it rings a browser, not a telephone."""
        return self.address.startswith("client:")

    @property
    def is_open(self) -> bool:
        return self.status in state.OPEN
