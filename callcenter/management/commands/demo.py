from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from callcenter import demo


class Command(BaseCommand):
    help = (
        "Load the demo's company: team, numbers, voice menu, queues, people, and the logins admin, supervisor and "
        "operator1 to operator6 with DEMO_PASSWORD. What is there already stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--minimal", action="store_true", help="only the login `admin` and the first client")

    def handle(self, *, minimal: bool, verbosity: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo logins share one password: not in production. `createsuperuser` makes the first.")
        if not settings.DEMO_PASSWORD:
            raise CommandError("Set DEMO_PASSWORD: it becomes the password of the demo's logins.")
        client = (demo.load_minimal if minimal else demo.load)(settings.DEMO_PASSWORD)
        if verbosity:
            self.stdout.write(f"{client.name} is ready. Log in as `admin` with DEMO_PASSWORD.")
