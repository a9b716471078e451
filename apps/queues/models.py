from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.calls.models import Call, Disposition, Leg
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.operators.models import Engagement, Operator


class QueueQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("queues.watch_board"):
            return rows.filter(memberships__operator__user=user).distinct()
        return rows

    def active(self) -> Self:
        return self.filter(active=True)


class Queue(PublicIdModel):
    """Callers who wait for one of its members."""

    class Strategy(models.TextChoices):
        LONGEST_IDLE = "longest_idle", "longest idle"
        ROUND_ROBIN = "round_robin", "round robin"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="queues")
    destination = models.OneToOneField(Destination, on_delete=models.PROTECT, related_name="queue", editable=False)
    name = models.CharField(max_length=120)
    active = models.BooleanField(default=True)
    strategy = models.CharField(max_length=16, choices=Strategy, default=Strategy.LONGEST_IDLE)
    max_size = models.PositiveIntegerField(
        "places",
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="Callers waiting at most.",
    )
    max_wait_seconds = models.PositiveIntegerField(
        default=600,
        validators=[MinValueValidator(10), MaxValueValidator(7200)],
        help_text="After this the call is passed on.",
    )
    overflow = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where calls go when the queue is full or the wait too long; empty: an apology and good-bye.",
    )  # fmt: skip
    when_unstaffed = models.CharField(
        max_length=10,
        choices=[("wait", "wait in the queue"), ("overflow", "pass the call on")],
        default="wait",
        help_text="What happens while no member is signed in.",
    )
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    when_closed = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where calls go outside the schedule.",
    )  # fmt: skip
    ring_seconds = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(5), MaxValueValidator(120)]
    )
    wrap_up_seconds = models.PositiveIntegerField(
        default=30, validators=[MaxValueValidator(3600)], help_text="0: available at once."
    )
    service_level_seconds = models.PositiveIntegerField(default=20)
    short_abandon_seconds = models.PositiveIntegerField(
        default=5, help_text="Who gives up sooner is not counted as abandoned."
    )
    greeting = models.CharField(max_length=600, blank=True, help_text="Spoken once when a caller joins.")
    announce_position = models.BooleanField(default=True)
    announce_every_seconds = models.PositiveSmallIntegerField(default=45, validators=[MinValueValidator(15)])
    comfort_message = models.CharField(
        max_length=600, blank=True, default="Thank you for waiting. Somebody will be with you soon."
    )
    dispositions = models.ManyToManyField(Disposition, blank=True, related_name="queues")
    disposition_required = models.BooleanField(default=False)
    members = models.ManyToManyField(Operator, through="Membership", related_name="queues")

    objects = QueueQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("watch_board", "Can watch the live board")]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="queue_once_per_client")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(TenantQuerySet):
    client_path = "queue__client"


class Membership(models.Model):
    """An operator serves a queue. `last_offered_at` is the round robin's memory."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="memberships")
    active = models.BooleanField(default=True)
    last_offered_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["queue", "pk"]
        constraints = [models.UniqueConstraint(fields=["queue", "operator"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.operator} in {self.queue}"


class QueueEntryQuerySet(TenantQuerySet):
    client_path = "queue__client"

    def visible_to(self, user: User) -> Self:
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("queues.watch_board"):
            return rows.filter(operator__user=user)
        return rows

    def open(self) -> Self:
        return self.filter(status__in=QueueEntry.OPEN)

    def waiting(self) -> Self:
        return self.filter(status=QueueEntry.Status.WAITING)

    def in_line(self) -> Self:
        """Those who still wait for an answer, in the order in which they are served."""
        return self.filter(status__in=[QueueEntry.Status.WAITING, QueueEntry.Status.OFFERED]).order_by(
            "-front", "place_at", "pk"
        )


class QueueEntry(PublicIdModel):
    """A call's place in a queue.

    waiting <-> offered -> talking -> answered; waiting | offered -> abandoned | overflowed | moved. At most one open
    entry per call. `place_at` keeps the place while operators decline: the time of joining, or of being put back in
    front (`front`) after an operator was lost.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        OFFERED = "offered", "ringing an operator"
        TALKING = "talking", "talking"
        ANSWERED = "answered", "answered"
        ABANDONED = "abandoned", "abandoned"
        OVERFLOWED = "overflowed", "passed on"
        MOVED = "moved", "moved"

    OPEN = (Status.WAITING, Status.OFFERED, Status.TALKING)
    NEXT = {
        Status.WAITING: (Status.OFFERED, Status.ABANDONED, Status.OVERFLOWED, Status.MOVED),
        Status.OFFERED: (Status.WAITING, Status.TALKING, Status.ABANDONED, Status.OVERFLOWED, Status.MOVED),
        Status.TALKING: (Status.ANSWERED, Status.WAITING),
    }

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="entries")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="queue_entries")
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    joined_at = models.DateTimeField(default=clock.now)
    place_at = models.DateTimeField(default=clock.now)
    front = models.BooleanField(default=False, help_text="Served before the others: put back after a lost operator.")
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    operator = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = QueueEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "queue entries"
        ordering = ["-joined_at"]
        indexes = [
            models.Index(
                fields=["queue", "place_at"], name="entry_in_line", condition=Q(status__in=["waiting", "offered"])
            ),
            models.Index(fields=["queue", "joined_at"], name="entry_queue_joined"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                name="one_open_entry_per_call",
                condition=Q(status__in=["waiting", "offered", "talking"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.get_status_display()}"


class OfferQuerySet(TenantQuerySet):
    client_path = "entry__queue__client"

    def visible_to(self, user: User) -> Self:
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("queues.watch_board"):
            return rows.filter(operator__user=user)
        return rows

    def ringing(self) -> Self:
        return self.filter(status=Offer.Status.RINGING)


class Offer(PublicIdModel):
    """A waiting entry offered to an operator. ringing -> accepted | declined | missed | withdrawn.

    `ended_at` is when the operator was free of it: at once when it was not accepted, else at the end of the
    conversation.
    """

    class Status(models.TextChoices):
        RINGING = "ringing", "ringing"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"
        MISSED = "missed", "missed"
        WITHDRAWN = "withdrawn", "withdrawn"

    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="offers")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="offers")
    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="offer")
    leg = models.OneToOneField(Leg, null=True, blank=True, on_delete=models.SET_NULL, related_name="offer")
    status = models.CharField(max_length=10, choices=Status, default=Status.RINGING)
    offered_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why this operator, or why it ended.")

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at"]
        indexes = [models.Index(fields=["offered_at"], name="offer_ringing", condition=Q(status="ringing"))]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                name="one_accepted_open_offer_per_entry",
                condition=Q(status="accepted", ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["operator"], name="one_ringing_offer_per_operator", condition=Q(status="ringing")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.get_status_display()}"
