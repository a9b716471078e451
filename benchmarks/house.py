"""A call center for one measurement: own servers, own folder, the same processes as `up` starts; all ended with it.

Never the house that runs on this machine: a measurement fills tables and rings phones.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import cpu_seconds, memory_of
from callcenter.data import BASE_DIR
from callcenter.embedded import Postgres, Valkey
from callcenter.parts import Parts, uvicorn_command
from callcenter.processes import Child, answers_tcp, free_port, spawn, wait_until


class House:
    """`with House() as house:` makes the folder; leaving ends every child, last started first, and removes it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="callcenter-bench-"))
        # PostgreSQL runs as nobody when we are root, and must reach its folder.
        self.folder.chmod(0o755)
        self.parts = Parts(_two_ports(), self.folder)
        self.children: list[Child] = []
        self.servers: dict[str, Postgres | Valkey] = {}

    def __enter__(self) -> House:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin_as(self, ready: Path) -> None:
        """Before the servers start: take over the database of a house that was prepared and has stopped."""
        for name in ("secrets.json", "pg"):
            subprocess.run(["cp", "-a", str(ready / name), str(self.folder / name)], check=True)

    def stop(self) -> None:
        """End all parts, last started first."""
        while self.children:
            self.children.pop().stop()

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, safe against a crash as in real life; names everything in the environment."""
        # Whatever .env or the shell says: a measurement speaks to nobody outside.
        for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL"):
            os.environ.pop(name, None)
        os.environ |= {
            "CALLCENTER_DATA": str(self.folder), "CALLCENTER_ENV": "development", "CARRIER": "sandbox",
            "PUBLIC_BASE_URL": self.parts.base_url, "CARRIER_BASE_URL": self.parts.sandbox_url, "SENTRY_DSN": "",
        }  # fmt: skip
        for variable, server in self.parts.embedded().items():
            server.start()
            assert server.child is not None  # noqa: S101 (for the type checker)
            self.children.append(server.child)
            self.servers[variable] = server
            os.environ[variable] = server.url

    def prepare(self, *, demo: bool = True) -> None:
        """The sandbox, the tables, the demo's company with its numbers (or an empty house)."""
        with self._said("sandbox"):
            self.children.append(self.parts.sandbox())
        self.parts.prepare(demo=demo)

    def start_product(self) -> None:
        """Web and worker, exactly as `up` starts them."""
        with self._said("web and worker"):
            self.children += self.parts.web_and_worker()

    def start_site(self, name: str, application: str, **env: str) -> str:
        """Another ASGI application under the same uvicorn with the same options; returns its address."""
        port = free_port()
        with self._said(name):
            child = spawn(
                name, [sys.executable, "-m", *uvicorn_command(application, port)], env={**os.environ, **env},
                cwd=BASE_DIR, log=self.parts.logs / f"{name}.log", pids=self.parts.pids,
            )  # fmt: skip
            self.children.append(child)
            wait_until(child, lambda: answers_tcp("127.0.0.1", port))
        return f"http://127.0.0.1:{port}"

    def memory(self) -> dict[str, dict[str, float]]:
        """MB of each part with its descendants: the largest process, and all of it without counting anything twice."""
        return {child.name: memory_of(child.process.pid) for child in self.children if child.alive}

    def cpu(self) -> dict[str, float]:
        """Processor seconds of each part so far."""
        return {child.name: cpu_seconds(child.process.pid) for child in self.children if child.alive}

    @contextmanager
    def _said(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        print(f"  {what} ... ", end="", flush=True)
        yield
        print(f"ready ({time.monotonic() - began:.1f} s)", flush=True)


def _two_ports() -> int:
    """A free port whose neighbour for the sandbox, 100 above, is free too."""
    while True:
        port = free_port()
        if port + 100 < 65536 and not answers_tcp("127.0.0.1", port + 100):
            return port
