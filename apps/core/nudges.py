"""Work that follows a commit. The broker is a hint: without it the work is done here and now."""

import logging
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge(task: Task, *args: Any) -> None:
    """After the present transaction commits, have `task` run with `args` (primary keys only).

    With the broker out of reach the task runs in this process, so that a call never waits for Valkey.
    """
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: Task, args: tuple) -> None:
    try:
        task.apply_async(args, retry=False)
    except OperationalError:
        logger.warning("The broker is out of reach; %s runs here.", task.name)
        task.apply(args, throw=True)
