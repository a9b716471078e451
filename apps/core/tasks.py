"""Work that belongs to no app in particular."""

from celery import current_app, shared_task

from apps.core import nudges


@shared_task(ignore_result=True)
def share_out(name: str, *keys: int) -> None:
    """Have the task `name` run once for each of `keys`, by whichever worker is free."""
    for key in keys:
        nudges.send(current_app.tasks[name], (key,))
