"""Work that follows a commit. The broker is a hint: without it the work is done here and now."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task
from django.db import transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

ONE_BY_ONE = 4  # so many messages are sent as they are


def nudge(task: Task | str, *args: Any) -> None:
    """After the present transaction commits, have `task` run with `args` (primary keys only).

    `task` is the task, or its dotted name where its module imports the caller's. With the broker out of reach it
    runs in this process, so that a call never waits for Valkey.
    """
    chosen: Task = import_string(task) if isinstance(task, str) else task
    transaction.on_commit(lambda: send(chosen, args), robust=True)


def nudge_each(task: str, keys: Sequence[int]) -> None:
    """The same for each of `keys`. Many are one message that a worker shares out: sending one takes its time."""
    if len(keys) > ONE_BY_ONE:
        nudge("apps.core.tasks.share_out", task, *keys)
        return
    for key in keys:
        nudge(task, key)


def send(task: Task, args: tuple) -> None:
    """Have `task` run now; here when the broker is out of reach."""
    try:
        task.apply_async(args, retry=False)
    except OperationalError:
        logger.warning("The broker is out of reach; %s runs here.", task.name)
        task.apply(args, throw=True)
