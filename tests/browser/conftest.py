"""The real product, started once as `bin/run` starts it, and people who open its pages in browsers of their own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.company import PATIENCE_MS, Company
from tests.support.running import Running, up

PASSWORD = secrets.token_urlsafe(12)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`up` with the demo company, ready for calls."""
    expect.set_options(timeout=PATIENCE_MS)
    with up(tmp_path_factory.mktemp("house") / "data", DEMO_PASSWORD=PASSWORD) as running:
        running.wait_for("Ctrl-C stops everything.")
        yield running


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Who has signed in already stays signed in for the next story."""
    return {}


@pytest.fixture
def company(house: Running, new_context: Callable[..., BrowserContext], sessions: dict[str, Any]) -> Iterator[Company]:
    company = Company(house, PASSWORD, new_context, sessions)
    yield company
    company.closes()
    assert company.faults == []
