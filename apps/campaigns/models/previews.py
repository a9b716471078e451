from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from apps.calls.models import Call
from apps.campaigns.models.dialling import Target
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.operators.models import Engagement, Operator


class PreviewQuerySet(TenantQuerySet):
    client_path = "target__campaign__client"

    def showing(self) -> Self:
        return self.filter(status=Preview.Status.SHOWING)

    def overdue(self, at: datetime) -> Self:
        """Shown for so long that nobody can be looking at it any more."""
        return self.showing().filter(expires_at__lt=at)


class Preview(PublicIdModel):
    """A contact that an operator looks at before it is called: showing -> called | skipped | expired.

    While it is shown the contact is nobody else's and the operator is not free for others (`engagement`). At `due_at`
    the desk dials by itself; `expires_at` is when a desk that fell silent loses the contact.
    """

    class Status(models.TextChoices):
        SHOWING = "showing", "being looked at"
        CALLED = "called", "called"
        SKIPPED = "skipped", "skipped"
        EXPIRED = "expired", "not decided in time"

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="previews")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="previews")
    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="preview")
    number = models.CharField(max_length=16, help_text="Which would be dialled.")
    status = models.CharField(max_length=8, choices=Status, default=Status.SHOWING)
    shown_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    call = models.OneToOneField(Call, null=True, blank=True, on_delete=models.PROTECT, related_name="preview")
    why = models.CharField(max_length=200, blank=True, help_text="Why it was skipped.")

    objects = PreviewQuerySet.as_manager()

    class Meta:
        ordering = ["-shown_at"]
        indexes = [models.Index(fields=["expires_at"], name="preview_expires", condition=Q(status="showing"))]
        constraints = [
            models.UniqueConstraint(
                fields=["target"], name="one_looks_at_a_target", condition=Q(status="showing")
            ),
            models.UniqueConstraint(
                fields=["operator"], name="one_preview_per_operator", condition=Q(status="showing")
            ),
            models.CheckConstraint(
                name="preview_called_has_a_call",
                condition=Q(status="called", call__isnull=False) | (~Q(status="called") & Q(call__isnull=True)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.target.contact} for {self.operator}"
