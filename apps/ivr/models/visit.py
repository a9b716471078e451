"""A call's way through a voice menu."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from apps.calls.models import Call
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.ivr.models.flow import Flow, FlowVersion


class VisitQuerySet(TenantQuerySet):
    client_path = "flow__client"

    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def orphaned(self) -> Self:
        """Open, though the call is over."""
        return self.open().filter(call__status=Call.Status.OVER)


class Visit(PublicIdModel):
    """A call's way through one version of a flow: where it stands, what it knows, and the steps until now."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="visits")
    version = models.ForeignKey(FlowVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="visits")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="visits")
    node = models.CharField(max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    pending = models.CharField(max_length=64, blank=True, help_text="Digits that wait to be confirmed.")
    answers = models.PositiveSmallIntegerField(default=0)
    variables = models.JSONField(default=dict)
    path = models.JSONField(default=list, help_text="The steps in order: node, key, what came of it.")
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=160, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["call"], name="one_open_visit_per_call", condition=Q(ended_at__isnull=True))
        ]
        indexes = [models.Index(fields=["flow", "started_at"], name="visit_flow_started")]

    def __str__(self) -> str:
        return f"{self.flow} {clock.local(self.started_at):%H:%M}"
