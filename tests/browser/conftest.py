"""The real product, started once as `bin/run` starts it, and people who open its pages in browsers of their own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from callcenter.processes import poll
from tests.browser.people import Board, Caller, Desk
from tests.support.running import Running, up

PATIENCE_MS = 20_000
PASSWORD = secrets.token_urlsafe(12)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`up` with the demo company, ready for calls."""
    expect.set_options(timeout=PATIENCE_MS)
    # Sync Playwright runs a loop in this thread; that allowance is for the tests, not for the product.
    allowed = os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", "")
    with up(tmp_path_factory.mktemp("house") / "data", DEMO_PASSWORD=PASSWORD) as running:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = allowed
        running.wait_for("Ctrl-C stops everything.")
        yield running


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Who has signed in already stays signed in for the next story."""
    return {}


class Company:
    """Lets people in. All that they do in their browsers must go without a fault and without leaving the house."""

    def __init__(self, house: Running, new_context: Callable[..., BrowserContext], sessions: dict[str, Any]) -> None:
        self.house, self._new_context, self._sessions = house, new_context, sessions
        self.faults: list[str] = []
        self.desks: list[Desk] = []

    def caller(self, number: str) -> Caller:
        return Caller(self._page(), self.house.sandbox_url).enters(number)

    def operator(self, name: str, **manner: Any) -> Desk:
        """An operator whose desk is open; `manner` goes to the browser: viewport, color_scheme."""
        desk = Desk(self.page(name, **manner), self.house.url)
        self.desks.append(desk)
        return desk.opens()

    def supervisor(self) -> Board:
        return Board(self.page("supervisor"), self.house.url).opens()

    def page(self, name: str, **manner: Any) -> Page:
        """A page of somebody who is signed in."""
        page = self._page(storage_state=self._sessions.get(name), **manner)
        if name not in self._sessions:
            self.sign_in(page, name)
            self._sessions[name] = page.context.storage_state()
        return page

    def sign_in(self, page: Page, name: str) -> None:
        page.goto(f"{self.house.url}/login/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    def _page(self, **manner: Any) -> Page:
        page = self._new_context(**manner).new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._overhear(page, message.text))
        page.on("request", lambda request: self._watch(request.url))
        return page

    def _overhear(self, page: Page, words: str) -> None:
        if "Content Security Policy" in words:
            self.faults.append(f"{page.url}: {words}")

    def _watch(self, url: str) -> None:
        if urlsplit(url).scheme.startswith(("http", "ws")) and urlsplit(url).hostname != "127.0.0.1":
            self.faults.append(f"A request left the house: {url}")

    def closes(self) -> None:
        """The end of the day: everybody hangs up and goes home, so that the next story finds an empty house."""
        ask = self.house.sandbox_url + "/sandbox"
        for call in requests.get(f"{ask}/calls", timeout=10).json():
            if not call["ended_at"]:
                requests.post(f"{ask}/calls/{call['sid']}/hangup", json={}, timeout=10)
        assert poll(self._is_quiet, timeout_s=20), "A call of the story does not end."
        for desk in self.desks:
            desk.goes_home()

    def _is_quiet(self) -> bool:
        page = self.page("supervisor")
        calls = page.request.get(f"{self.house.url}/api/v1/calls/?status=open").json()
        page.close()
        return calls["count"] == 0


@pytest.fixture
def company(
    house: Running, new_context: Callable[..., BrowserContext], sessions: dict[str, Any]
) -> Iterator[Company]:
    company = Company(house, new_context, sessions)
    yield company
    company.closes()
    assert company.faults == []
