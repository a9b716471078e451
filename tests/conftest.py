"""The ground that every test stands on: real PostgreSQL and Valkey in a temporary folder, then Django.

The servers start before Django reads its settings. With DATABASE_URL and REDIS_URL given, those are used. Workers of
pytest-xdist share the servers: a database and a Valkey database each.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import CHROMIUM, LAUNCH


def _start_servers() -> None:
    from callcenter.data import first_run_secrets
    from callcenter.embedded import Postgres, Valkey

    folder = Path(tempfile.mkdtemp(prefix="callcenter-tests-"))
    # PostgreSQL runs as nobody when we are root, and must reach its folder.
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["CALLCENTER_DATA"] = str(folder)
    password = first_run_secrets(folder)["DATABASE_PASSWORD"]
    for variable, server_class in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)):
        if variable not in os.environ:
            server = server_class(folder, password=password, logs=folder / "log", pids=folder / "run", durable=False)
            server.start()
            atexit.register(server.stop)
            os.environ[variable] = server.url


def _prepare_environment() -> None:
    # A developer's .env, with a real carrier account perhaps, has no business in tests.
    os.environ["CALLCENTER_ENV"] = "test"
    os.environ["DJANGO_SETTINGS_MODULE"] = "callcenter.settings"
    # Playwright's sync API runs a loop in the test's thread, where Django would refuse the ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start_servers()
    else:
        url, _, first = os.environ["REDIS_URL"].rpartition("/")
        # Two each: queue and channels in one, cache in the next. Valkey has sixteen.
        os.environ["REDIS_URL"] = f"{url}/{int(first) + 2 * (int(worker.removeprefix('gw')) + 1) % 14}"


_prepare_environment()

import django  # noqa: E402 (the settings need the servers)
from hypothesis import settings as hypothesis  # noqa: E402

django.setup()
# An example with a database behind it takes as long as the machine is busy: that is no failure.
hypothesis.register_profile("house", deadline=None)
hypothesis.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """A worker that inherits this would read the settings before `_prepare_environment` gives it servers of its own."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out, loudly, on a machine without Chromium; else they come last.

    Once a process has driven a browser its main thread has an event loop that runs, and no test can have its own.
    The order of pytest-django stays within the rest: what empties the tables comes after what needs their first rows.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if Path(CHROMIUM).exists():
        return
    browser = [item for item in items if item.get_closest_marker("browser")]
    if not browser:
        return
    if os.environ.get("BROWSER_REQUIRED") == "1":
        raise pytest.UsageError(f"BROWSER_REQUIRED=1, but there is no Chromium at {CHROMIUM}: install it.")
    items[:] = [item for item in items if not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=browser)
    config.stash[_left_out] = len(browser)


_left_out = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(_left_out, 0)
    if left_out:
        terminalreporter.write_line(
            f"!!! {left_out} BROWSER TESTS LEFT OUT: no Chromium at {CHROMIUM} (install it or set CHROMIUM) !!!",
            red=True,
        )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Playwright drives the system's Chromium and lets it call nobody outside."""
    return LAUNCH


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """As pytest-django does, and with our own way back after a test that commits."""
    from tests.support import tables

    with django_db_blocker.unblock():
        tables.keep()


@pytest.fixture(autouse=True)
def _empty_valkey(request: pytest.FixtureRequest) -> None:
    """Nothing that a test leaves in the queue, the channel layer or the cache reaches the next one."""
    if not {"db", "transactional_db", "live_server"} & set(request.fixturenames):
        return
    import redis
    from django.conf import settings

    for url in (settings.REDIS_URL, settings.CACHE_URL):
        with redis.Redis.from_url(url) as client:
            client.flushdb()
