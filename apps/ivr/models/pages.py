"""Voice menus that are filled in on pages: a question, and where each key leads."""

from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet
from apps.destinations.models import Destination
from apps.ivr.models.flow import Flow, Prompt


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
