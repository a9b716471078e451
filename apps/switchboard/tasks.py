from celery import shared_task

from apps.switchboard import sweeper

SCHEDULE = {
    "switchboard.sweep": {"task": "apps.switchboard.tasks.sweep", "every_seconds": 2},
}


@shared_task(ignore_result=True)
def sweep() -> None:
    sweeper.sweep()
