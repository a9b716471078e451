"""A file of contacts into a list: contacts a second, and whether memory stays flat; killed on the way as well.

The file has so many rows by chance: names, two numbers, own fields, some rows broken, some contacts twice. A process
imports it from the first row to the last with nothing else to do; its largest memory is held against that of a file of
a tenth. Then the same file once more into an empty list, with a SIGKILL in the middle of each of the first chunks: the
list must be the same in the end.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import resource
import signal
import time
from argparse import ArgumentParser
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections

from benchmarks.figures import table
from benchmarks.house import House

AIMS = {"memory_growth_mb": 20}
AREAS = ("212", "312", "415", "512", "617", "702", "813", "904")


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=100_000, help="of the file (%(default)s)")
    parser.add_argument("--kills", type=int, default=10, help="of the process on the way (%(default)s)")
    parser.add_argument("--seed", default="1", help="(%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    from apps.clients.models import Client

    call_command("migrate", verbosity=0)
    client = Client.objects.create(name="Measured", slug="measured", country="US")
    print(f"seed {options.seed}\n")
    small = _import(_received(client, "Small", options.rows // 10, options.seed), kills=0)
    large = _import(_received(client, "Large", options.rows, options.seed), kills=0)
    again = _import(_received(client, "Killed", options.rows, options.seed), kills=options.kills, took=large["seconds"])
    growth = round(large["memory_mb"] - small["memory_mb"], 1)
    same = _people("Large") == _people("Killed")
    head = ["rows", "seconds", "rows a second", "added", "skipped", "refused", "partly", "memory MB", "kills"]
    names = ("rows", "seconds", "rows_per_second", "added", "skipped", "refused", "partly", "memory_mb", "kills")
    print(table(head, [[one[name] for name in names] for one in (small, large, again)]) + "\n")
    return {
        "small": small, "large": large, "killed": again, "contacts_per_second": large["contacts_per_second"],
        "memory_growth_mb": growth, "same_list_after_kills": same, "aims": AIMS,
        "aims_met": {"memory_growth_mb": growth <= AIMS["memory_growth_mb"], "same_list_after_kills": same},
    }  # fmt: skip


def file_of(rows: int, seed: object) -> bytes:
    """A CSV file by chance: of a hundred rows about two have a number that cannot be called, one is broken, two are
    there twice (the same identifier, or by chance the same number)."""
    chance = random.Random(f"{seed}")
    out = io.StringIO()
    out.write("Customer ID;First name;Last name;Mobile;Office;E-mail;Time zone;Plan;Balance\n")
    for number in range(rows):
        kind = chance.random()
        mobile = f"({chance.choice(AREAS)}) {chance.randrange(230, 300)}-{chance.randrange(10000):04}"
        if kind < 0.02:
            mobile = chance.choice(["none", "911", "+1 900 555 0100", "1.41556E+10"])
        office = f"+1{chance.choice(AREAS)}2{chance.randrange(10**6):06}" if kind < 0.3 else ""
        who = number if kind < 0.99 else chance.randrange(number + 1)
        name = f'"First {number}' if 0.02 < kind < 0.03 else f'"First ""{number}"""'
        out.write(f"C{who};{name};Last;{mobile};{office};c{number}@example.com;America/Chicago;gold;{number % 97}.5\n")
    return out.getvalue().encode()


def _received(client: Any, name: str, rows: int, seed: str) -> Any:
    from apps.campaigns import importing

    contacts = importing.add_list(client, name=name)
    upload = SimpleUploadedFile(f"{name}.csv", file_of(rows, seed))
    received = importing.receive(contacts, upload)
    type(received).objects.filter(pk=received.pk).update(status="running", heard_at=received.created_at)
    return received


def _import(run: Any, *, kills: int, took: float = 0.0) -> dict[str, Any]:
    """In a process of its own each time, so that its memory is that of the import alone."""
    chance, done = random.Random(1), 0
    context = multiprocessing.get_context("fork")
    began, seconds, memory = time.monotonic(), 0.0, 0.0
    for _turn in range(2 * kills + 1):
        ours, theirs = context.Pipe(duplex=False)
        connections.close_all()  # a child shall open its own
        child = context.Process(target=_go_on, args=(run.pk, theirs))
        child.start()
        theirs.close()
        if done < kills:
            child.join(timeout=chance.uniform(0.3, 1.0) * max(took, 1.0) / kills)
            if child.is_alive():
                os.kill(child.pid or 0, signal.SIGKILL)
                done += 1
            child.join()
        try:
            seconds, memory = ours.recv()
        except EOFError:
            continue  # killed before it could say
        child.join()
        run.refresh_from_db()
        # The database may have ended the chunk of a killed process: its successor then stands back, and the timetable
        # has another go on.
        if run.status != "running":
            break
    if run.status != "done":
        raise RuntimeError(f"The import ended as {run.status}: {run.failure}")
    whole = time.monotonic() - began if kills else seconds
    return {
        "rows": run.rows_done, "seconds": round(whole, 2), "rows_per_second": round(run.rows_done / whole),
        "contacts_per_second": round(run.added / whole), "added": run.added, "skipped": run.skipped,
        "refused": run.refused, "partly": run.partly, "memory_mb": round(memory, 1), "kills": done,
    }  # fmt: skip


def _go_on(pk: int, answer: Any) -> None:
    from apps.campaigns import importing

    before = _memory_mb()
    began = time.monotonic()
    importing.go_on(pk)
    answer.send((time.monotonic() - began, _memory_mb() - before))


def _memory_mb() -> float:
    """The most that this process ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _people(name: str) -> list[tuple[Any, ...]]:
    from apps.campaigns.models import ContactNumber

    rows = ContactNumber.objects.filter(list__name=name).order_by("contact__external_id", "position", "number")
    return list(rows.values_list("contact__external_id", "contact__name", "number", "label", "position"))
