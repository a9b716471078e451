from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from timezone_field import TimeZoneField

from apps.clients.models import Client
from apps.core.models import PublicIdModel
from apps.core.querysets import TenantQuerySet


class Schedule(PublicIdModel):
    """When something is open: weekly periods in one time zone, holidays, and a switch to close now."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="schedules")
    name = models.CharField(max_length=120)
    time_zone = TimeZoneField(default="UTC")
    closed_now = models.BooleanField("close now", default=False, help_text="Closes at once, whatever the hours say.")

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="schedule_once_per_client")]

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
    """One date that differs: closed all day, or open from `opens` to `closes` instead of the week's periods."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="holidays")
    date = models.DateField()
    name = models.CharField(max_length=120)
    opens = models.TimeField(null=True, blank=True, help_text="Leave both times empty to be closed all day.")
    closes = models.TimeField(null=True, blank=True)

    objects = ScheduleChildQuerySet.as_manager()

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "date"], name="holiday_once_per_date"),
            models.CheckConstraint(
                name="holiday_has_both_times_or_none",
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(closes__gt=F("opens")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"
