"""Who takes the calls of a queue: its members, the skills it asks for, and whose own operator somebody is."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.core.querysets import TenantQuerySet
from apps.operators.models import Operator, Skill
from apps.people.models import Person
from apps.queues.models.queue import Queue, QueueChildQuerySet


class Membership(models.Model):
    """An operator serves a queue.

    `tier`, `weight` and `position` matter to the strategies that ask for them. `last_offered_at` is the round robin's
    memory; `rests_until` the back-off after a missed or declined call of this queue (`rests_after`).
    """

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="memberships")
    active = models.BooleanField(default=True)
    tier = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(9)], help_text="Lower tiers are asked first."
    )
    weight = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1), MaxValueValidator(100)])
    position = models.PositiveSmallIntegerField("order", default=0)
    last_offered_at = models.DateTimeField(null=True, blank=True, editable=False)
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)
    rests_after = models.CharField(
        max_length=8, blank=True, editable=False, choices=[("missed", "a missed call"), ("declined", "a declined call")]
    )

    objects = QueueChildQuerySet.as_manager()

    class Meta:
        ordering = ["queue", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["queue", "operator"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.operator} in {self.queue}"


class SkillRequirement(models.Model):
    """Who takes the queue's calls must have `skill`, at `level` (1 to 10) or better."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="requirements")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="requirements")
    level = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1), MaxValueValidator(10)])

    objects = QueueChildQuerySet.as_manager()

    class Meta:
        ordering = ["skill__name"]
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="requirement_once_per_queue")]

    def __str__(self) -> str:
        return f"{self.queue}: {self.skill} {self.level}"


class SkillRelaxation(models.Model):
    """A caller who has waited `after_seconds` is content with `level` in each required skill; 0: with anybody."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="relaxations")
    after_seconds = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    level = models.PositiveSmallIntegerField(validators=[MaxValueValidator(9)], help_text="0: anybody.")

    objects = QueueChildQuerySet.as_manager()

    class Meta:
        ordering = ["after_seconds"]
        constraints = [models.UniqueConstraint(fields=["queue", "after_seconds"], name="relaxation_once_per_second")]

    def __str__(self) -> str:
        return f"after {self.after_seconds} s: {f'level {self.level}' if self.level else 'anybody'}"


class OwnOperatorQuerySet(TenantQuerySet):
    client_path = "person__client"


class OwnOperator(models.Model):
    """The operator whom a person should speak with, where a queue prefers that."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="own_operator")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="own_people")

    objects = OwnOperatorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.operator} for {self.person}"
