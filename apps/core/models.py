from __future__ import annotations

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models

from apps.core import clock, roles
from apps.core.ids import uuid7


class PublicIdModel(models.Model):
    """A row with a name for the outside: the API, pages and carrier rooms use `public_id`, never the key."""

    public_id = models.UUIDField("identifier", default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True


class User(PublicIdModel, AbstractUser):  # noqa: DJ008 - Django's own
    """Somebody who signs in. What they may do comes from their role (a group, see `roles`)."""

    class Meta(AbstractUser.Meta):
        verbose_name = "user"

    @cached_property
    def role_names(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def sees_all(self) -> bool:
        """True for those who see every client: superusers and administrators."""
        return self.is_active and (self.is_superuser or roles.ADMINISTRATOR in self.role_names)

    @property
    def display_name(self) -> str:
        return display_name(self.first_name, self.last_name, self.username)


def display_name(first_name: str, last_name: str, username: str) -> str:
    """How people read a user's name."""
    return f"{first_name} {last_name}".strip() or username


class EventQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> EventQuerySet:
        """What happened to the user's clients; what belongs to none (keys, users) only those see who see everything."""
        if not user.is_authenticated:
            return self.none()
        return self if user.sees_all else self.filter(client_ref__in=user.clients.values("public_id"))

    def of_call(self, call_ref) -> EventQuerySet:
        return self.filter(call_ref=call_ref).order_by("at", "pk")


class Event(models.Model):
    """What happened, never changed afterwards: the one log of the whole product.

    Written by `events.record` alone. `kind` is declared in an app's events.py; `applied` is false when the
    fact was noted but changed nothing (a late or repeated report). `key` makes an effect happen once.
    """

    kind = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)
    subject = models.CharField(max_length=120, blank=True)
    call_ref = models.UUIDField(null=True, blank=True)
    client_ref = models.UUIDField(null=True, blank=True)
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    data = models.JSONField(default=dict, blank=True)
    applied = models.BooleanField(default=True)
    key = models.CharField(max_length=160, null=True, blank=True, unique=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["call_ref", "at"], name="event_call", condition=models.Q(call_ref__isnull=False)),
            models.Index(fields=["kind", "at"], name="event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {clock.local(self.at):%H:%M:%S}"

    @property
    def sentence(self) -> str:
        """The event in words."""
        from apps.core import events

        return events.sentence(self)
