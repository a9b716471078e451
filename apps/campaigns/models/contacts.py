from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, Func, Q, QuerySet, Value
from timezone_field import TimeZoneField

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import PublicIdModel, User
from apps.core.numbers import E164Field
from apps.core.querysets import TenantQuerySet
from apps.people.models import Person


class ContactList(PublicIdModel):
    """A named list of contacts that campaigns dial. `own_fields` are the names of the list's own columns, in order."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contact_lists")
    name = models.CharField(max_length=120)
    own_fields = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="contact_list_once_per_client")]

    def __str__(self) -> str:
        return self.name


class ContactQuerySet(TenantQuerySet):
    client_path = "list__client"


class Contact(PublicIdModel):
    """Somebody on a list, with numbers, a time zone if it is known, and the list's own fields.

    `external_id` is the name that another system knows the contact by; "" when it has none.
    """

    list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="contacts")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    name = models.CharField(max_length=160, blank=True)
    company = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    time_zone = TimeZoneField(null=True, blank=True, help_text="Empty: what the number says, the strictest of several.")
    language = models.CharField(max_length=16, blank=True, help_text="BCP 47; empty: the client's.")
    fields = models.JSONField(default=dict, blank=True)
    consent = models.BooleanField(null=True, blank=True, help_text="Whether they agreed to be called; empty: unknown.")
    consent_source = models.CharField(max_length=160, blank=True, help_text="How we know: a form, a call, a contract.")
    do_not_call = models.BooleanField(default=False, help_text="The import said that this contact is not to be called.")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "external_id"], name="external_id_once_per_list", condition=~Q(external_id="")
            )
        ]

    def __str__(self) -> str:
        return self.name or self.company or "unnamed contact"


class ContactNumberQuerySet(TenantQuerySet):
    client_path = "contact__list__client"


class ContactNumber(models.Model):
    """A number at which a contact can be called; those of a contact are tried in the order of `position`.

    `list` repeats the contact's, for finding duplicates of a whole list by one index.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="numbers")
    list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="+", editable=False)
    number = E164Field()
    label = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ContactNumberQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["list", "number"], name="contact_number_in_list")]
        constraints = [models.UniqueConstraint(fields=["contact", "number"], name="number_once_per_contact")]

    def __str__(self) -> str:
        return self.number


class ImportQuerySet(TenantQuerySet):
    client_path = "list__client"

    def silent(self, before: datetime) -> Self:
        """Running ones of which nothing was heard since `before`: whoever did them is gone."""
        return self.filter(status=Import.Status.RUNNING, heard_at__lt=before)


class Import(PublicIdModel):
    """A file of contacts on its way into a list. waiting -> running -> done | failed.

    It waits until a person (or the API) has said which column is what: `mapping`, by the column's heading.
    `rows_done` counts those read so far, so that the next process goes on there after a crash; `rows_total` is known
    once the file was looked through. The file itself goes when the import has ended; refused rows stay.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "waiting for the columns"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    class Duplicates(models.TextChoices):
        SKIP = "skip", "leave the contact as it is"
        UPDATE = "update", "update the contact"
        ADD = "add", "add once more"

    NEXT = {Status.WAITING: (Status.RUNNING, Status.FAILED), Status.RUNNING: (Status.DONE, Status.FAILED)}

    headings = models.JSONField(default=list)  # stands above `list`, which is another thing from there on
    list = models.ForeignKey(ContactList, on_delete=models.CASCADE, related_name="imports")
    file = models.FileField(upload_to="imports/", blank=True)
    file_name = models.CharField(max_length=200)
    has_heading = models.BooleanField(default=True, help_text="The first row names the columns.")
    country = models.CharField(max_length=2, blank=True, help_text="Two letters; reads numbers in national form.")
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    mapping = models.JSONField(default=dict)
    duplicates = models.CharField(max_length=8, choices=Duplicates, default=Duplicates.SKIP)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    partly = models.PositiveIntegerField(default=0, help_text="Taken, but something of the row was left out.")
    failure = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    heard_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="import_status_known", condition=Q(status__in=["waiting", "running", "done", "failed"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.get_status_display()}"

    @property
    def percent(self) -> int:
        """How much of the file has been read, 0 to 100."""
        if self.status == Import.Status.DONE:
            return 100
        return min(100, 100 * self.rows_done // self.rows_total) if self.rows_total else 0


class ImportRowQuerySet(TenantQuerySet):
    client_path = "run__list__client"

    def by_kind(self) -> QuerySet[ImportRow, dict[str, Any]]:
        """How many `rows` have which fault, the most frequent first. `kind`: the reason without what the cell said."""
        quoted = (Value("“[^”]*”"), Value("“…”"), Value("g"))
        kind = Func(F("reason"), *quoted, function="regexp_replace", output_field=models.CharField())
        found = self.order_by().annotate(kind=kind).values("kind", "partly")
        return found.annotate(rows=Count("pk")).order_by("-rows", "kind")


class ImportRow(models.Model):
    """A row that an import refused, or took `partly`, with the reason. `line` is that of the file, 1 the first."""

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    reason = models.CharField(max_length=300)
    partly = models.BooleanField(default=False)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="import_row_once")]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
