"""Work that follows a commit, and the tick. Each looks at the rows and does what is due; twice is harmless."""

from celery import Task, shared_task
from django.conf import settings

from apps.campaigns import care, dialer, importing, warmup

SCHEDULE = {
    "campaigns.tick": {"task": "apps.campaigns.tasks.tick", "every_seconds": 1},
    "campaigns.care": {"task": "apps.campaigns.tasks.care_for", "every_seconds": 5},
    "campaigns.cleanup": {"task": "apps.campaigns.tasks.clean_up", "every_seconds": settings.CLEANUP_INTERVAL // 1000},
    "campaigns.imports": {"task": "apps.campaigns.tasks.take_imports_up", "every_seconds": 10},
}


@shared_task(ignore_result=True)
def step(campaign_id: int) -> None:
    dialer.step(campaign_id)


@shared_task(ignore_result=True)
def wake_bot(campaign_id: int) -> None:
    warmup.ask(campaign_id)


@shared_task(ignore_result=True)
def tick() -> None:
    dialer.tick()


@shared_task(ignore_result=True)
def care_for() -> None:
    care.sweep()


@shared_task(ignore_result=True)
def clean_up() -> None:
    care.end_long_calls()


@shared_task(ignore_result=True, bind=True)
def go_on_importing(self: Task, import_id: int) -> None:
    # Without a broker this runs within somebody's request: a piece only, the timetable does the rest.
    here = self.request.is_eager
    if importing.go_on(import_id, chunks=1 if here else importing.CHUNKS_AT_A_TIME) and not here:
        go_on_importing.delay(import_id)


@shared_task(ignore_result=True)
def take_imports_up() -> None:
    importing.sweep()
