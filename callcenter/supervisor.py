"""`up`: the whole call center as children of one process, started in order, watched, and ended together.

Free of Django, so that the process that only watches stays small; `manage.py up` and `bin/run` both come here.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import environ

from . import data
from .embedded import Postgres, Valkey
from .parts import Part, Parts
from .processes import Child, NotStarted, reap

LONGEST_PAUSE_S = 30
# A child that lived this long was well: its next fall is a new one.
WELL_AFTER_S = 60
LOOK_EVERY_S = 0.3


class Stopped(Exception):
    """Somebody asked us to end."""


class Supervisor:
    """Starts the parts in order and keeps them running until a signal ends it all."""

    def __init__(self, *, port: int, folder: Path, demo: bool) -> None:
        self.folder = folder
        self.demo = demo
        self.parts = Parts(port, folder)
        self.watched: list[Part] = []

    def run(self) -> int:
        """Start everything, watch it, stop it; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop_once)
        try:
            with data.locked(self.folder / "up.lock"):
                try:
                    self._start()
                    self._watch()
                finally:
                    self._stop()
        except Stopped:
            return 0
        except (data.FolderTaken, NotStarted) as problem:
            print(f"\n{problem}", file=sys.stderr, flush=True)
            return 1

    def _start(self) -> None:
        began = time.monotonic()
        if left := reap(self.parts.pids):
            say(f"Ended what an earlier run left behind: {', '.join(left)}.")
        self.parts.check_ports()
        _rotate(self.parts.logs)
        notes = {"pid": os.getpid(), "base_url": self.parts.base_url}
        for variable, server in self.parts.embedded().items():
            self._begin("database" if variable == "DATABASE_URL" else "valkey", _starter(server))
            notes[variable.lower()] = server.url
        if data.carrier() == "sandbox":
            notes |= {"sandbox_url": self.parts.sandbox_url, "sound_url": self.parts.sound_url}
            self._begin_sound()
            self._begin("sandbox", lambda: self.parts.sandbox(sound=True))
        data.write_private(self.folder / "run.json", json.dumps(notes, indent=2) + "\n")
        self.parts.prepare(demo=self.demo)
        with step("web and worker"):
            web, worker = self.parts.web_and_worker()
        self.watched += [Part("web", self.parts.web, web), Part("worker", self.parts.worker, worker)]
        say(f"Ready after {time.monotonic() - began:.1f} s.")
        self._greet()

    def _begin(self, name: str, start: Callable[[], Child]) -> None:
        with step(name):
            self.watched.append(Part(name, start, start()))

    def _begin_sound(self) -> None:
        """Calls go on without it, as text; it is tried again while everything else runs."""
        try:
            self._begin("sound", self.parts.sound)
        except NotStarted as problem:
            say(f"failed\n{problem}\nThe sandbox's calls have no sound until it starts.")
            again_at = time.monotonic() + LONGEST_PAUSE_S
            self.watched.append(Part("sound", self.parts.sound, falls=1, again_at=again_at))

    def _greet(self) -> None:
        rows = [("Call center", f"{self.parts.base_url}/"), ("API", f"{self.parts.base_url}/api/docs/")]
        if data.carrier() == "sandbox":
            rows.insert(1, ("Phone booth", f"{self.parts.sandbox_url}/"))
        else:
            rows.append(("Twilio", "`manage.py carrier doctor` says whether calls can reach you"))
        if logins := data.running(self.folder).get("logins"):
            password = os.environ.get("DEMO_PASSWORD") or data.first_run_secrets(self.folder)["DEMO_PASSWORD"]
            rows += [("Log in as", ", ".join(logins)), ("Password", password)]
        rows.append(("Logs", f"{self.parts.logs}/"))
        say("\n" + "\n".join(f"  {name:<12} {value}" for name, value in rows))
        say("\nCtrl-C stops everything.")

    def _watch(self) -> NoReturn:
        while True:
            for part in self.watched:
                self._look_after(part)
            time.sleep(LOOK_EVERY_S)

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.child is not None:
            if part.child.alive:
                return
            code = part.child.process.returncode
            part.falls = 1 if now - part.child.started_at > WELL_AFTER_S else part.falls + 1
            pause = min(LONGEST_PAUSE_S, 0.5 * 2 ** (part.falls - 1))
            part.child, part.again_at = None, now + pause
            say(f"{part.name} ended (code {code}); starting it again in {pause:g} s. Its log: {self.parts.logs}/")
        elif part.again_at is not None and now >= part.again_at:
            self._restart(part)

    def _restart(self, part: Part) -> None:
        try:
            part.child = part.start()
            if part.name == "sandbox":
                self.parts.provision()
        except NotStarted as problem:
            part.falls += 1
            part.again_at = time.monotonic() + min(LONGEST_PAUSE_S, 0.5 * 2**part.falls)
            say(str(problem))
        else:
            say(f"{part.name} runs again.")

    def _stop(self) -> None:
        """End the children, last started first; those that only use the servers end side by side."""
        children = [part.child for part in self.watched if part.child is not None]
        if children:
            say("\nStopping.")
        for child in children:
            if child.name not in ("database", "valkey") and child.alive:
                child.process.send_signal(child.stop_signal)
        for child in reversed(children):
            child.stop()
        # What was being started when the signal came.
        reap(self.parts.pids)
        (self.folder / "run.json").unlink(missing_ok=True)


def _stop_once(number: int, frame: FrameType | None) -> NoReturn:
    # While we stop, further signals must not stop the stopping.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def _starter(server: Postgres | Valkey) -> Callable[[], Child]:
    def start() -> Child:
        server.start()
        assert server.child is not None  # noqa: S101 (for the type checker)
        return server.child

    return start


def _rotate(logs: Path) -> None:
    """Begin new logs and keep the last run's."""
    logs.mkdir(parents=True, exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def say(words: str) -> None:
    print(words, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """A progress line: what is being started, then how long it took."""
    began = time.monotonic()
    print(f"  {name} ... ", end="", flush=True)
    yield
    print(f"ready ({time.monotonic() - began:.1f} s)", flush=True)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `up`, for this module's command line and for `manage.py up`."""
    parser.add_argument("--port", type=int, help="port of the pages (8000); the sandbox takes the one 100 above")
    parser.add_argument("--data", metavar="DIR", help="where everything is kept (var/)")
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="no demo data, only the login `admin`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the call center until a signal ends it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bin/run", description="Start the whole call center on this machine.")
    add_options(parser)
    options = parser.parse_args(arguments)
    if (data.BASE_DIR / ".env").exists():
        environ.Env.read_env(data.BASE_DIR / ".env")
    if options.data:
        os.environ["CALLCENTER_DATA"] = str(Path(options.data).absolute())
    port = options.port or int(os.environ.get("PORT") or 8000)
    return Supervisor(port=port, folder=data.folder(), demo=options.demo).run()


if __name__ == "__main__":
    sys.exit(main())
