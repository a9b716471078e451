from __future__ import annotations

from django.db import models

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet


class PersonChildQuerySet(TenantQuerySet):
    client_path = "person__client"


class Tag(models.Model):
    """A word that marks people: VIP, driver, supplier."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="tag_once_per_client")]

    def __str__(self) -> str:
        return self.name


class Person(PublicIdModel):
    """Whoever calls or is called."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(max_length=160)
    company = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=16, blank=True, help_text="BCP 47, for example es-MX; empty: the client's.")
    notes = models.TextField(blank=True)
    do_not_call = models.BooleanField(default=False, help_text="We never dial this person; they may call us.")
    tags = models.ManyToManyField(Tag, blank=True, related_name="people")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PersonNumber(models.Model):
    """A telephone number of a person; within a client a number belongs to one person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="numbers")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", editable=False)
    number = E164Field()
    label = models.CharField(max_length=40, blank=True, help_text="mobile, office, home ...")

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["client", "number"], name="number_of_one_person_per_client")]

    def __str__(self) -> str:
        return self.number


class PersonList(PublicIdModel):
    """A named list of people, used by routing and campaigns: "blocked", "gold customers"."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="person_lists")
    name = models.CharField(max_length=120)
    people = models.ManyToManyField(Person, blank=True, related_name="lists")

    objects = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "list of people"
        verbose_name_plural = "lists of people"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="person_list_once_per_client")]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """What a person allowed or forbade, when, and how we know. Never edited: a change of mind is a new row."""

    class Subject(models.TextChoices):
        CALLS = "calls", "to be called"
        RECORDING = "recording", "to be recorded"
        SMS = "sms", "to get text messages"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    subject = models.CharField(max_length=12, choices=Subject)
    given = models.BooleanField()
    source = models.CharField(max_length=160, help_text="How we know: a form, a call, a contract.")
    at = models.DateTimeField(default=clock.now)

    objects = PersonChildQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{'may' if self.given else 'may not'} {self.get_subject_display().removeprefix('to ')}"
