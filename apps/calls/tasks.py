"""Carrier work that follows a commit. Each looks at the rows and does what is due; twice is harmless."""

from celery import shared_task

from apps.calls import lines
from apps.calls import reconcile as reconciler

SCHEDULE = {
    "calls.reconcile": {"task": "apps.calls.tasks.reconcile", "every_seconds": 5},
}


@shared_task(ignore_result=True)
def dial(leg_id: int) -> None:
    lines.dial(leg_id)


@shared_task(ignore_result=True)
def redirect(leg_id: int, url: str) -> None:
    lines.redirect(leg_id, url)


@shared_task(ignore_result=True)
def hang_up(leg_id: int) -> None:
    lines.hang_up(leg_id)


@shared_task(ignore_result=True)
def hang_up_stray(sid: str) -> None:
    lines.hang_up_stray(sid)


@shared_task(ignore_result=True)
def hold(leg_id: int) -> None:
    lines.hold(leg_id)


@shared_task(ignore_result=True)
def steer(leg_id: int) -> None:
    lines.steer(leg_id)


@shared_task(ignore_result=True)
def reconcile() -> None:
    reconciler.reconcile()
