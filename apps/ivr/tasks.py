from celery import shared_task

from apps.ivr import services

SCHEDULE = {
    "ivr.sweep": {"task": "apps.ivr.tasks.sweep", "every_seconds": 60},
}


@shared_task(ignore_result=True)
def sweep() -> None:
    services.end_orphans()
