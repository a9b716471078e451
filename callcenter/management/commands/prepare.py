import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django_celery_beat.models import PeriodicTask

from callcenter import data
from callcenter.celery import timetable
from callcenter.composition import house_apps

DEMO_LOGINS = ["admin", "supervisor", *(f"operator{number}" for number in range(1, 7))]


class Command(BaseCommand):
    help = (
        "Make everything ready to serve: tables, roles, static files, the first logins, the sandbox's numbers. "
        "Does only what is missing; run it after each update."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", dest="demo", action="store_false", help="no demo data, only the login `admin`")

    def handle(self, *args: Any, **options: Any) -> None:
        self._migrate()
        if settings.PRODUCTION:
            with self._step("static files"):
                call_command("collectstatic", interactive=False, verbosity=0)
        self._drop_old_schedules()
        self._first_logins(demo=options["demo"] and not settings.PRODUCTION)
        if settings.CARRIER == "sandbox" and "carrier" in get_commands():
            with self._step("the carrier's numbers"):
                call_command("carrier", "provision", verbosity=0)
        self._note_logins()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        with self._step("tables"):
            call_command("migrate", interactive=False, verbosity=0)

    def _drop_old_schedules(self) -> None:
        """Beat adds what the code declares and forgets nothing: a task that was renamed would be sent for ever."""
        ours = "|".join([*house_apps(), "callcenter"])
        PeriodicTask.objects.filter(name__regex=rf"^({ours})\.").exclude(name__in=timetable()).delete()

    def _first_logins(self, *, demo: bool) -> None:
        """Once, while nobody can log in: the demo company, or `admin` alone. In production: `createsuperuser`."""
        users = get_user_model().objects
        if users.exists() or settings.PRODUCTION:
            return
        with transaction.atomic():
            if demo and "demo" in get_commands():
                with self._step("demo data"):
                    call_command("demo", verbosity=0)
            if not users.filter(username="admin").exists():
                users.create_superuser("admin", "admin@example.com", settings.DEMO_PASSWORD)

    def _note_logins(self) -> None:
        """Tell `up` whose password is still the one that it prints."""
        path = settings.DATA_DIR / "run.json"
        running = data.read_json(path)
        if not running or settings.PRODUCTION:
            return
        users = get_user_model().objects.filter(username__in=DEMO_LOGINS)
        known = {user.username for user in users if user.check_password(settings.DEMO_PASSWORD)}
        running["logins"] = [name for name in DEMO_LOGINS if name in known]
        data.write_private(path, json.dumps(running, indent=2) + "\n")

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self.stdout.write(f"  {name} ... ", ending="")
        self.stdout.flush()
        yield
        self.stdout.write(f"ready ({time.monotonic() - began:.1f} s)")
