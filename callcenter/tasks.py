"""The heartbeat: a periodic task that proves that beat, broker and worker are all there."""

from celery import shared_task

from . import health

SCHEDULE = {"callcenter.heartbeat": {"task": "callcenter.tasks.heartbeat", "every_seconds": 5}}


@shared_task
def heartbeat() -> None:
    health.beat()
