"""How long `bin/run` takes until everything is ready, how much memory it needs, how long it takes to end.

Three starts: with --cold in a copy of the project with a new virtual environment (installation included); with new
data; and again with what is there. Each is timed from outside until /readyz says that database, Valkey and worker are
there, and ended by Ctrl-C.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import family, load_average, memory_of, table
from benchmarks.house import House
from callcenter.data import BASE_DIR
from callcenter.processes import http_status, poll

# What would make it another start than a newcomer's.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "CALLCENTER_DATA", "CALLCENTER_ENV", "DJANGO_SETTINGS_MODULE")
LONGEST_S = 900


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--cold", action="store_true", help="with a new virtual environment: downloads everything")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    root = BASE_DIR
    found: dict[str, dict[str, Any]] = {}
    if options.cold:
        root = _copy(house.folder / "clone")
    starts = [*(["new environment"] if options.cold else []), "new data", "again"]
    for name in starts:
        print(f"  {name} ... ", end="", flush=True)
        found[name] = _start(root, house, house.folder / ("cold" if name == "new environment" else "data"))
        print(f"ready after {found[name]['ready_seconds']} s", flush=True)
    rows = [[name, *(figures[key] for key in ("ready_seconds", "memory_mb", "end_seconds"))]
            for name, figures in found.items()]  # fmt: skip
    print("\n" + table(["start", "ready after s", "memory MB", "ended within s"], rows) + "\n")
    parts = found["again"]["parts_mb"]
    print(table(["part", "MB"], list(parts.items())) + "\n")
    return {"starts": found}


def _copy(target: Path) -> Path:
    """The project as a fresh clone has it."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        source = BASE_DIR / name
        if source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def _command(root: Path) -> list[str]:
    """`bin/run`; in a clone whose environment stands elsewhere, what it becomes once everything is installed."""
    if root != BASE_DIR or (root / ".venv/installed-embedded.txt").exists():
        return [str(root / "bin/run")]
    return [sys.executable, "-m", "callcenter.supervisor"]


def _start(root: Path, house: House, data: Path) -> dict[str, Any]:
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN} | {"CARRIER": "sandbox"}
    command = [*_command(root), "--port", str(house.parts.port), "--data", str(data)]
    load, began = load_average(), time.monotonic()
    process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        url = f"{house.parts.base_url}/readyz"
        ready = poll(lambda: process.poll() is not None or http_status(url) == 200, timeout_s=LONGEST_S)
        if not ready or process.poll() is not None:
            raise RuntimeError("It did not become ready; run the command by hand to see why: " + " ".join(command))
        seconds = time.monotonic() - began
        time.sleep(5)  # memory settles: imports on first use, the sweepers' first rounds
        parts = {_name(pid): memory_of(pid)["share"] for pid in _children(process.pid)}
        memory = memory_of(process.pid)["share"]
    finally:
        ended = _end(process)
    return {
        "ready_seconds": round(seconds, 1), "memory_mb": memory, "end_seconds": ended,
        "parts_mb": parts, "load_average": load, "command": Path(command[0]).name,
    }  # fmt: skip


def _children(pid: int) -> list[int]:
    """The parts: children of the supervisor, with what belongs to each."""
    below = family(pid)[1:]
    return [each for each in below if each not in {deep for other in below for deep in family(other)[1:]}]


def _name(pid: int) -> str:
    """The part's name by its command line (Valkey writes its address behind its program's name)."""
    programs = [Path(word.partition(" ")[0]).name for word in Path(f"/proc/{pid}/cmdline").read_text().split("\0")]
    known = {"postgres": "database", "valkey-server": "valkey", "apps.sandbox": "sandbox", "uvicorn": "web"}
    known |= {"callcenter.worker": "worker", "apps.sandbox.sound": "sound"}
    return next((known[program] for program in programs if program in known), programs[0])


def _end(process: subprocess.Popen[bytes]) -> float:
    """Ctrl-C, and how long it took."""
    began = time.monotonic()
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return round(time.monotonic() - began, 1)
