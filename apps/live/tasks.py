from celery import shared_task

from apps.live import desks

SCHEDULE = {"live.sweep": {"task": "apps.live.tasks.sweep", "every_seconds": 1}}


@shared_task(ignore_result=True)
def sweep() -> None:
    """Take operators whose desk pages fell silent out of the rotation."""
    desks.sweep()
