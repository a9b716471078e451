from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.calls.models import Disposition
from apps.clients.models import Client
from apps.core.ids import uuid7
from apps.core.models import PublicIdModel, User
from apps.core.querysets import TenantQuerySet
from apps.core.sound_files import SoundField
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.operators.models import Operator
from apps.queues import wording


def new_music_name(queue: Queue, filename: str) -> str:
    """A name of ours: what a person called the file stays with them."""
    return f"music/{uuid7()}.{filename.rpartition('.')[2]}"


class QueueQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        rows = super().visible_to(user)
        if user.is_authenticated and not user.sees_all and not user.has_perm("queues.watch_board"):
            return rows.filter(memberships__operator__user=user).distinct()
        return rows

    def active(self) -> Self:
        return self.filter(active=True)


class Queue(PublicIdModel):
    """Callers who wait for one of its members."""

    class Strategy(models.TextChoices):
        LONGEST_IDLE = "longest_idle", "longest idle"
        ROUND_ROBIN = "round_robin", "round robin"
        FEWEST_CALLS = "fewest_calls", "fewest calls today"
        LEAST_ACTIVE = "least_active", "least time in calls today"
        RANDOM = "random", "at random"
        WEIGHTED = "weighted", "at random, by weight"
        LINEAR = "linear", "always in the same order"
        RING_ALL = "ring_all", "ring everybody at once"
        BEST_SKILL = "best_skill", "best at the required skills"

    class Prefer(models.TextChoices):
        NOBODY = "nobody", "nobody in particular"
        LAST = "last", "the operator who spoke with the caller last"
        OWN = "own", "the caller's own operator, else the last one"

    class AtClosing(models.TextChoices):
        SERVE = "serve", "serve those who wait still"
        PASS_ON = "pass_on", "pass them on like everybody who calls when closed"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="queues")
    destination = models.OneToOneField(Destination, on_delete=models.PROTECT, related_name="queue", editable=False)
    name = models.CharField(max_length=120)
    active = models.BooleanField(default=True)
    strategy = models.CharField(max_length=16, choices=Strategy, default=Strategy.LONGEST_IDLE)
    max_size = models.PositiveIntegerField(
        "places",
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="Callers waiting at most.",
    )
    max_wait_seconds = models.PositiveIntegerField(
        default=600,
        validators=[MinValueValidator(10), MaxValueValidator(7200)],
        help_text="After this the call is passed on.",
    )
    overflow = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where calls go when the queue is full or the wait too long; empty: an apology and good-bye.",
    )  # fmt: skip
    when_unstaffed = models.CharField(
        max_length=10,
        choices=[("wait", "wait in the queue"), ("overflow", "pass the call on")],
        default="wait",
        help_text="What happens while no member is signed in.",
    )
    schedule = models.ForeignKey(Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    when_closed = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Where calls go outside the schedule.",
    )  # fmt: skip
    at_closing = models.CharField(
        "at closing time",
        max_length=8,
        choices=AtClosing,
        default=AtClosing.SERVE,
        help_text="What happens to those who wait when the hours end, or when somebody closes now.",
    )
    priority = models.PositiveSmallIntegerField(
        default=5,
        validators=[MaxValueValidator(10)],
        help_text="0 to 10. Where an operator serves several queues, callers of the higher one come first.",
    )
    ageing_seconds = models.PositiveIntegerField(
        "one priority more each (seconds)", default=0, help_text="Waiting raises the priority; 0: it does not."
    )
    tier_wait_seconds = models.PositiveSmallIntegerField(
        "next tier after (seconds)",
        default=0,
        help_text="Members of tier 2 are asked only after a caller has waited so long, tier 3 after twice that. 0: as "
        "soon as nobody of a lower tier is free.",
    )
    prefer = models.CharField("ask first", max_length=8, choices=Prefer, default=Prefer.NOBODY)
    prefer_wait_seconds = models.PositiveSmallIntegerField(
        "and wait for them (seconds)", default=0, help_text="0: only if they are free at once."
    )
    missed_rest_seconds = models.PositiveSmallIntegerField(
        "rest after a missed call", default=15, help_text="An operator who did not answer is not asked for so long."
    )
    declined_rest_seconds = models.PositiveSmallIntegerField("rest after a declined call", default=5)
    break_after_misses = models.PositiveSmallIntegerField(
        "break after missed calls", default=3, help_text="So many in a row put an operator on a break. 0: never."
    )
    ring_seconds = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(5), MaxValueValidator(120)]
    )
    wrap_up_seconds = models.PositiveIntegerField(
        default=30, validators=[MaxValueValidator(3600)], help_text="0: available at once."
    )
    service_level_seconds = models.PositiveIntegerField(default=20)
    service_level_percent = models.PositiveSmallIntegerField(
        "service level wanted (%)", default=80, validators=[MaxValueValidator(100)]
    )
    short_abandon_seconds = models.PositiveIntegerField(
        default=5, help_text="Who gives up sooner is not counted as abandoned."
    )
    alert_wait_seconds = models.PositiveIntegerField(
        "somebody waits longer than (seconds)", default=120, help_text="0: no alert."
    )
    alert_waiting = models.PositiveSmallIntegerField("more wait than", default=5, help_text="0: no alert.")
    alert_abandoned_percent = models.PositiveSmallIntegerField(
        "more gave up today than (%)", default=15, validators=[MaxValueValidator(100)], help_text="0: no alert."
    )
    greeting = models.CharField(max_length=600, blank=True, help_text="Spoken once when a caller joins.")
    announce_position = models.BooleanField(default=True)
    announce_expected_wait = models.BooleanField(default=True)
    announce_every_seconds = models.PositiveSmallIntegerField(default=45, validators=[MinValueValidator(15)])
    comfort_message = models.CharField(
        max_length=600, blank=True, default="Thank you for waiting. Somebody will be with you soon."
    )
    music = SoundField(
        upload_to=new_music_name,
        blank=True,
        max_length=120,
        help_text="WAV or MP3, up to 10 MB and 20 minutes; empty: the music of the house.",
    )
    music_seconds = models.PositiveSmallIntegerField(default=0, editable=False)
    music_digest = models.CharField(max_length=16, blank=True, editable=False)
    callback_first = models.CharField(
        "a callback rings first",
        max_length=8,
        choices=[("operator", "the operator"), ("customer", "the customer")],
        default="operator",
    )
    callback_tries = models.PositiveSmallIntegerField(
        "tries", default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    callback_retry_seconds = models.PositiveIntegerField(
        "next try after", default=900, validators=[MinValueValidator(60)]
    )
    callback_expires_seconds = models.PositiveIntegerField(
        "given up after", default=86400, validators=[MinValueValidator(600)]
    )
    callback_schedule = models.ForeignKey(
        Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name="callbacks between", help_text="Empty: the hours of the queue, else 08:00 to 21:00.",
    )  # fmt: skip
    dispositions = models.ManyToManyField(Disposition, blank=True, related_name="queues")
    disposition_required = models.BooleanField(default=False)
    wrap_up_until_released = models.BooleanField(
        "wrap-up until released", default=False, help_text="The operator says when it is over; no time ends it."
    )
    form = models.TextField(
        "fields to fill in", max_length=2000, blank=True, validators=[wording.check_fields],
        help_text="One a line. A star: must be filled in. After a colon: the answers to choose from.",
    )  # fmt: skip
    script = models.TextField(
        max_length=8000, blank=True, validators=[wording.check_places],
        help_text="Shown at the desk. {name}, {company}, {number}, {queue}, {operator} are filled in.",
    )  # fmt: skip
    pop_address = models.CharField(
        "address of another system", max_length=500, blank=True, validators=[wording.check_address],
        help_text="Opened from the desk, with fields filled in: https://crm.example.com/?phone={number}.",
    )  # fmt: skip
    members = models.ManyToManyField(Operator, through="Membership", related_name="queues")

    objects = QueueQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("watch_board", "Can watch the live board")]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="queue_once_per_client")]

    def __str__(self) -> str:
        return self.name

    @property
    def music_path(self) -> str:
        """Where people hear the music, on this site; "" for the music of the house. The carrier has an address of its
        own."""
        return reverse("queue-music", args=[self.public_id]) if self.music else ""


class QueueChildQuerySet(TenantQuerySet):
    client_path = "queue__client"


class Choice(models.Model):
    """A key that a waiting caller may press: to be called back, or to go elsewhere (`destination`)."""

    class Action(models.TextChoices):
        CALLBACK = "callback", "be called back and keep the place"
        GO = "go", "go elsewhere"

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="choices")
    key = models.CharField(max_length=1, validators=[RegexValidator(r"^[0-9]$", "One digit, 0 to 9.")])
    action = models.CharField(max_length=8, choices=Action, default=Action.CALLBACK)
    destination = models.ForeignKey(Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = QueueChildQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["queue", "key"], name="choice_once_per_key"),
            models.CheckConstraint(
                name="choice_goes_where_it_says",
                condition=Q(action="callback", destination__isnull=True) | Q(action="go", destination__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.destination or self.get_action_display()}"
