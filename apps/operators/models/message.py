from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Count, Q

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.querysets import TenantQuerySet
from apps.operators.models.operator import Operator


class OperatorMessageQuerySet(TenantQuerySet):
    def counted(self) -> Self:
        """With how many it went to (`copies_total`), and how many of them have read it (`copies_read`)."""
        read = Count("copies", filter=Q(copies__read_at__isnull=False))
        return self.annotate(copies_total=Count("copies"), copies_read=read)


class OperatorMessage(PublicIdModel):
    """What a supervisor wrote to operators; each has a copy that stays on the desk until it is read."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="operator_messages")
    text = models.CharField(max_length=500)
    to = models.CharField(max_length=200, help_text="Whom it was for, in words.")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(default=clock.now)

    objects = OperatorMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = "message to operators"
        verbose_name_plural = "messages to operators"

    def __str__(self) -> str:
        return f"To {self.to}: {self.text[:40]}"


class MessageCopyQuerySet(TenantQuerySet):
    client_path = "message__client"

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class MessageCopy(models.Model):
    """A message as one operator has it: on the desk from the sending to `read_at`."""

    message = models.ForeignKey(OperatorMessage, on_delete=models.CASCADE, related_name="copies")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="messages")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = MessageCopyQuerySet.as_manager()

    class Meta:
        ordering = ["message", "pk"]
        constraints = [models.UniqueConstraint(fields=["message", "operator"], name="one_copy_per_operator")]
        indexes = [models.Index(fields=["operator"], name="copy_unread", condition=Q(read_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.operator}: {self.message}"
