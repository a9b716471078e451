from celery import shared_task

from apps.carrier import deliveries, provisioning
from apps.carrier.models import PhoneNumber

SCHEDULE = {"carrier.forget": {"task": "apps.carrier.tasks.forget", "every_seconds": 3600}}


@shared_task(ignore_result=True)
def set_up_number(pk: int) -> None:
    """Tell the carrier where a number is answered; what goes wrong stands at the number."""
    row = PhoneNumber.objects.active().filter(pk=pk).select_related("client").first()
    if row is not None:
        provisioning.set_up(row)


@shared_task(ignore_result=True)
def forget() -> None:
    """Delete what the carrier and we asked each other long ago; it holds people's numbers."""
    deliveries.forget()
