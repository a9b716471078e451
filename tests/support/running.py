"""The whole call center as `bin/run` starts it: a child process on free ports, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.data import BASE_DIR
from callcenter.processes import poll


def two_free_ports() -> int:
    """A port that is free, and so is the one 100 above."""
    while True:
        with socket.socket() as web, socket.socket() as sandbox:
            web.bind(("127.0.0.1", 0))
            port = web.getsockname()[1]
            try:
                sandbox.bind(("127.0.0.1", port + 100))
            except (OSError, OverflowError):
                continue
            return port


class Running:
    """One `up`, and what can be seen of it from outside."""

    def __init__(self, folder: Path, port: int, *options: str, **settings: str) -> None:
        self.folder, self.port = folder, port
        self.url, self.sandbox_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 100}"
        # What the tests' own servers and Playwright's loop need is nothing for the product.
        given = ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "CALLCENTER_DATA", "PORT", "DJANGO_ALLOW_ASYNC_UNSAFE")
        env = {name: value for name, value in os.environ.items() if name not in given}
        # Whatever a developer's .env says, this one is a demo.
        env |= {"CALLCENTER_ENV": "development", "CARRIER": "sandbox"} | settings
        command = [sys.executable, "-m", "callcenter.supervisor", "--port", str(port), "--data", str(folder), *options]
        self.output = folder.parent / f"{folder.name}-{port}.out"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=out, stderr=subprocess.STDOUT)

    def said(self, words: str) -> bool:
        return words in self.output.read_text()

    def wait_for(self, words: str, timeout_s: float = 300) -> None:
        poll(lambda: self.said(words) or self.process.poll() is not None, timeout_s=timeout_s)
        assert self.said(words), self.output.read_text()

    def pid(self, part: str) -> int:
        return int((self.folder / "run" / f"{part}.pid").read_text().split()[0])

    def pids(self) -> dict[str, int]:
        return {file.stem: self.pid(file.stem) for file in (self.folder / "run").glob("*.pid")}

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False


@contextmanager
def up(folder: Path, *options: str, **settings: str) -> Iterator[Running]:
    """Start one and end it afterwards; `settings` are environment variables. It may not be ready yet: `wait_for`."""
    running = Running(folder, two_free_ports(), *options, **settings)
    try:
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(60)
