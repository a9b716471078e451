from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When

from apps.calls import state
from apps.calls.models import Call, Disposition, Leg
from apps.campaigns.models.campaign import Campaign
from apps.campaigns.models.contacts import Contact
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.operators.models import Operator


class TargetQuerySet(TenantQuerySet):
    client_path = "campaign__client"

    def waiting(self) -> Self:
        return self.filter(status=Target.Status.WAITING)

    def due(self, at: datetime) -> Self:
        """Whose turn it is at `at`, in order: promised times first, then as they were imported."""
        return self.waiting().filter(due_at__lte=at).order_by("due_at", "pk")


class Target(models.Model):
    """A contact of a campaign: whether, when and why it is dialled (again).

    waiting <-> calling; waiting | calling -> done | exhausted | skipped. `due_at` is the earliest moment of the next
    try; `why` says in words what the last decision was. `reserved_for` is set for a callback that was promised by name.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting"
        CALLING = "calling", "being called"
        DONE = "done", "reached"
        EXHAUSTED = "exhausted", "given up"
        SKIPPED = "skipped", "not to be called"

    OPEN = (Status.WAITING, Status.CALLING)
    NEXT = {
        Status.WAITING: (Status.CALLING, Status.DONE, Status.EXHAUSTED, Status.SKIPPED),
        Status.CALLING: (Status.WAITING, Status.DONE, Status.EXHAUSTED, Status.SKIPPED),
    }

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="targets")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="targets")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    due_at = models.DateTimeField(default=clock.now)
    reserved_for = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    last_outcome = models.CharField(max_length=10, blank=True)
    why = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["campaign", "due_at", "id"], name="target_due", condition=Q(status="waiting")),
            models.Index(fields=["campaign", "status"], name="target_campaign_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="contact_once_per_campaign"),
            models.CheckConstraint(
                name="target_over_has_an_end",
                condition=Q(status__in=["waiting", "calling"], ended_at__isnull=True)
                | (Q(status__in=["done", "exhausted", "skipped"]) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_status_display()}"


class AttemptQuerySet(TenantQuerySet):
    client_path = "campaign__client"

    def open(self) -> Self:
        """Those that hold a place: reserved, dialling, unknown, ringing or talking."""
        return self.filter(ended_at__isnull=True)

    def unanswered(self) -> Self:
        """Open, and nobody has picked up yet."""
        return self.open().filter(answered_at__isnull=True)

    def staged(self) -> Self:
        """With their `stage`, read off the customer's line."""
        sid, dialled = Q(leg__sid__isnull=False), Q(leg__dialed_at__isnull=False)
        return self.annotate(
            stage=Case(
                When(ended_at__isnull=False, then=Value(Attempt.Stage.OVER)),
                When(sid & Q(leg__status__in=state.FINAL), then=Value(Attempt.Stage.OVER)),
                When(sid & Q(leg__status=state.IN_PROGRESS), then=Value(Attempt.Stage.TALKING)),
                When(sid, then=Value(Attempt.Stage.PLACED)),
                When(leg__uncertain=True, then=Value(Attempt.Stage.UNKNOWN)),
                When(dialled, then=Value(Attempt.Stage.DIALLING)),
                default=Value(Attempt.Stage.RESERVED),
                output_field=models.CharField(),
            )
        )


