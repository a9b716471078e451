import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from callcenter import supervisor
from callcenter.data import BASE_DIR


class Command(BaseCommand):
    help = "Start the whole call center on this machine: database, Valkey, sandbox carrier, web, worker."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        supervisor.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        # A fresh process: the one that watches has no use for Django and all that it has loaded.
        chosen = [f"--{name}={options[name]}" for name in ("port", "data") if options[name] is not None]
        chosen += [] if options["demo"] else ["--no-demo"]
        os.chdir(BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "callcenter.supervisor", *chosen])  # noqa: S606
