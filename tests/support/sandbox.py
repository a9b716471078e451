"""The sandbox carrier as a process of its own, on the manual clock."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]


class Sandbox:
    """A running sandbox. `get`, `post` and `put` speak to its control API and fail loudly."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process, self.url = process, url
        self._session = requests.Session()

    @classmethod
    def start(cls, *, clock: str = "manual", **account: str) -> Sandbox:
        """Start one on a free port; `account` are its SANDBOX_* settings, in small letters without the prefix."""
        ledger = Path(tempfile.mkdtemp(prefix="callcenter-ledger-")) / "ledger.jsonl"
        process = subprocess.Popen(
            [sys.executable, "-m", "apps.sandbox", "--port", "0", "--clock", clock, "--ledger", str(ledger)],
            cwd=ROOT,
            env=os.environ | {f"SANDBOX_{name.upper()}": value for name, value in account.items()},
            stdout=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            process.kill()
            raise RuntimeError(f"The sandbox did not start: {line!r}")
        return cls(process, line[line.index("http://") :].strip())

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        reply = self._session.request(method, self.url + path, json=body, timeout=60)
        if not reply.ok:
            raise AssertionError(f"{method} {path}: {reply.status_code} {reply.text[:500]}")
        return reply.json() if reply.content else None

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self._ask("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self._ask("PUT", path, body)

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move its clock; returns when all that follows is done. 0 lets it come to rest."""
        return self.post("/sandbox/clock", {"advance_s": seconds})

    def reset(self) -> None:
        """Forget calls, numbers and faults. Its clock stands at the next whole second: what it does from here on is
        never older than what we asked, though it tells whole seconds only."""
        self.post("/sandbox/reset", {"numbers": False})
        now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        self.post("/sandbox/clock", {"now": now.isoformat()})
