"""The data folder: where everything lives that must survive a restart, and the notes that processes leave each other.

Used by the settings and by the supervisor, so it knows nothing of Django.
"""

import fcntl
import json
import os
import secrets
import string
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

BASE_DIR = Path(__file__).resolve().parent.parent


class FolderTaken(Exception):
    """Another process runs on this data folder."""


def folder() -> Path:
    """The data folder: `CALLCENTER_DATA`, else `var/` of the clone."""
    return Path(os.environ.get("CALLCENTER_DATA") or BASE_DIR / "var").absolute()


def carrier() -> str:
    """Which phone network this environment names: `twilio` once an account is given, else the `sandbox`."""
    return os.environ.get("CARRIER") or ("twilio" if os.environ.get("TWILIO_ACCOUNT_SID") else "sandbox")


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner reads; readers see the old content or the new, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(content)
    os.replace(name, path)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one when there is no such file."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return {}


def running(data: Path) -> dict[str, Any]:
    """What `up` wrote about its servers: `database_url`, `redis_url`, `base_url`, `sandbox_url`, `pid`."""
    return read_json(data / "run.json")


def _hex(prefix: str) -> Callable[[], str]:
    return lambda: prefix + secrets.token_hex(16)


def _password() -> str:
    """The demo's password is kept as it was given: a later start, without it, still names the one that opens."""
    return os.environ.get("DEMO_PASSWORD") or "".join(
        secrets.choice(string.ascii_lowercase + string.digits) for _ in range(10)
    )


# Everything secret that a first start needs and that nobody should have to invent.
_SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "DEMO_PASSWORD": _password,
    "DATABASE_PASSWORD": lambda: secrets.token_urlsafe(24),
    "METRICS_TOKEN": lambda: secrets.token_urlsafe(24),
    "SANDBOX_ACCOUNT_SID": _hex("AC"),
    "SANDBOX_AUTH_TOKEN": _hex(""),
    "SANDBOX_API_KEY": _hex("SK"),
    "SANDBOX_API_SECRET": lambda: secrets.token_urlsafe(24),
    "SANDBOX_APP_SID": _hex("AP"),
}


def first_run_secrets(data: Path) -> dict[str, str]:
    """The secrets of this installation, made at the first start and kept in `secrets.json` (mode 0600)."""
    path = data / "secrets.json"
    known = read_json(path)
    if _SECRETS.keys() <= known.keys():
        return known
    # Several processes may start at once on a new folder: one of them makes the secrets, the others read them.
    with locked(data / "secrets.lock", wait=True):
        known = read_json(path)
        missing = {name: make() for name, make in _SECRETS.items() if name not in known}
        if missing:
            known |= missing
            write_private(path, json.dumps(known, indent=2) + "\n")
    return known


class locked:
    """Hold an exclusive lock on a file; the system gives it back when the process dies, however it dies."""

    def __init__(self, path: Path, *, wait: bool = False) -> None:
        """With `wait` false, entering raises FolderTaken when somebody else holds the lock."""
        self.path = path
        self.wait = wait
        self.file: IO[str] | None = None

    def __enter__(self) -> "locked":
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.path.open("a")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX if self.wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            self.file.close()
            raise FolderTaken(f"Another call center runs on {self.path.parent}: stop it or give --data.") from busy
        return self

    def __exit__(self, *exc: object) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None
