from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.carrier import services
from apps.carrier.client import CarrierLost, CarrierRefused
from apps.core.numbers import pretty


class Command(BaseCommand):
    # The doctor says all that a check would, and more; a check would not let it speak.
    requires_system_checks: list[str] = []
    help = "Between us and the phone network: what is missing or wrong, and where our numbers' calls are answered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("provision", help="tell the carrier where the calls to all our numbers are answered")
        doctor = commands.add_parser(
            "doctor", help="say in plain words what is missing or wrong, and set the numbers' addresses"
        )
        doctor.add_argument("--only-look", action="store_true", help="change nothing at the carrier")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        if command == "provision":
            self._provision(options["verbosity"])
        else:
            self._doctor(only_look=options["only_look"])

    def _provision(self, verbosity: int) -> None:
        try:
            done = services.provision()
        except (CarrierRefused, CarrierLost) as error:
            raise CommandError(f"{error} Run `manage.py carrier doctor` to see what is wrong.") from error
        if verbosity:
            for number in done.bought:
                self.stdout.write(f"{pretty(number)}: taken from the sandbox")
            for number in done.done:
                self.stdout.write(f"{pretty(number)}: its calls are answered here now")
            if not (done.bought or done.done or done.trouble):
                self.stdout.write("All numbers were set up already.")
        wrong = [f"{pretty(number)}: {sentence}" for number, sentence in done.trouble.items()]
        if done.application:
            wrong.append(f"The desks' application: {done.application}")
        if wrong:
            raise CommandError("\n".join(wrong))

    def _doctor(self, *, only_look: bool) -> None:
        findings = services.doctor()
        # Addresses that are wrong are set at once, when everything that this takes is there.
        if not only_look and any("carrier provision" in finding.what_to_do for finding in findings):
            try:
                set_now = services.provision().done
            except (CarrierRefused, CarrierLost) as error:
                raise CommandError(str(error)) from error
            for number in set_now:
                self.stdout.write(f"Set the addresses of {pretty(number)}.")
            findings = services.doctor()
        marks = {"ok": self.style.SUCCESS("ok     "), "warning": self.style.WARNING("warning")}
        for finding in findings:
            self.stdout.write(f"{marks.get(finding.level, self.style.ERROR('error  '))}  {finding.words}")
            if finding.what_to_do:
                self.stdout.write(f"         {finding.what_to_do}")
        errors = sum(finding.level == "error" for finding in findings)
        if errors:
            raise CommandError(f"{errors} thing{'s' if errors > 1 else ''} to put right.")
        self.stdout.write(self.style.SUCCESS("Calls can come and go."))
