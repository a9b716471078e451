"""Work that follows a commit, and the tick. Each looks at the rows and does what is due; twice is harmless."""

from celery import shared_task
from django.conf import settings

from apps.campaigns import care, dialer

SCHEDULE = {
    "campaigns.tick": {"task": "apps.campaigns.tasks.tick", "every_seconds": 1},
    "campaigns.care": {"task": "apps.campaigns.tasks.care_for", "every_seconds": 5},
    "campaigns.cleanup": {"task": "apps.campaigns.tasks.clean_up", "every_seconds": settings.CLEANUP_INTERVAL // 1000},
}


@shared_task(ignore_result=True)
def step(campaign_id: int) -> None:
    dialer.step(campaign_id)


@shared_task(ignore_result=True)
def tick() -> None:
    dialer.tick()


@shared_task(ignore_result=True)
def care_for() -> None:
    care.sweep()


@shared_task(ignore_result=True)
def clean_up() -> None:
    care.end_long_calls()
