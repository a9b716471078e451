"""Work that follows a commit. Each task looks at the rows and does what is due; running it twice is harmless."""

from celery import shared_task

from apps.queues import callback_care, dispatcher, healing

SCHEDULE = {
    "queues.sweep": {"task": "apps.queues.tasks.sweep", "every_seconds": 1},
}


@shared_task(ignore_result=True)
def dispatch(*queue_ids: int) -> None:
    while len(dispatcher.dispatch(queue_ids)) >= dispatcher.BATCH:
        pass  # a full batch: there may be more to do


@shared_task(ignore_result=True)
def sweep() -> None:
    healing.heal()
    callback_care.sweep()
    dispatch(*healing.queues_to_dispatch())
