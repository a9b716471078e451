from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from timezone_field import TimeZoneField

from apps.clients.models import Client
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet


class ScheduleQuerySet(TenantQuerySet):
    def complete(self) -> Self:
        """With all that `services.facts` asks for."""
        return self.select_related("client").prefetch_related("periods", "holidays", "public_holidays")

    def due_to_open(self, at: datetime) -> Self:
        """Closed by hand until a moment that is over."""
        return self.filter(closed_now=True, closed_until__lte=at)


class Schedule(PublicIdModel):
    """When something is open: weekly periods in one time zone, public holidays, exceptions, a switch to close now.

    `closed_now` with `closed_until` in the past closes nothing any more; a sweep tidies it up.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="schedules")
    name = models.CharField(max_length=120)
    time_zone = TimeZoneField(default="UTC")
    country = models.CharField(
        max_length=2, blank=True, help_text="Closed on the public holidays of this country. Empty: on none."
    )
    region = models.CharField(max_length=20, blank=True, help_text="Adds the holidays of this part of the country.")
    closed_message = models.CharField(
        "callers then hear", max_length=600, blank=True,
        help_text="Spoken to who calls when it is closed, before the call goes on. Empty: nothing is said.",
    )  # fmt: skip
    closed_now = models.BooleanField("close now", default=False, help_text="Closes at once, whatever the hours say.")
    closed_until = models.DateTimeField(
        "until", null=True, blank=True, help_text="Then the hours rule again by themselves. Empty: until you open."
    )
    closing_announcement = models.CharField(
        "announcement", max_length=600, blank=True,
        help_text="Spoken while closed by hand, instead of the usual message: “Our office is closed today because ...”",
    )  # fmt: skip

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["client", "name"], name="schedule_once_per_client"),
            models.CheckConstraint(name="schedule_region_has_a_country", condition=Q(region="") | ~Q(country="")),
            models.CheckConstraint(
                name="schedule_opens_again_only_when_closed",
                condition=Q(closed_now=True) | Q(closed_until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScheduleChildQuerySet(TenantQuerySet):
    client_path = "schedule__client"


class Period(models.Model):
    """Open from `opens` to `closes` on one weekday. `closes` 00:00 means the end of that day."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="periods")
    weekday = models.SmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(help_text="00:00 means midnight at the end of the day.")

    objects = ScheduleChildQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="period_closes_after_it_opens", condition=Q(closes__gt=F("opens")) | Q(closes="00:00")
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Holiday(models.Model):
    """An exception: from `date` to `last_date` (one day when empty), closed all day or open from `opens` to `closes`.

    It stands above the week and the public holidays. Of two that cover a day the shorter one counts.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField("from")
    last_date = models.DateField("to", null=True, blank=True, help_text="The last day; empty: one day only.")
    name = models.CharField(max_length=120)
    opens = models.TimeField(null=True, blank=True, help_text="Leave both times empty to be closed all day.")
    closes = models.TimeField(null=True, blank=True)

    objects = ScheduleChildQuerySet.as_manager()

    class Meta:
        verbose_name = "exception"
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "date"], name="holiday_once_per_date"),
            models.CheckConstraint(
                name="holiday_has_both_times_or_none",
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(closes__gt=F("opens")),
            ),
            models.CheckConstraint(
                name="holiday_ends_after_it_begins", condition=Q(last_date__isnull=True) | Q(last_date__gte=F("date"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"

    @property
    def end(self) -> date:
        """The last day."""
        return self.last_date or self.date


class PublicHoliday(models.Model):
    """What a schedule does on one public holiday, every year. Those without a row are closed all day.

    `name` is the holiday's own, as `public` writes it.
    """

    class Treatment(models.TextChoices):
        CLOSED = "closed", "closed"
        WORK = "work", "we work on this day"
        HOURS = "hours", "other hours"

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="public_holidays")
    name = models.CharField(max_length=200)
    treatment = models.CharField(max_length=8, choices=Treatment, default=Treatment.CLOSED)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    objects = ScheduleChildQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "name"], name="public_holiday_once_per_schedule"),
            models.CheckConstraint(
                name="public_holiday_has_hours_when_it_says_so",
                condition=Q(treatment="hours", closes__gt=F("opens"))
                | (~Q(treatment="hours") & Q(opens__isnull=True, closes__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_treatment_display()}"
