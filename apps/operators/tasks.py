from celery import shared_task

from apps.core import clock
from apps.operators import services

SCHEDULE = {
    "operators.sweep": {"task": "apps.operators.tasks.sweep", "every_seconds": 1},
}


@shared_task(ignore_result=True)
def sweep() -> None:
    """End the wrap-ups that have run out, and note the breaks that are too long."""
    services.finish_due_wrap_ups(clock.now())
    services.note_long_breaks(clock.now())
