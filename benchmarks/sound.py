"""The sandbox's sound: legs that one core carries in time, its memory, and how long a voice takes from page to page.

The engine runs as `up` starts it. The load is people who talk all the time, in rooms of two, from a process of their
own; engine and load are pinned to a core each where the machine has two. Late is a tick that began more than 20 ms
after its time; the delay is measured by two pages in one Chromium, from the microphone's node to the ear's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from typing import Any

import aiohttp

from benchmarks.figures import cpu_seconds, load_average, memory_mb, table
from benchmarks.house import House
from callcenter.data import BASE_DIR
from callcenter.processes import free_port, http_status, spawn, wait_until

ORIGIN = "http://127.0.0.1:1"
SETTLE_SECONDS = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--legs", default="20,100,200,300", help="how many at once, one run after the other")
    parser.add_argument("--seconds", type=float, default=10, help="of each run")
    parser.add_argument("--no-pages", dest="pages", action="store_false", help="leave out the delay between two pages")


def run(house: House, options: Any) -> dict[str, Any]:
    sizes = [int(size) for size in str(options.legs).split(",")]
    loads = [_load(house, size, options.seconds) for size in sizes]
    names = ["legs", "cpu_percent", "late_percent", "p99_ms", "gap40_percent", "memory_mb", "behind_ms"]
    heads = ["legs", "CPU %", "late %", "p99 ms", "gaps > 40 ms %", "memory MB", "load behind ms"]
    print("\n" + table(heads, [[row[name] for name in names] for row in loads]) + "\n", flush=True)
    carried = [row["legs"] for row in loads if row["late_percent"] < 1]
    found = {"loads": loads, "legs_under_1_percent_late": max(carried, default=0), "refused": _beyond_the_cap(house)}
    if options.pages:
        from benchmarks.sound_delay import between_pages

        with _Engine(house, cap=4) as engine:
            found["delay_ms"] = asyncio.run(between_pages(engine.url, engine.secret))
        print(f"one way between two pages: median {found['delay_ms']['median']} ms\n")
    return found


class _Engine:
    """The engine alone, as `up` starts it."""

    def __init__(self, house: House, *, cap: int) -> None:
        self.secret, port = secrets.token_urlsafe(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        house.parts.logs.mkdir(parents=True, exist_ok=True)
        self._child = spawn(
            "sound",
            [sys.executable, "-m", "apps.sandbox.sound", "--port", str(port), "--cap", str(cap)],
            env={**os.environ, "SANDBOX_SOUND_SECRET": self.secret},
            cwd=BASE_DIR,
            log=house.parts.logs / "sound.log",
            pids=house.parts.pids,
        )
        self.pid = self._child.process.pid

    def __enter__(self) -> _Engine:
        wait_until(self._child, lambda: http_status(f"{self.url}/status") == 200)
        return self

    def __exit__(self, *exc: object) -> None:
        self._child.stop()


def _load(house: House, legs: int, seconds: float) -> dict[str, Any]:
    busy = load_average()
    with _Engine(house, cap=legs) as engine:
        people = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sound_load", engine.url, str(legs), str(seconds + 2 * SETTLE_SECONDS)],
            cwd=BASE_DIR,
            env={**os.environ, "SANDBOX_SOUND_SECRET": engine.secret},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if (os.cpu_count() or 1) > 1 and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(engine.pid, {0})
            os.sched_setaffinity(people.pid, {1})
        assert people.stdout is not None  # noqa: S101 (for the type checker)
        people.stdout.readline()  # all of them are in
        time.sleep(SETTLE_SECONDS)
        began, spent = time.monotonic(), cpu_seconds(engine.pid)
        time.sleep(seconds)
        lasted, spent = time.monotonic() - began, cpu_seconds(engine.pid) - spent
        status = asyncio.run(_status(engine.url, ticks=round(50 * lasted)))
        memory, _ = memory_mb(engine.pid)
        people.wait(60)
        heard = json.loads(people.stdout.read().splitlines()[-1])
    found = {name: status[name] for name in ("late_percent", "p99_ms")} | heard
    return found | {
        "legs": legs,
        "cpu_percent": round(100 * spent / lasted, 1),
        "memory_mb": round(memory, 1),
        "load_average": busy,
    }


async def _status(url: str, *, ticks: int) -> dict[str, Any]:
    """Of the last so many ticks: before them people were still coming in."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/status", params={"ticks": ticks}) as reply:
        return await reply.json()


def _beyond_the_cap(house: House) -> str:
    """What the leg after the last is told."""

    async def ask(engine: _Engine) -> str:
        from benchmarks.sound_load import Carrier

        async with aiohttp.ClientSession() as http:
            carrier = await Carrier(http, engine.url, engine.secret).comes()
            return [await carrier.orders("leg", leg=str(n), voice={"room": ""}) for n in range(3)][-1]

    with _Engine(house, cap=2) as engine:
        return asyncio.run(ask(engine))
