import json
import os
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

import benchmarks
from callcenter.data import BASE_DIR


class Command(BaseCommand):
    help = (
        "Measure the product: starts servers of its own in a temporary folder, ends and removes them. "
        "Prints a table and, on the last line, one JSON object."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        measurements: Any = parser.add_subparsers(dest="measurement", metavar="NAME", required=True)
        for name in benchmarks.NAMES:
            module = import_module(f"benchmarks.{benchmarks.module_of(name)}")
            words = (module.__doc__ or "").partition("\n")[0]
            own: ArgumentParser = measurements.add_parser(name, help=words, description=words)
            module.add_options(own)
            own.set_defaults(own=[action.dest for action in own._actions if action.dest != "help"])

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {name: options[name] for name in options["own"]}
        sys.stdout.flush()
        # A fresh process: this one has read its settings, and the servers that they shall name do not run yet.
        os.chdir(BASE_DIR)
        os.execv(  # noqa: S606
            sys.executable, [sys.executable, "-m", "benchmarks", options["measurement"], json.dumps(chosen)]
        )
