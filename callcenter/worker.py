"""The worker that `up` starts: Celery on threads, with beat as one more thread.

`celery worker --beat` would fork beat into a second process, which a kill -9 of the first leaves behind. In production
the two run separately, as the Procfile says.
"""

from typing import Any

from celery import signals
from celery.beat import EmbeddedService

from .celery import app


@signals.worker_ready.connect
def start_beat(**kwargs: Any) -> None:
    # Left alone, it would keep the timetable in a file of its own.
    beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
    beat.start()  # type: ignore[union-attr]


if __name__ == "__main__":
    options = ["--pool", "threads", "--concurrency", "8", "--loglevel", "WARNING"]
    app.worker_main(["worker", *options, "--without-gossip", "--without-mingle"])
