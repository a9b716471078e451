from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q

from apps.calls.models import Call
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.routing import truth, wording


class RuleQuerySet(TenantQuerySet):
    def trying(self, client: Client) -> Self:
        """The rules that decide about the client's calls, in their order, with all that deciding needs."""
        return self.filter(client=client, active=True).complete()

    def complete(self) -> Self:
        """With all that trying and showing a rule needs."""
        return self.select_related("client", "destination", "fallback").prefetch_related("groups__conditions")


class Match(models.TextChoices):
    ALL = truth.ALL, "all"
    ANY = truth.ANY, "any"


class Rule(PublicIdModel):
    """If its groups hold (all or any of them), a call goes to its destination. Rules are tried in order of `position`.

    The fallback is for the moments at which the destination takes no calls: switched off, or a queue that is full,
    closed or without anybody.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="rules")
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField("on", default=True)
    match = models.CharField("groups that must hold", max_length=3, choices=Match, default=Match.ALL)
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")
    fallback = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where the call goes while the destination is switched off, or is a queue that is full, closed or "
        "unstaffed.",
    )  # fmt: skip

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="rule_once_per_client")]

    def __str__(self) -> str:
        return self.name

    @property
    def group_views(self) -> tuple[truth.GroupView, ...]:
        """The groups as the engine sees them; uses what was prefetched."""
        return tuple(group.view for group in self.groups.all())


class ConditionGroupQuerySet(TenantQuerySet):
    client_path = "rule__client"


class ConditionGroup(models.Model):
    """Conditions of a rule of which all must hold, or any."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="groups")
    match = models.CharField(max_length=3, choices=Match, default=Match.ALL)

    objects = ConditionGroupQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return wording.group_asks(self.view)

    @property
    def view(self) -> truth.GroupView:
        """The group as the engine sees it."""
        return truth.GroupView(tuple(condition.view for condition in self.conditions.all()), self.match)


class ConditionQuerySet(TenantQuerySet):
    client_path = "group__rule__client"


class Condition(models.Model):
    """One thing that must hold for its group. `value` is read according to `subject` (checked on saving).

    What is counted or timed is compared with `number`: at least so much, or less than that when `negated`.
    """

    class Subject(models.TextChoices):
        NUMBER = truth.NUMBER, "the number called"
        CALLER = truth.CALLER, "the caller's number"
        CALLER_PREFIX = truth.CALLER_PREFIX, "the beginning of the caller's number"
        COUNTRY = truth.COUNTRY, "the caller's country"
        KNOWN_CALLER = truth.KNOWN_CALLER, "the caller is known"
        CALLER_TAG = truth.CALLER_TAG, "the caller's tags"
        CALLER_LIST = truth.CALLER_LIST, "the caller's lists"
        LANGUAGE = truth.LANGUAGE, "the language"
        CALLED_BEFORE = truth.CALLED_BEFORE, "the caller has called before"
        SINCE_LAST_CALL = truth.SINCE_LAST_CALL, "minutes since the caller's last call"
        OPEN = truth.OPEN, "opening hours"
        HOLIDAY = truth.HOLIDAY, "holidays"
        DIGITS = truth.DIGITS, "the keys pressed in menus"
        DIGITS_PREFIX = truth.DIGITS_PREFIX, "the first keys pressed in menus"
        QUEUE_WAITING = truth.QUEUE_WAITING, "callers waiting in a queue"
        QUEUE_LONGEST_WAIT = truth.QUEUE_LONGEST_WAIT, "longest wait in a queue"
        QUEUE_FREE = truth.QUEUE_FREE, "free operators of a queue"
        SKILL_AVAILABLE = truth.SKILL_AVAILABLE, "free operators with a skill"

    group = models.ForeignKey(ConditionGroup, on_delete=models.CASCADE, related_name="conditions")
    subject = models.CharField(max_length=24, choices=Subject)
    negated = models.BooleanField(
        "not", default=False, help_text="Must not hold; of what is counted: less than the number instead of at least."
    )
    value = models.CharField(
        max_length=160, blank=True,
        help_text="A number, a prefix, a country, or the name of a tag, list, schedule, queue or skill.",
    )  # fmt: skip
    number = models.PositiveIntegerField(
        null=True, blank=True, help_text="What is counted is compared with it: callers, operators, minutes, seconds."
    )

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return wording.asks(self.view)

    @property
    def view(self) -> truth.ConditionView:
        """The condition as the engine sees it."""
        return truth.ConditionView(self.subject, self.value, self.negated, self.number)


class DecisionQuerySet(TenantQuerySet):
    client_path = "call__client"

    def latest(self) -> Self:
        """The last decision about each call, with `nothing_matched`: rules were tried, and none matched."""
        last = Q(rule=None, **{"tried__-1__matched": False})
        rows = self.order_by("call_id", "-at", "-pk").distinct("call_id")
        return rows.annotate(nothing_matched=ExpressionWrapper(last, BooleanField()))


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
        indexes = [models.Index(fields=["at"], name="decision_at")]

    def __str__(self) -> str:
        return self.sentence
