from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse

from apps.calls.models import Call
from apps.clients.models import Client
from apps.core import clock
from apps.core.ids import uuid7
from apps.core.models import PublicIdModel, User
from apps.core.querysets import TenantQuerySet
from apps.core.sound_files import SoundField
from apps.destinations.models import Destination


def sound_path(prompt: Prompt, filename: str) -> str:
    """A name of ours: what a person called the file stays with them."""
    return f"prompts/{uuid7()}.{filename.rpartition('.')[2]}"


class Prompt(PublicIdModel):
    """Something a caller hears: a text that is spoken, or a sound file of it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="prompts")
    name = models.CharField(max_length=120)
    text = models.CharField(
        max_length=2000, help_text="Spoken by the carrier, and shown where the sound cannot be heard."
    )
    language = models.CharField(max_length=16, default="en-US", help_text="BCP 47, for example en-US.")
    audio = SoundField(
        upload_to=sound_path, blank=True, max_length=120, help_text="WAV or MP3; played instead of the spoken text."
    )
    audio_seconds = models.PositiveSmallIntegerField(default=0, editable=False)
    audio_digest = models.CharField(max_length=16, blank=True, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name", "language"], name="prompt_once_per_language")]

    def __str__(self) -> str:
        return self.name

    @property
    def audio_path(self) -> str:
        """Where the sound is fetched, on this site; it changes with the sound, so that a copy may be kept. "" for none.

        Open to whoever knows it, because the carrier has no login: the identifier holds 74 random bits.
        """
        if not self.audio:
            return ""
        extension = self.audio.name.rpartition(".")[2]
        return reverse("ivr:audio", args=[self.public_id, self.audio_digest, extension])


class FlowQuerySet(TenantQuerySet):
    def active(self) -> Self:
        return self.filter(active=True)

    def complete(self) -> Self:
        """With all that showing a flow needs."""
        menus = Prefetch("menus", Menu.objects.complete())
        return self.select_related("client", "destination", "greeting", "start", "version").prefetch_related(menus)


class Flow(PublicIdModel):
    """A voice menu, entered at `start`. Off until it is complete: a flow that is on has no faults (see `faults`)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="flows")
    destination = models.OneToOneField(Destination, on_delete=models.PROTECT, related_name="flow", editable=False)
    name = models.CharField(max_length=120)
    active = models.BooleanField("on", default=False, help_text="Takes calls. Only a complete menu can be switched on.")
    greeting = models.ForeignKey(
        Prompt,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Heard once, before the menu.",
    )
    version = models.ForeignKey(
        "FlowVersion",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What callers get now.",
    )
    draft = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="As it is being drawn; empty while the menus below are the source.",
    )
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="Counts the changes of the draft.")
    start = models.ForeignKey(
        "Menu",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="starts with",
        help_text="The menu that is asked first.",
    )

    objects = FlowQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="flow_once_per_client")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_drawn(self) -> bool:
        """Is it edited as a drawing? Else its menus, on pages of their own, are the source."""
        return self.draft is not None


class FlowChildQuerySet(TenantQuerySet):
    client_path = "flow__client"


class FlowVersion(PublicIdModel):
    """A voice menu as it was published: never changed afterwards, so that calls finish on what they began with.

    `document` is the graph (see `reading`), `sounds` the prompts of the library that it names, as they were then.
    """

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sounds = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField("published", default=clock.now)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = FlowChildQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["flow", "number"], name="version_once_per_flow")]

    def __str__(self) -> str:
        return f"{self.flow} {self.number}"


class FlowPlace(models.Model):
    """A destination to which a drawn flow sends calls: what is in use cannot be deleted."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="places")
    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")

    objects = FlowChildQuerySet.as_manager()

    class Meta:
        verbose_name = "voice menu"
        constraints = [models.UniqueConstraint(fields=["flow", "destination"], name="place_once_per_flow")]

    def __str__(self) -> str:
        return self.flow.name


class FlowCase(PublicIdModel):
    """A trial that was kept: before each publishing a call with these answers and facts must end as `expected`."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="cases")
    name = models.CharField(max_length=120)
    caller = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=16, blank=True)
    answers = models.JSONField(default=list, help_text="In order: {“digits”: ...}, {“speech”: ...}, or {} for silence.")
    facts = models.JSONField(default=dict, help_text="What was true of the world: “hours:...” and so on.")
    expected = models.JSONField(default=dict, help_text="The nodes that asked, and how it ended.")

    objects = FlowChildQuerySet.as_manager()

    class Meta:
        verbose_name = "test call"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["flow", "name"], name="case_once_per_flow")]

    def __str__(self) -> str:
        return self.name


class MenuQuerySet(TenantQuerySet):
    client_path = "flow__client"

    def complete(self) -> Self:
        """With all that asking and showing a menu needs."""
        related = self.select_related("flow__client", "prompt", "invalid_prompt", "silence_prompt", "otherwise")
        return related.prefetch_related("options__destination", "options__next_menu")


class Menu(PublicIdModel):
    """A question with keys for answers. After `tries` silent or wrong answers the call goes to `otherwise`."""

    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="menus")
    name = models.CharField(max_length=120)
    prompt = models.ForeignKey(
        Prompt,
        on_delete=models.PROTECT,
        related_name="menus",
        verbose_name="question",
        help_text="Names the keys: “For dispatch press 1.”",
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        "seconds to answer",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Counted from the end of the question.",
    )
    tries = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How often the question is asked before the call goes on.",
    )
    invalid_prompt = models.ForeignKey(
        Prompt,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="after a wrong key",
        help_text="Said before the question is asked again; empty: only the question.",
    )
    silence_prompt = models.ForeignKey(
        Prompt,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="after silence",
        help_text="Said before the question is asked again; empty: only the question.",
    )
    otherwise = models.ForeignKey(
        Destination,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="after the last try",
        help_text="Where the call goes then; empty: an apology and good-bye.",
    )

    objects = MenuQuerySet.as_manager()

    class Meta:
        ordering = ["flow", "name"]
        constraints = [models.UniqueConstraint(fields=["flow", "name"], name="menu_once_per_flow")]

    def __str__(self) -> str:
        return self.name


class OptionQuerySet(TenantQuerySet):
    client_path = "menu__flow__client"


class Option(models.Model):
    """What a key does: goes to a destination, or to another menu of the same flow."""

    menu = models.ForeignKey(Menu, on_delete=models.CASCADE, related_name="options")
    key = models.CharField(max_length=1, validators=[RegexValidator(r"^[0-9*#]$", "One of 0 to 9, * and #.")])
    label = models.CharField(max_length=120, blank=True)
    destination = models.ForeignKey(Destination, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    next_menu = models.ForeignKey(Menu, null=True, blank=True, on_delete=models.RESTRICT, related_name="led_by")

    objects = OptionQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["menu", "key"], name="key_once_per_menu"),
            models.CheckConstraint(
                name="option_leads_to_one_place",
                condition=Q(destination__isnull=False, next_menu__isnull=True)
                | Q(destination__isnull=True, next_menu__isnull=False),
                violation_error_message="A key leads to one place: choose either a destination or a next menu.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.label}".strip()

    @property
    def place(self) -> str:
        """Where the key leads, by name."""
        return self.destination.label if self.destination else self.next_menu.name if self.next_menu else "nowhere"


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
        return f"{self.flow} {self.started_at:%H:%M}"
