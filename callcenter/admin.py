"""The vendors' admin pages, cut down to what a manager of a call center can use and dressed like the rest."""

from typing import ClassVar

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.http import HttpRequest
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.core.admin_base import ReadOnlyAdmin

_VENDORS = (
    AccessAttempt,
    AccessFailureLog,
    AccessLog,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
for _model in _VENDORS:
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ReadOnlyAdmin):
    """The timetable. It is declared in code (`SCHEDULE` in the apps' tasks); here one sees that it is kept."""

    list_display: ClassVar = ["name", "interval", "last_run_at", "total_run_count", "enabled"]
    search_fields: ClassVar = ["name", "task"]
    fields: ClassVar = ["name", "task", "interval", "last_run_at", "total_run_count", "enabled"]


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin):
    """Who typed a wrong password too often. Deleting a row lets them try again at once."""

    list_display: ClassVar = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields: ClassVar = ["username", "ip_address"]
    fields: ClassVar = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]

    def has_delete_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return bool(request.user.has_perm("axes.delete_accessattempt"))
