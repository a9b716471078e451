from celery import shared_task

from apps.recordings import carrying

SCHEDULE = {
    "recordings.sweep": {"task": "apps.recordings.tasks.sweep", "every_seconds": 5},
}


@shared_task(ignore_result=True)
def begin(pk: int) -> None:
    carrying.begin(pk)


@shared_task(ignore_result=True)
def set_pause(pk: int, on: bool) -> None:
    carrying.set_pause(pk, on)


@shared_task(ignore_result=True)
def fetch(pk: int) -> None:
    carrying.fetch(pk)


@shared_task(ignore_result=True)
def sweep() -> None:
    carrying.sweep()
