from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Extract, Floor, Greatest

from apps.calls import state
from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.operators.models import Engagement, Operator
from apps.queues.models.queue import Queue


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

    def on_the_line(self) -> Self:
        """Callers who hold the line and were not answered yet; those in the callback dialogue included."""
        return self.filter(kind=QueueEntry.Kind.LIVE, status__in=QueueEntry.UNANSWERED)

    def servable(self, at: datetime) -> Self:
        """Who may be offered to an operator at `at`: waiting callers on the line, and callbacks that are due.

        A callback is due from `next_try_at` on, once the call in which it was asked for is over, and not while the same
        person is in this line again. One whose customer is on the line already needs an operator like any caller; one
        whose customer's line is just ending needs nobody.
        """
        live, callback = Q(kind=QueueEntry.Kind.LIVE), Q(kind=QueueEntry.Kind.CALLBACK)
        on_the_line, over = Q(call__status=Call.Status.OPEN), Q(call__status=Call.Status.OVER)
        due = Q(callback__status="waiting", callback__next_try_at__lte=at, callback__expires_at__gt=at)
        back = QueueEntry.objects.open().filter(
            kind=QueueEntry.Kind.LIVE, queue=OuterRef("queue"), call__customer_number=OuterRef("callback__number")
        )
        ending = Leg.objects.filter(call=OuterRef("call"), role=Leg.Role.CUSTOMER).filter(
            Q(status__in=state.FINAL) | Q(hang_up_asked_at__isnull=False)
        )
        begun = Q(callback__status__in=["calling", "done"]) & ~Exists(ending)
        return self.waiting().filter(
            (on_the_line & (live | (callback & begun))) | (over & callback & due & ~Exists(back))
        )

    def in_line(self) -> Self:
        """Those who still wait for an answer; by front, priority and place. Who is served next: `in_turn`."""
        return self.filter(status__in=[QueueEntry.Status.WAITING, QueueEntry.Status.OFFERED]).order_by(
            "-front", "-priority", "place_at", "pk"
        )

    def in_turn(self, at: datetime) -> Self:
        """The same in the order in which they are served at `at`, with their `effective` priority."""
        return self.in_line().ranked(at).order_by("-front", "-effective", "place_at", "pk")

    def ranked(self, at: datetime) -> Self:
        """With the `effective` priority at `at`: the same sum as `strategies.effective_priority`."""
        waited = ExpressionWrapper(Value(at) - F("place_at"), output_field=models.DurationField())
        seconds = Greatest(Extract(waited, "epoch", output_field=models.FloatField()), 0.0)
        ageing = Cast("queue__ageing_seconds", models.FloatField())
        steps = Floor(seconds / ageing)
        gained = Case(When(queue__ageing_seconds__gt=0, then=steps), default=0.0)
        return self.annotate(
            effective=ExpressionWrapper(Cast("priority", models.FloatField()) + gained, models.FloatField())
        )


class QueueEntry(PublicIdModel):
    """A call's place in a queue.

    waiting <-> offered -> talking -> answered; waiting <-> choosing; offered -> choosing; waiting | choosing | offered
    -> abandoned | overflowed | moved; a callback: waiting | offered -> expired. At most one open entry per call.

    Who is choosing (in the callback dialogue) keeps the place and is not offered to anybody. A callback's entry stays
    open in its place after the caller has hung up; `call` is then the call of its latest try, in the end the one that
    fulfilled it (`Callback.call` is the one in which it was asked for). `place_at` keeps the place while operators
    decline: the time of joining, or of being put back in front (`front`) after an operator was lost.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        CHOOSING = "choosing", "asking for a callback"
        OFFERED = "offered", "ringing an operator"
        TALKING = "talking", "talking"
        ANSWERED = "answered", "answered"
        ABANDONED = "abandoned", "abandoned"
        OVERFLOWED = "overflowed", "passed on"
        MOVED = "moved", "moved"
        EXPIRED = "expired", "callback given up"

    class Kind(models.TextChoices):
        LIVE = "live", "on the line"
        CALLBACK = "callback", "to be called back"

    OPEN = (Status.WAITING, Status.CHOOSING, Status.OFFERED, Status.TALKING)
    UNANSWERED = (Status.WAITING, Status.CHOOSING, Status.OFFERED)
    NEXT = {
        Status.WAITING: (
            Status.OFFERED, Status.CHOOSING, Status.ABANDONED, Status.OVERFLOWED, Status.MOVED, Status.EXPIRED,
        ),
        Status.CHOOSING: (Status.WAITING, Status.ABANDONED, Status.OVERFLOWED, Status.MOVED),
        Status.OFFERED: (
            Status.WAITING, Status.CHOOSING, Status.TALKING, Status.ABANDONED, Status.OVERFLOWED, Status.MOVED,
            Status.EXPIRED,
        ),
        Status.TALKING: (Status.ANSWERED, Status.WAITING),
    }  # fmt: skip

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="entries")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="queue_entries")
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    joined_at = models.DateTimeField(default=clock.now)
    place_at = models.DateTimeField(default=clock.now)
    front = models.BooleanField(
        default=False, help_text="Served before the others: put back after a lost operator, or put first by hand."
    )
    priority = models.PositiveSmallIntegerField(default=5)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LIVE)
    given_number = E164Field(blank=True, help_text="The number keyed in the callback dialogue, until it is confirmed.")
    reserved_for = models.ForeignKey(
        Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Handed to this operator by hand: offered to nobody else.",
    )  # fmt: skip
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
            models.Index(
                fields=["-front", "-priority", "place_at", "id"], name="entry_in_turn", condition=Q(status="waiting")
            ),
            models.Index(fields=["queue", "joined_at"], name="entry_queue_joined"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                name="one_open_entry_per_call",
                condition=Q(status__in=["waiting", "choosing", "offered", "talking"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.get_status_display()}"

    @property
    def is_promised(self) -> bool:
        """Whether it is a callback that was not done yet: it stays open although a call of it ends."""
        return self.kind == self.Kind.CALLBACK and self.callback.is_open


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
    considered = models.JSONField(default=dict, help_text="The candidates with their scores, as `strategies` saw them.")

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at"]
        indexes = [
            models.Index(fields=["offered_at"], name="offer_ringing", condition=Q(status="ringing")),
            models.Index(fields=["operator", "decided_at"], name="offer_operator_decided"),
        ]
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
