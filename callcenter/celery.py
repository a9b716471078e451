"""The Celery app, and the timetable that the apps' tasks declare.

An app's `tasks.py` may hold `SCHEDULE = {"queues.sweep": {"task": "apps.queues.tasks.sweep", "every_seconds": 1}}`.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")

app = Celery("callcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the database's connection before and after every task; opening one costs more than most tasks.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


def timetable() -> dict[str, dict[str, Any]]:
    """Every app's SCHEDULE as Celery beat wants it."""
    from .composition import house_apps, module_of

    modules = [module_of(app, "tasks") for app in [*house_apps(), "callcenter"]]
    return merge(getattr(module, "SCHEDULE", {}) for module in modules)


def merge(schedules: Iterable[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The schedules as one. Raises ValueError when two of them use one name."""
    merged: dict[str, dict[str, Any]] = {}
    for schedule in schedules:
        for name, entry in schedule.items():
            if name in merged:
                raise ValueError(f"Two apps schedule {name!r}: the names of periodic tasks must differ.")
            every = entry["every_seconds"]
            merged[name] = {
                "task": entry["task"],
                "schedule": float(every),
                # A worker that was away must not find an hour of missed ticks: the next one does the same work.
                "options": {"expires": max(10, every)},
            }
    return merged


@signals.task_prerun.connect
def check_connection(**kwargs: Any) -> None:
    """As at the start of a request: a connection that is broken or too old is opened anew."""
    close_old_connections()


@signals.import_modules.connect(sender=app)
def set_timetable(**kwargs: Any) -> None:
    """Workers and beat learn the timetable once Django is ready (connected after Celery's own set-up of Django)."""
    app.conf.beat_schedule = timetable()


@signals.worker_ready.connect
def first_heartbeat(**kwargs: Any) -> None:
    """`/readyz` need not wait for the first tick."""
    from .tasks import heartbeat

    heartbeat()
