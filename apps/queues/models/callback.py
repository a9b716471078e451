from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q

from apps.calls.models import Call
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.queues.models.line import QueueEntry


class CallbackQuerySet(TenantQuerySet):
    client_path = "entry__queue__client"

    def open(self) -> Self:
        return self.filter(status__in=Callback.OPEN)

    def waiting(self) -> Self:
        return self.filter(status=Callback.Status.WAITING)


class Callback(PublicIdModel):
    """A caller who asked to be called back, in the place that `entry` keeps.

    waiting <-> calling -> done; waiting | calling -> expired | cancelled. `next_try_at` is the earliest moment of the
    next try. At most one per entry, and one open per queue and number: a second press changes nothing.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        CALLING = "calling", "being called"
        DONE = "done", "done"
        EXPIRED = "expired", "given up"
        CANCELLED = "cancelled", "cancelled"

    OPEN = (Status.WAITING, Status.CALLING)
    NEXT = {
        Status.WAITING: (Status.CALLING, Status.EXPIRED, Status.CANCELLED),
        Status.CALLING: (Status.WAITING, Status.DONE, Status.EXPIRED, Status.CANCELLED),
    }

    entry = models.OneToOneField(QueueEntry, on_delete=models.CASCADE, related_name="callback")
    queue = models.ForeignKey("queues.Queue", on_delete=models.PROTECT, related_name="callbacks")
    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="callbacks", help_text="The call in which it was asked for."
    )
    number = E164Field(help_text="Where the caller wants to be called.")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    asked_at = models.DateTimeField(default=clock.now)
    promised_from = models.DateTimeField(null=True, blank=True, help_text="The window that the caller was told.")
    promised_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    fulfilled_by = models.ForeignKey(
        Call,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="fulfils",
        help_text="The call that did it.",
    )  # fmt: skip

    objects = CallbackQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "number"],
                name="one_open_callback_per_queue_and_number",
                condition=Q(status__in=["waiting", "calling"]),
            ),
            models.CheckConstraint(
                name="callback_over_has_an_end",
                condition=Q(status__in=["waiting", "calling"], ended_at__isnull=True)
                | (~Q(status__in=["waiting", "calling"]) & Q(ended_at__isnull=False)),
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def __str__(self) -> str:
        return f"Callback from {self.queue}: {self.get_status_display()}"


class CallbackTryQuerySet(TenantQuerySet):
    client_path = "callback__queue__client"

    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)


class CallbackTry(models.Model):
    """One time that a callback was dialled: written, with its number in the row, before the carrier is asked.

    Unique per callback and `n`, and one open per callback: two workers can never dial the same callback at once.
    """

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="tries")
    n = models.PositiveSmallIntegerField()
    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="callback_try")
    began_at = models.DateTimeField(default=clock.now)
    dialled_at = models.DateTimeField(
        null=True, blank=True, help_text="When the customer was dialled; only such tries count against the limit."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True)

    objects = CallbackTryQuerySet.as_manager()

    class Meta:
        ordering = ["callback", "n"]
        constraints = [
            models.UniqueConstraint(fields=["callback", "n"], name="callback_try_once"),
            models.UniqueConstraint(
                fields=["callback"], name="one_open_try_per_callback", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="callback_try_ends_after_it_began",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Try {self.n}"