class Attempt(PublicIdModel):
    """One try to reach a contact: written, with its call and line, before the carrier is asked.

    Unique per target and `n`, and one open per target: two processes can never dial the same contact at once, and the
    next try exists only after this one is proven over. What it is doing is read off its line (`stage`):
    reserved -> dialling -> placed -> talking -> over; dialling -> unknown -> placed | over.
    `counted`: a line was really dialled, so it counts against the caps (a carrier that refused it, did not).
    """

    class Stage(models.TextChoices):
        RESERVED = "reserved", "reserved"
        DIALLING = "dialling", "asking the carrier"
        UNKNOWN = "unknown", "unknown: finding out"
        PLACED = "placed", "ringing"
        TALKING = "talking", "talking"
        OVER = "over", "over"

    class Outcome(models.TextChoices):
        BUSY = "busy", "busy"
        NO_ANSWER = "no_answer", "no answer"
        MACHINE = "machine", "answering machine"
        ABANDONED = "abandoned", "nobody was free for them"
        FAILED = "failed", "the carrier could not reach it"
        REACHED = "reached", "reached"
        NOT_PLACED = "not_placed", "not dialled"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="attempts")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="attempts")
    n = models.PositiveSmallIntegerField()
    number = E164Field()
    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="campaign_attempt")
    leg = models.OneToOneField(Leg, on_delete=models.PROTECT, related_name="campaign_attempt")
    fence = models.PositiveBigIntegerField(help_text="Of the lease under which it was reserved.")
    began_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=40, blank=True, help_text="Who the carrier thinks it was.")
    connected_at = models.DateTimeField(null=True, blank=True, help_text="When an operator or a menu had them.")
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    counted = models.BooleanField(default=True)
    filed = models.ForeignKey(
        Disposition, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The disposition by which the next step was decided.",
    )  # fmt: skip

    promised_at = models.DateTimeField(null=True, blank=True, help_text="When the contact asked to be called again.")
    promised_to = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [
            models.Index(fields=["campaign"], name="attempt_open", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["number", "began_at"], name="attempt_number_began"),
            models.Index(fields=["campaign", "answered_at"], name="attempt_answered"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["target", "n"], name="attempt_once"),
            models.UniqueConstraint(
                fields=["target"], name="one_open_attempt_per_target", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="attempt_over_has_an_outcome",
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="attempt_ends_after_it_began",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Try {self.n}"


class PermissionQuerySet(TenantQuerySet):
    client_path = "campaign__client"


class Permission(models.Model):
    """The ledger: whether a contact might be called at a moment, and why. Written in the reserving transaction.

    `facts` are the inputs of the decision, in a form that a person can read.
    """

    class Verdict(models.TextChoices):
        ALLOWED = "allowed", "allowed"
        LATER = "later", "later"
        NEVER = "never", "never"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="permissions")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="permissions")
    attempt = models.OneToOneField(
        Attempt, null=True, blank=True, on_delete=models.CASCADE, related_name="permission"
    )  # fmt: skip
    at = models.DateTimeField(default=clock.now)
    number = E164Field(blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict)
    code = models.CharField(max_length=30, help_text="The reason as one word: do_not_call, outside_hours ...")
    sentence = models.CharField(max_length=300)
    until = models.DateTimeField(null=True, blank=True, help_text="When it is looked at again.")
    facts = models.JSONField(default=dict)

    objects = PermissionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["campaign", "at"], name="permission_campaign_at"),
            models.Index(fields=["number", "at"], name="permission_number_at"),
        ]
        constraints = [
            models.CheckConstraint(
                name="permission_verdict_known", condition=Q(verdict__in=["allowed", "later", "never"])
            ),
            models.CheckConstraint(
                name="permission_allows_an_attempt",
                condition=Q(verdict="allowed", attempt__isnull=False)
                | (~Q(verdict="allowed") & Q(attempt__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.sentence}"


class DoNotCallQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        """As for every tenant's rows, and those that hold for the whole house."""
        rows = super().visible_to(user)
        return rows if user.is_authenticated and user.sees_all else rows | self._of_the_house(user)

    def _of_the_house(self, user: User) -> Self:
        return self.filter(client__isnull=True) if user.is_authenticated else self.none()

    def standing_against(self, campaign: Campaign) -> Self:
        """Those that hold for calls of this campaign: the house's, the client's, its own."""
        return self.filter(
            Q(client__isnull=True)
            | Q(client=campaign.client_id, campaign__isnull=True)
            | Q(client=campaign.client_id, campaign=campaign)
        )


class DoNotCall(models.Model):
    """A number that is not dialled by campaigns: of the whole house, of a client, or of one campaign."""

    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.CASCADE, related_name="do_not_call",
        help_text="Empty: nobody of the house calls it.",
    )  # fmt: skip
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.CASCADE, related_name="do_not_call",
        help_text="Empty: no campaign of the client.",
    )  # fmt: skip
    number = E164Field()
    source = models.CharField(max_length=160, help_text="How we know: asked for in a call, a register, a letter.")
    at = models.DateTimeField(default=clock.now)

    objects = DoNotCallQuerySet.as_manager()

    class Meta:
        verbose_name = "do-not-call entry"
        verbose_name_plural = "do-not-call list"
        ordering = ["-at"]
        indexes = [models.Index(fields=["number"], name="do_not_call_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "campaign", "number"], name="do_not_call_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="do_not_call_campaign_has_a_client",
                condition=Q(campaign__isnull=True) | Q(client__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number
