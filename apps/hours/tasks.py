from celery import shared_task

from apps.core import clock
from apps.hours import services

SCHEDULE = {
    "hours.sweep": {"task": "apps.hours.tasks.sweep", "every_seconds": 20},
}


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take back the switches whose time is over: the hours rule again since then."""
    services.reopen_due(clock.now())
