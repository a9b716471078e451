"""The sandbox carrier as its own process on a free port, with the manual clock, spoken to over HTTP.

sandbox = Sandbox.start(account_sid=..., auth_token=..., ...)
sandbox.post("/sandbox/calls", {"from": "+14155550123", "to": "+14155550100"})
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 20


class Sandbox:
    """A running sandbox; `url` is its address. Replies with an error raise AssertionError with what it said."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.session = requests.Session()
        self.session.trust_env = False

    @classmethod
    def start(cls, *, clock: str = "manual", **credentials: str) -> Sandbox:
        """Start one that knows our `credentials` (account_sid, auth_token, api_key, api_secret, app_sid)."""
        environment = os.environ | {f"SANDBOX_{name.upper()}": value for name, value in credentials.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "apps.sandbox", "--port", "0", "--clock", clock],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(process.kill)
        assert process.stdout is not None
        # A process that never says that it is ready would hold the tests for ever.
        alarm = threading.Timer(_SECONDS, process.kill)
        alarm.start()
        ready = process.stdout.readline()
        alarm.cancel()
        if "ready on " not in ready:
            raise RuntimeError(f"The sandbox did not start: {ready.strip() or 'see its errors above'}")
        return cls(process, ready.rpartition("ready on ")[2].strip())

    def stop(self) -> None:
        self.session.close()
        self.process.terminate()
        self.process.wait(10)
        atexit.unregister(self.process.kill)

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask("POST", path, body or {})

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("PUT", path, body)

    def reset(self, *, forget_numbers: bool = True, at: datetime | None = None) -> None:
        """Forget all calls, faults and timers, and the account's numbers unless told not to.

        Its clock then stands at `at`, or else at the next whole second: what it does is never older than what we ask.
        """
        self.post("/sandbox/reset", {"numbers": not forget_numbers})
        at = at or (datetime.now(UTC) + timedelta(seconds=1)).replace(microsecond=0)
        self.post("/sandbox/clock", {"now": at.isoformat()})

    def advance(self, seconds: float) -> dict[str, Any]:
        """Move its clock and wait until nothing is on its way; 0 only waits. How it stands then."""
        return self.post("/sandbox/clock", {"advance_s": seconds})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        reply = self.session.request(method, self.url + path, json=body, timeout=_SECONDS)
        assert reply.ok, f"The sandbox answered {reply.status_code} for {method} {path}: {reply.text[:300]}"
        return reply.json()


def start_for_settings(**more: Any) -> Sandbox:
    """One that knows the account of the settings."""
    return Sandbox.start(
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        api_key=settings.TWILIO_API_KEY,
        api_secret=settings.TWILIO_API_SECRET,
        app_sid=settings.TWILIO_TWIML_APP_SID,
        **more,
    )
