"""One sandbox process and one application for all tests; each test finds them empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .world import OURS, Application, Sandbox, World


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    process = Sandbox(tmp_path_factory.mktemp("sandbox") / "ledger.jsonl")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def application() -> Iterator[Application]:
    running = Application()
    yield running
    running.stop()


@pytest.fixture
def world(sandbox: Sandbox, application: Application) -> World:
    made = World(sandbox, application)
    made.control("POST", "/reset", {"numbers": False})
    application.clear()
    made.client.incoming_phone_numbers.create(
        phone_number=OURS,
        voice_url=f"{application.url}/voice",
        voice_fallback_url=f"{application.url}/fallback",
        status_callback=f"{application.url}/status",
    )
    return made
