"""The Celery app, and the timetable that the apps' tasks declare.

An app's `tasks.py` may hold `SCHEDULE = {"queues.sweep": {"task": "apps.queues.tasks.sweep", "every_seconds": 1}}`.
"""

import importlib
import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")

app = Celery("callcenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def timetable() -> dict[str, dict[str, Any]]:
    """Every app's SCHEDULE as Celery beat wants it."""
    from django.apps import apps
    from django.utils.module_loading import module_has_submodule

    collected: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        if config.module is None or not config.name.startswith(("apps.", "callcenter")):
            continue
        if not module_has_submodule(config.module, "tasks"):
            continue
        tasks = importlib.import_module(f"{config.name}.tasks")
        for name, entry in getattr(tasks, "SCHEDULE", {}).items():
            if name in collected:
                raise ValueError(f"Two apps schedule {name!r}: the names of periodic tasks must differ.")
            every = entry["every_seconds"]
            collected[name] = {
                "task": entry["task"],
                "schedule": float(every),
                # A worker that was away must not find an hour of missed ticks: the next one does the same work.
                "options": {"expires": max(10, every)},
            }
    return collected


@signals.import_modules.connect(sender=app)
def set_timetable(**kwargs: Any) -> None:
    """Workers and beat learn the timetable once Django is ready (connected after Celery's own set-up of Django)."""
    app.conf.beat_schedule = timetable()


@signals.worker_ready.connect
def first_heartbeat(**kwargs: Any) -> None:
    """`/readyz` need not wait for the first tick."""
    from .tasks import heartbeat

    heartbeat()
