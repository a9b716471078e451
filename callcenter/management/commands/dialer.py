import signal
from typing import Any

from django.core.management.base import BaseCommand

from callcenter.dialing import dialing_loop


class Command(BaseCommand):
    help = (
        "Dial the running campaigns without needing Celery or Valkey, until a signal ends it. "
        "Start as many as you like: each campaign is dialled by one of them at a time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        loop = dialing_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_signal: loop.stop())
        loop.run()
