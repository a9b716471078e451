"""What callers hear, and the voice menus that say it, as they are drawn and as they were published."""

from __future__ import annotations

from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Prefetch
from django.urls import reverse

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
        upload_to=sound_path,
        blank=True,
        max_length=120,
        help_text="WAV, MP3, FLAC or Ogg Vorbis, at most 5 minutes; played instead of the spoken text.",
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
        menus = Prefetch("menus", apps.get_model("ivr", "Menu").objects.complete())
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
    answers = models.JSONField(
        default=list, help_text="In order: {“digits”}, {“speech”}, {“found”}, or {} for silence."
    )
    facts = models.JSONField(default=dict, help_text="What was true of the world: “hours:...” and so on.")
    expected = models.JSONField(default=dict, help_text="The nodes that asked, and how it ended.")

    objects = FlowChildQuerySet.as_manager()

    class Meta:
        verbose_name = "test call"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["flow", "name"], name="case_once_per_flow")]

    def __str__(self) -> str:
        return self.name
