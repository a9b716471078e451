from __future__ import annotations

from datetime import time
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q

from apps.calls.models import Disposition
from apps.campaigns.models.contacts import ContactList
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.queues.models import Queue


class CampaignQuerySet(TenantQuerySet):
    def running(self) -> Self:
        return self.filter(status=Campaign.Status.RUNNING)

    def unfinished(self) -> Self:
        """Those that run, or could."""
        return self.filter(status__in=[Campaign.Status.RUNNING, Campaign.Status.PAUSED, Campaign.Status.DRAFT])


class Campaign(PublicIdModel):
    """A list of contacts dialled for one purpose.

    draft -> running <-> paused -> completed | cancelled; running -> completed | cancelled; draft -> cancelled.

    Who dials holds the lease: `owner` until `lease_until` by the database's clock, and every reservation names `fence`,
    which grows with each change of owner, so that a process that slept through its lease writes nothing.
    Position and totals are not kept: they are counted from `Target` and `Attempt`.
    """

    class Mode(models.TextChoices):
        PREVIEW = "preview", "preview: an operator looks at each contact, then calls"
        PROGRESSIVE = "progressive", "progressive: one call per free operator"
        POWER = "power", "power: a fixed number of calls per free operator"
        PREDICTIVE = "predictive", "predictive: as many as the limit of abandoned calls allows"
        AGENTLESS = "agentless", "agentless: a menu, a message or a bot"

    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        RUNNING = "running", "running"
        PAUSED = "paused", "paused"
        COMPLETED = "completed", "completed"
        CANCELLED = "cancelled", "cancelled"

    class Machine(models.TextChoices):
        OFF = "off", "do not detect: whoever answers is a person"
        HANG_UP = "hang_up", "hang up"
        MESSAGE = "message", "wait for the beep and leave a message"
        PASS_ON = "pass_on", "pass on like a person"

    NEXT = {
        Status.DRAFT: (Status.RUNNING, Status.CANCELLED),
        Status.RUNNING: (Status.PAUSED, Status.COMPLETED, Status.CANCELLED),
        Status.PAUSED: (Status.RUNNING, Status.COMPLETED, Status.CANCELLED),
        Status.COMPLETED: (Status.RUNNING,),
        Status.CANCELLED: (),
    }
    WITH_OPERATORS = (Mode.PREVIEW, Mode.PROGRESSIVE, Mode.POWER, Mode.PREDICTIVE)

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120)
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.PROGRESSIVE)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    contact_list = models.ForeignKey(ContactList, on_delete=models.PROTECT, related_name="campaigns")
    queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns",
        help_text="Whose operators talk with the contacts. Not for agentless campaigns.",
    )  # fmt: skip
    destination = models.ForeignKey(
        Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns",
        help_text="Where an agentless campaign sends whoever answers: a menu, a message, a bot's number.",
    )  # fmt: skip
    caller_id = E164Field("caller id", blank=True, help_text="One of the client's numbers; empty: the client's own.")
    max_concurrent_calls = models.PositiveIntegerField(
        "calls at once", default=5, validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text="Of this campaign; the limits of the client and of the house hold as well.",
    )  # fmt: skip
    lines_per_operator = models.DecimalField(
        max_digits=3, decimal_places=1, default=1.5, validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="Power mode: calls per free operator.",
    )  # fmt: skip
    pause_seconds = models.DecimalField(
        "pause between calls", max_digits=5, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text="Seconds. Empty: what SUBSEQUENT_CALL_WAIT says for agentless campaigns, none for those with "
        "operators.",
    )  # fmt: skip
    preview_seconds = models.PositiveSmallIntegerField(
        "time to look", default=30, validators=[MinValueValidator(5), MaxValueValidator(600)],
        help_text="Preview mode: seconds until the desk dials by itself.",
    )  # fmt: skip
    preview_skips = models.PositiveSmallIntegerField(
        "may be passed over", default=2, validators=[MaxValueValidator(20)],
        help_text="Preview mode: how often operators may pass over the same contact; 0: never.",
    )  # fmt: skip
    bot_warmup_url = models.CharField(
        "wake-up address", max_length=200, blank=True, validators=[URLValidator(["http", "https"])],
        help_text="Agentless, with a bot: asked before calls are made, until it answers. Empty: BOT_WARMUP_URL.",
    )  # fmt: skip
    bot_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    bot_ask_at = models.DateTimeField(null=True, editable=False)
    bot_awake_until = models.DateTimeField(null=True, editable=False)
    ring_seconds = models.PositiveSmallIntegerField(
        default=25, validators=[MinValueValidator(15), MaxValueValidator(120)],
        help_text="How long a phone rings; at least 15 seconds, as the rules for telemarketing ask.",
    )  # fmt: skip

    schedule = models.ForeignKey(
        Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns",
        help_text="Days and hours, read by the contact's own clock. Empty: every day in the hours below.",
    )  # fmt: skip
    call_from = models.TimeField(default=time(8), help_text="Nobody is called earlier, by their own clock.")
    call_until = models.TimeField(default=time(21), help_text="Nor later.")
    needs_consent = models.BooleanField(default=False, help_text="Call only who has agreed to be called.")
    most_tries = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(50)], help_text="Per contact, in all."
    )
    most_tries_per_day = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="Per contact and per number in one day of theirs, over all campaigns of the client.",
    )  # fmt: skip
    retry_seconds = models.PositiveIntegerField(
        default=7200, validators=[MinValueValidator(60)], help_text="Until the next try, where no rule says otherwise."
    )

    machine = models.CharField(
        "an answering machine", max_length=8, choices=Machine, default=Machine.OFF, help_text="What is done about it."
    )
    machine_message = models.TextField(blank=True, help_text="What is said after the beep.")
    abandoned_percent = models.DecimalField(
        "abandoned at most", max_digits=4, decimal_places=1, default=3,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Percent of the answered calls of the window. 0: nobody is dialled without a reserved operator.",
    )  # fmt: skip
    abandoned_window_days = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    nobody_free_seconds = models.PositiveSmallIntegerField(
        default=2, validators=[MaxValueValidator(60)],
        help_text="Who answered and has no operator after so long hears the message below, and is let go.",
    )  # fmt: skip
    nobody_free_message = models.TextField(
        default="Hello, this was a call from {client}. We are sorry, nobody is free to talk to you right now. "
        "To be taken off our list, call us at {number}. Good-bye.",
        help_text="{client} and {number} are filled in.",
    )  # fmt: skip

    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="owner"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resumed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=120, blank=True, help_text="The process that dials now.")
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="By the database's clock.")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(
        null=True, blank=True, help_text="The carrier was too busy or failed: nothing is dialled before."
    )
    look_again_at = models.DateTimeField(
        null=True, blank=True, help_text="Every line was in use: looked at again then, or when a call ends."
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        permissions = [("run_campaign", "Can start, pause and cancel a campaign")]
        indexes = [models.Index(fields=["client", "status"], name="campaign_client_status")]
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="campaign_once_per_client"),
            models.CheckConstraint(
                name="campaign_status_known",
                condition=Q(status__in=["draft", "running", "paused", "completed", "cancelled"]),
            ),
            models.CheckConstraint(name="campaign_window_is_one", condition=Q(call_until__gt=F("call_from"))),
            models.CheckConstraint(name="campaign_may_dial_one", condition=Q(max_concurrent_calls__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class RetryRuleQuerySet(TenantQuerySet):
    client_path = "campaign__client"


class RetryRule(models.Model):
    """What follows an attempt that ended with `outcome`, or was filed under `disposition` (which counts more).

    `after_seconds` empty: no further try. `most_tries` limits the tries with this end; 0: only the campaign's limit.
    """

    class Outcome(models.TextChoices):
        BUSY = "busy", "busy"
        NO_ANSWER = "no_answer", "no answer"
        MACHINE = "machine", "answering machine"
        ABANDONED = "abandoned", "nobody was free for them"
        FAILED = "failed", "the carrier could not reach it"
        REACHED = "reached", "reached"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="retry_rules")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    disposition = models.ForeignKey(Disposition, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    after_seconds = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(60)],
        help_text="At least a minute. Empty: no further try.",
    )  # fmt: skip
    most_tries = models.PositiveSmallIntegerField(default=0, help_text="With this end; 0: the campaign's limit only.")
    add_to_do_not_call = models.BooleanField(default=False, help_text="The number is never called again.")

    objects = RetryRuleQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "outcome"], name="one_rule_per_outcome", condition=~Q(outcome="")
            ),
            models.UniqueConstraint(
                fields=["campaign", "disposition"], name="one_rule_per_disposition",
                condition=Q(disposition__isnull=False),
            ),
            models.CheckConstraint(
                name="retry_rule_is_about_one_thing",
                condition=(Q(outcome="") & Q(disposition__isnull=False))
                | (~Q(outcome="") & Q(disposition__isnull=True)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"After “{self.disposition or self.get_outcome_display()}”"
