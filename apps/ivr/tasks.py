from celery import shared_task

from apps.ivr import inquiries, services

SCHEDULE = {
    "ivr.sweep": {"task": "apps.ivr.tasks.sweep", "every_seconds": 60},
}


@shared_task(ignore_result=True)
def sweep() -> None:
    inquiries.sweep()
    services.end_orphans()


@shared_task(ignore_result=True)
def carry_out(inquiry_id: int) -> None:
    inquiries.carry_out(inquiry_id)
