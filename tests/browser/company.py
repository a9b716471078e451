"""The demo company with its doors open: a running call center, and a browser for everybody who comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.people import REMEMBER_MESSAGES, Board, Caller, Desk
from tests.support.running import Running

PATIENCE_MS = 20_000


class Company:
    """Lets people in. All that they do in their browsers must go without a fault and without leaving the house."""

    def __init__(
        self, house: Running, password: str, new_context: Callable[..., BrowserContext], sessions: dict[str, Any]
    ) -> None:
        self.house, self._password = house, password
        self._new_context, self._sessions = new_context, sessions
        self.faults: list[str] = []
        self.desks: list[Desk] = []

    def caller(self, number: str, **manner: Any) -> Caller:
        return Caller(self._page(**manner), self.house.sandbox_url).enters(number)

    def operator(self, name: str, **manner: Any) -> Desk:
        """An operator whose desk is open; `manner` goes to the browser: viewport, color_scheme."""
        desk = Desk(self.page(name, **manner), self.house.url)
        self.desks.append(desk)
        return desk.opens()

    def supervisor(self, **manner: Any) -> Board:
        return Board(self.page("supervisor", **manner), self.house.url).opens()

    def page(self, name: str, **manner: Any) -> Page:
        """A page of somebody who is signed in."""
        page = self._page(storage_state=self._sessions.get(name), **manner)
        if name not in self._sessions:
            self.sign_in(page, name)
            self._sessions[name] = page.context.storage_state()
        return page

    def stranger(self) -> Page:
        """A page of somebody whom nobody knows."""
        return self._page()

    def sign_in(self, page: Page, name: str) -> None:
        page.goto(f"{self.house.url}/login/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(self._password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    def _page(self, **manner: Any) -> Page:
        page = self._new_context(**manner).new_page()
        page.add_init_script(REMEMBER_MESSAGES)
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
        page = self.page("supervisor")
        page.goto(f"{self.house.url}/api/v1/calls/?status=open&format=json")
        self.until(page, "/calls/?status=open", count=0)
        for desk in self.desks:
            desk.goes_home()

    def until(self, page: Page, path: str, *, count: int) -> None:
        """Ask for the API's list at `path` until it has `count` rows."""
        asked = f"async () => (await (await fetch('/api/v1{path}')).json()).count === {count}"
        page.wait_for_function(asked, polling=500, timeout=PATIENCE_MS)
