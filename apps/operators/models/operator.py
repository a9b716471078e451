from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, Value, When

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.hours.models import Schedule


class Team(PublicIdModel):
    """Operators who work together under one supervisor."""

    class Listening(models.TextChoices):
        SEEN = "seen", "supervisors may, and the operator sees who does"
        UNSEEN = "unseen", "supervisors may, and only they see who does"
        NOBODY = "nobody", "nobody may; who comes in is heard by all"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)
    supervisors = models.ManyToManyField(User, blank=True, related_name="supervised_teams")
    listening = models.CharField(
        "listening in", max_length=8, choices=Listening, default=Listening.SEEN,
        help_text="Who may listen to conversations of this team, and whisper in them. See to what the law asks for.",
    )  # fmt: skip

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="team_once_per_client"),
            models.CheckConstraint(
                name="team_listening_known", condition=Q(listening__in=["seen", "unseen", "nobody"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SkillQuerySet(TenantQuerySet):
    def with_operators(self) -> Self:
        """With those who have the skill, the best first."""
        rows = OperatorSkill.objects.select_related("operator__user").order_by("-level", "operator__user__first_name")
        return self.prefetch_related(Prefetch("operator_skills", rows))


class Skill(PublicIdModel):
    """Something an operator can do: a language, a product."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="skills")
    name = models.CharField(max_length=60)

    objects = SkillQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="skill_once_per_client")]

    def __str__(self) -> str:
        return self.name


class BreakReason(PublicIdModel):
    """Why an operator is away: lunch, coaching. `limit_seconds` is how long it should last, 0 for no limit."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="break_reasons")
    name = models.CharField(max_length=60)
    limit_seconds = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="break_reason_once_per_client")]

    def __str__(self) -> str:
        return self.name


def can_ring(operator: str = "") -> Q:
    """Whose desk can ring, or whose fallback phone can; `operator` is the way there from the rows asked for."""
    way = f"{operator}__" if operator else ""
    return Q(**{f"{way}unreachable_since__isnull": True}) | ~Q(**{f"{way}fallback_phone": ""})


class OperatorQuerySet(TenantQuerySet):
    client_path = "team__client"

    def busy(self) -> Self:
        return self.filter(Exists(Engagement.objects.open().filter(operator=OuterRef("pk"))))

    def idle(self) -> Self:
        """Without an open engagement: nothing holds them."""
        return self.without(Engagement.objects.open())

    def without(self, rows: models.QuerySet) -> Self:
        """Who has none of `rows`, which have an operator.

        Within CASE, because the planner would make a join of it otherwise; one that was planned in a quiet hour
        compares everybody with all of `rows` when many are busy.
        """
        theirs = Exists(rows.filter(operator=OuterRef("pk")))
        return self.filter(Case(When(theirs, then=Value(False)), default=Value(True)))

    def signed_in(self) -> Self:
        return self.exclude(presence=Operator.Presence.OFFLINE)

    def ready(self) -> Self:
        """Available, to be rung and idle: may be offered a call."""
        return self.there().idle()

    def there(self) -> Self:
        """Available, with a desk or a fallback phone that can ring."""
        return self.filter(can_ring(), presence=Operator.Presence.AVAILABLE)


class Operator(PublicIdModel):
    """Somebody who takes calls.

    Presence is what the operator chose: offline -> available <-> on_break -> offline (every move is legal; leaving for
    `offline` ends a wrap-up). Being busy is not a presence: it is an open `Engagement`. `unreachable_since` is set
    while the desk cannot ring.
    """

    class Presence(models.TextChoices):
        OFFLINE = "offline", "offline"
        AVAILABLE = "available", "available"
        ON_BREAK = "on_break", "on a break"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="operator")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="operators")
    extension = models.CharField(
        max_length=8, blank=True, validators=[RegexValidator(r"^\d{2,8}$", "An extension is 2 to 8 digits.")]
    )
    fallback_phone = E164Field(blank=True, help_text="Rung when the desk cannot ring.")
    caller_id = E164Field("caller id", blank=True, help_text="Shown on calls from the desk; empty: the client's.")
    presence = models.CharField(max_length=12, choices=Presence, default=Presence.OFFLINE)
    presence_since = models.DateTimeField(default=clock.now)
    break_reason = models.ForeignKey(BreakReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unreachable_since = models.DateTimeField(null=True, blank=True)
    unreachable_why = models.CharField(max_length=200, blank=True, help_text="In words, for the desk and the board.")
    help_since = models.DateTimeField(null=True, blank=True, help_text="Since when they wait for a supervisor's help.")
    help_note = models.CharField(max_length=200, blank=True)
    favourites = models.ManyToManyField("self", symmetrical=False, blank=True, editable=False)
    idle_since = models.DateTimeField(default=clock.now, help_text="When the last engagement ended, or the sign-in.")
    shift = models.ForeignKey(
        Schedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="When this operator is planned to work; adherence is measured against it. Leave breaks as gaps.",
    )  # fmt: skip

    objects = OperatorQuerySet.as_manager()

    class Meta:
        ordering = ["user__first_name", "user__username"]
        permissions = [("supervise_operator", "Can change an operator's presence and engagements")]
        indexes = [models.Index(fields=["idle_since"], name="operator_idle", condition=Q(presence="available"))]
        constraints = [
            models.CheckConstraint(
                name="operator_presence_known", condition=Q(presence__in=["offline", "available", "on_break"])
            ),
            models.UniqueConstraint(
                fields=["team", "extension"], name="extension_once_per_team", condition=~Q(extension="")
            ),
        ]

    def __str__(self) -> str:
        return self.user.display_name

    @property
    def identity(self) -> str:
        """The name of the operator's device at the carrier: "op_" and the key."""
        return f"op_{self.pk}"

    @property
    def can_be_rung(self) -> bool:
        """As `can_ring` for rows."""
        return self.unreachable_since is None or bool(self.fallback_phone)

    @property
    def ring_address(self) -> str:
        """Where a call rings this operator now: at the desk, or at the fallback phone while the desk cannot ring."""
        at_the_phone = self.unreachable_since is not None and self.fallback_phone
        return self.fallback_phone if at_the_phone else f"client:{self.identity}"


class PresenceSpanQuerySet(TenantQuerySet):
    client_path = "operator__team__client"

    def visible_to(self, user: User) -> Self:
        """As for every tenant's rows; who is an operator and nothing more sees their own."""
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("queues.watch_board"):
            return rows.filter(operator__user=user)
        return rows

    def open(self) -> Self:
        return self.filter(until__isnull=True)

    def beyond(self, at: datetime) -> Self:
        """Longer, at `at`, than the reason of the break allows."""
        second = Value(timedelta(seconds=1), models.DurationField())
        allowed = ExpressionWrapper(F("break_reason__limit_seconds") * second, output_field=models.DurationField())
        ends = ExpressionWrapper(F("since") + allowed, output_field=models.DateTimeField())
        return self.filter(break_reason__limit_seconds__gt=0).alias(ends=ends).filter(ends__lt=at)


class PresenceSpan(models.Model):
    """An operator was `presence` from `since` to `until` (empty: still is). The spans of an operator follow each other.

    Written with each change of presence, in its transaction; the newest, open one says the same as the operator's row.
    """

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="presence_spans")
    presence = models.CharField(max_length=12, choices=Operator.Presence)
    break_reason = models.ForeignKey(BreakReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = PresenceSpanQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["operator", "since"], name="presence_operator_since")]
        constraints = [
            models.UniqueConstraint(
                fields=["operator"], name="one_open_presence_per_operator", condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="presence_ends_after_it_began", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(
                name="presence_span_known", condition=Q(presence__in=["offline", "available", "on_break"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.get_presence_display()}"


class OperatorSkillQuerySet(TenantQuerySet):
    client_path = "operator__team__client"


class OperatorSkill(models.Model):
    """How well (1 to 10) an operator has a skill."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="operator_skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="operator_skills")
    level = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1), MaxValueValidator(10)])

    objects = OperatorSkillQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator", "skill"], name="skill_once_per_operator")]

    def __str__(self) -> str:
        return f"{self.skill} {self.level}"


class EngagementQuerySet(TenantQuerySet):
    client_path = "operator__team__client"

    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def due(self, at: datetime) -> Self:
        """Open and past their time (wrap-ups that have run out)."""
        return self.open().filter(due_at__lte=at)


class Engagement(models.Model):
    """What holds an operator now. Busy = an open row exists; at most one per operator, by constraint."""

    class Purpose(models.TextChoices):
        OFFER = "offer", "a call from a queue"
        DESK_CALL = "desk_call", "a call from the desk"
        CONSULT = "consult", "a call of a colleague"
        MONITORING = "monitoring", "listening in"
        PREVIEW = "preview", "looking at a contact"
        WRAP_UP = "wrap_up", "wrap-up"

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="engagements")
    purpose = models.CharField(max_length=12, choices=Purpose)
    since = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it ends by itself (wrap-up).")
    ended_at = models.DateTimeField(null=True, blank=True)
    call_ref = models.UUIDField(null=True, blank=True)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering = ["-since"]
        indexes = [models.Index(fields=["operator", "since"], name="engagement_operator_since")]
        constraints = [
            models.UniqueConstraint(
                fields=["operator"], name="one_open_engagement_per_operator", condition=Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.get_purpose_display()}"
