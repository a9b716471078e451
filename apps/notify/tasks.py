from celery import shared_task

from apps.core import clock
from apps.notify import delivery
from apps.notify.models import Message

SCHEDULE = {
    "notify.sweep": {"task": "apps.notify.tasks.sweep", "every_seconds": 20},
}
AT_A_TIME = 50


@shared_task(ignore_result=True)
def deliver(message_id: int) -> None:
    delivery.deliver(message_id)


@shared_task(ignore_result=True)
def sweep() -> None:
    """Send what is due and was not sent: retries, and messages whose nudge was lost."""
    delivery.heal()
    for message_id in Message.objects.due(clock.now()).order_by("due_at").values_list("pk", flat=True)[:AT_A_TIME]:
        delivery.deliver(message_id)
