from __future__ import annotations

from typing import Self

from django.db import models

from apps.calls.models import Call
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.routing import engine


class RuleQuerySet(TenantQuerySet):
    def trying(self, client: Client) -> Self:
        """The rules that decide about the client's calls, in their order, with all that deciding needs."""
        return self.filter(client=client, active=True).select_related("destination").prefetch_related("conditions")


class Rule(PublicIdModel):
    """If all its conditions hold, a call goes to its destination. Rules are tried in order of `position`."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="rules")
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="rule_once_per_client")]

    def __str__(self) -> str:
        return self.name


class ConditionQuerySet(TenantQuerySet):
    client_path = "rule__client"


class Condition(models.Model):
    """One thing that must hold for its rule. `value` is read according to `subject` (checked on saving)."""

    class Subject(models.TextChoices):
        NUMBER = "number", "the number called"
        CALLER = "caller", "the caller's number"
        CALLER_PREFIX = "caller_prefix", "the caller's number begins with"
        CALLER_TAG = "caller_tag", "the caller has the tag"
        CALLER_LIST = "caller_list", "the caller is on the list"
        KNOWN_CALLER = "known_caller", "the caller is known (yes or no)"
        OPEN = "open", "the schedule is open"

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="conditions")
    subject = models.CharField(max_length=16, choices=Subject)
    negated = models.BooleanField("not", default=False)
    value = models.CharField(max_length=160, help_text="A number, a prefix, or the name of a tag, list or schedule.")

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return engine.asks(self.view)

    @property
    def view(self) -> engine.ConditionView:
        """The condition as the engine sees it."""
        return engine.ConditionView(self.subject, self.value, self.negated)


class DecisionQuerySet(TenantQuerySet):
    client_path = "call__client"


class Decision(PublicIdModel):
    """Why a call went where it went: the facts, the rules tried, the conditions that failed. Can be replayed."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="decisions")
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    destination = models.ForeignKey(Destination, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sentence = models.CharField(max_length=500)
    facts = models.JSONField(default=dict)
    tried = models.JSONField(default=list)
    at = models.DateTimeField(default=clock.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.sentence
