"""The parts of a running call center: how each child is started, and how it shows that it is ready."""

import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import data
from .embedded import HOST, Postgres, Valkey
from .processes import Child, NotStarted, answers_tcp, free_port, http_status, spawn, wait_until

# What the sandbox must know to be our carrier; the settings read the same names.
SANDBOX_ACCOUNT = (
    "SANDBOX_ACCOUNT_SID",
    "SANDBOX_AUTH_TOKEN",
    "SANDBOX_API_KEY",
    "SANDBOX_API_SECRET",
    "SANDBOX_APP_SID",
)


def uvicorn_command(application: str, port: int) -> list[str]:
    """What follows `python -m` to serve an ASGI application."""
    options = ["--host", HOST, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    # The live pages pack each frame once for all sockets; packing it again for each would be their largest cost.
    sockets = ["--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
    limits = ["--no-server-header", "--timeout-graceful-shutdown", "3"]
    return ["uvicorn", application, *options, *sockets, *limits]


@dataclass
class Part:
    """One watched child: `start` returns when it is ready. `falls` counts how often it ended lately."""

    name: str
    start: Callable[[], Child]
    child: Child | None = None
    falls: int = 0
    again_at: float | None = None


@dataclass(frozen=True)
class Parts:
    """Knows how to start each part of the call center that lives in `folder` and answers on `port`."""

    port: int
    folder: Path
    # Of the sandbox's sound: free, as the servers', and the same when it is started again.
    sound_port: int = field(default_factory=free_port)
    sound_secret: str = field(default_factory=secrets.token_urlsafe, repr=False)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def sandbox_port(self) -> int:
        return self.port + 100

    @property
    def sandbox_url(self) -> str:
        return f"http://{HOST}:{self.sandbox_port}"

    @property
    def sound_url(self) -> str:
        return f"http://{HOST}:{self.sound_port}"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def pids(self) -> Path:
        return self.folder / "run"

    def embedded(self) -> dict[str, Postgres | Valkey]:
        """The servers that nobody gave us: by the variable that would have named them."""
        password = data.first_run_secrets(self.folder)["DATABASE_PASSWORD"]
        return {
            variable: server_class(self.folder, password=password, logs=self.logs, pids=self.pids)
            for variable, server_class in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey))
            if not os.environ.get(variable)
        }

    def check_ports(self) -> None:
        """Raise NotStarted when somebody else listens where we want to."""
        for port in [self.port, *([self.sandbox_port] if data.carrier() == "sandbox" else [])]:
            if answers_tcp(HOST, port):
                raise NotStarted(f"Port {port} is taken: stop the program that uses it, or give --port.")

    def sound(self) -> Child:
        """The engine that makes the sandbox's calls sound."""
        options = ["--port", str(self.sound_port), "--host", HOST]
        child = self._spawn("sound", ["apps.sandbox.sound", *options], self._env(**self._sound_env))
        wait_until(child, lambda: http_status(f"{self.sound_url}/status") == 200)
        return child

    @property
    def _sound_env(self) -> dict[str, str]:
        return {"SANDBOX_SOUND_SECRET": self.sound_secret}

    def sandbox(self, *, sound: bool = False) -> Child:
        """The phone company; with `sound` it speaks to our engine, else its calls are text."""
        known = data.first_run_secrets(self.folder)
        env = self._env(**{name: os.environ.get(name) or known[name] for name in SANDBOX_ACCOUNT})
        if sound:
            env |= self._sound_env
            env |= {"SANDBOX_SOUND_URL": self.sound_url, "SANDBOX_SOUND_FOLDER": str(self.folder / "sandbox-sound")}
        ledger = str(self.folder / "sandbox-ledger.jsonl")
        options = ["--port", str(self.sandbox_port), "--host", HOST, "--clock", "real", "--ledger", ledger]
        child = self._spawn("sandbox", ["apps.sandbox", *options], env)
        wait_until(child, lambda: answers_tcp(HOST, self.sandbox_port))
        return child

    def prepare(self, *, demo: bool) -> None:
        """Tables, roles, demo data, the sandbox's numbers: one Django process, whose lines the person sees."""
        self._finish("preparation", ["prepare", *([] if demo else ["--no-demo"])])

    def provision(self) -> None:
        """Tell a new sandbox, which remembers nothing, which numbers there are and where they lead."""
        self._finish("provision", ["carrier", "provision"], log=self.logs / "provision.log")

    def _finish(self, name: str, command: Sequence[str], *, log: Path | None = None) -> None:
        child = spawn(
            name,
            [sys.executable, str(data.BASE_DIR / "manage.py"), *command],
            # Changing a big table may take its time.
            env=self._env(DATABASE_STATEMENT_TIMEOUT_MS="0", DATABASE_LOCK_TIMEOUT_MS="60000"),
            cwd=data.BASE_DIR,
            log=log,
            pids=self.pids,
        )
        code = child.process.wait()
        child.stop()
        if code != 0:
            raise NotStarted(f"The {name} failed.\n{child.last_words() or 'What went wrong stands above.'}")

    def spawn_web(self) -> Child:
        return self._spawn("web", uvicorn_command("callcenter.asgi:application", self.port))

    def web(self) -> Child:
        """Pages, API, webhooks, sockets."""
        child = self.spawn_web()
        wait_until(child, lambda: http_status(f"{self.base_url}/healthz") == 200, timeout_s=120)
        return child

    def worker(self) -> Child:
        """Celery with its clock. Returns at once: its heartbeat tells when it works."""
        return self._spawn("worker", ["callcenter.worker"])

    def web_and_worker(self) -> tuple[Child, Child]:
        """Both side by side: each takes seconds to import what it needs, and needs not the other for it."""
        web, worker = self.spawn_web(), self.worker()
        wait_until(web, lambda: http_status(f"{self.base_url}/healthz") == 200, timeout_s=120)
        wait_until(worker, lambda: http_status(f"{self.base_url}/readyz") == 200, timeout_s=120)
        return web, worker

    def _env(self, **extra: str) -> dict[str, str]:
        return {**os.environ, "CALLCENTER_DATA": str(self.folder), "PYTHONUNBUFFERED": "1", **extra}

    def _spawn(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Child:
        return spawn(
            name,
            [sys.executable, "-m", *command],
            env=env or self._env(),
            cwd=data.BASE_DIR,
            log=self.logs / f"{name}.log",
            pids=self.pids,
        )
