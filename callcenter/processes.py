"""Children of the supervisor: started so that they cannot outlive it, waited for, stopped for certain."""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_PR_SET_PDEATHSIG = 1
# Opened here, not in the child: between fork and exec nothing may allocate more than it must.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class NotStarted(Exception):
    """A child ended, or did not answer in time, before it was ready."""


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


@dataclass
class Child:
    """One process that we started, with what is needed to end it."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals = signal.SIGTERM
    pid_file: Path | None = None
    log: Path | None = None
    started_at: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self, lines: int = 15) -> str:
        """The end of the child's log, for a message to a person."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, grace_s: float = 8) -> None:
        """Ask the child to end; after `grace_s` seconds end it."""
        if self.alive:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.pid_file is not None:
            self.pid_file.unlink(missing_ok=True)


def spawn(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str = "/",
    log: Path | None = None,
    pids: Path | None = None,
    uid: int | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    orphan_signal: signal.Signals = signal.SIGKILL,
) -> Child:
    """Start a child in a session of its own, so that Ctrl-C reaches only us and we stop the children in order.

    Should we be killed, Linux sends it `orphan_signal`; elsewhere the next start finds its pid file (`reap`).
    """
    supervisor = os.getpid()

    def tie_to_us() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != supervisor:
            # We died between fork and prctl: nobody would ever send the signal.
            os._exit(1)

    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else None
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=tie_to_us,  # noqa: PLW1509 (we start children from one thread)
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )
    child = Child(name, process, stop_signal=stop_signal, log=log)
    if pids is not None:
        pids.mkdir(parents=True, exist_ok=True)
        child.pid_file = pids / f"{name}.pid"
        child.pid_file.write_text(f"{process.pid}\n{_birth(process.pid)}\n")
    return child


def _birth(pid: int) -> str:
    """When a living process began, by which we know it again (names change, numbers are used again); "" when gone."""
    try:
        # The 22nd field, in ticks since the machine started; the 2nd is a name in brackets that may hold spaces.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def reap(pids: Path, *, grace_s: float = 5) -> list[str]:
    """End children that an earlier supervisor left behind, and return their names.

    A number that now belongs to another process is left alone.
    """
    ended = []
    for pid_file in sorted(pids.glob("*.pid")):
        pid_text, _, birth = pid_file.read_text().strip().partition("\n")
        if pid_text.isdigit() and birth and _birth(int(pid_text)) == birth:
            _end(int(pid_text), grace_s)
            ended.append(pid_file.stem)
        pid_file.unlink(missing_ok=True)
    return ended


def _end(pid: int, grace_s: float) -> None:
    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    with contextlib.suppress(ProcessLookupError):
        # SIGINT is PostgreSQL's fast shutdown; the others take it as a request to end too.
        os.kill(pid, signal.SIGINT)
        if not poll(gone, timeout_s=grace_s):
            os.kill(pid, signal.SIGKILL)
            poll(gone, timeout_s=grace_s)


def poll(ready: Callable[[], bool], *, timeout_s: float, every_s: float = 0.03) -> bool:
    """Ask `ready` until it says yes; False when `timeout_s` seconds pass first."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def wait_until(child: Child, ready: Callable[[], bool], *, timeout_s: float = 60) -> None:
    """Wait until a child is ready; raises NotStarted with the end of its log when it ends or takes too long.

    One that takes too long is ended, so that the next try finds its port free.
    """

    def ready_or_dead() -> bool:
        return not child.alive or ready()

    in_time = poll(ready_or_dead, timeout_s=timeout_s)
    if not child.alive:
        raise NotStarted(f"{child.name} ended with code {child.process.returncode}.\n{child.last_words()}".rstrip())
    if not in_time:
        child.stop()
        raise NotStarted(f"{child.name} did not answer within {timeout_s:.0f} s.\n{child.last_words()}".rstrip())


def answers_tcp(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def http_status(url: str, *, timeout_s: float = 5) -> int:
    """The status that a GET gets; 0 when nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
