"""A laptop that was shut in the middle of the work: its pages stand still, and are right soon after it wakes up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.browser.company import Company
from tests.browser.people import Board, Desk
from tests.support.chromium import LAUNCH

pytestmark = pytest.mark.browser

CAN_RING = "The telephone is connected and can ring."
# Everything that the truth meter says from now on.
LISTEN_TO_METER = """
() => {
  const meter = document.querySelector("#ready");
  window.meterSaid = [];
  new MutationObserver(() => window.meterSaid.push(meter.textContent))
    .observe(meter, { childList: true, characterData: true, subtree: true });
}
"""
OPERATORS = """
() => [...document.querySelectorAll("#operators li")].map((row) =>
  [row.querySelector("strong").textContent, row.querySelector(".badge").textContent])
"""


class Laptop:
    """A computer with a browser of its own. With the lid shut its pages stand still: scripts, timers, sockets."""

    def __init__(self, browser: Browser, company: Company, sessions: dict[str, Any]) -> None:
        self._browser, self._company, self._sessions = browser, company, sessions

    def page(self, name: str) -> Page:
        """A page of somebody who signed in elsewhere, and closed that page: it would ring as well."""
        self._company.page(name).close()
        return self._browser.new_context(storage_state=self._sessions[name]).new_page()

    def falls_asleep(self) -> None:
        self._signal(signal.SIGSTOP)

    def wakes_up(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        found = self._browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        pages = [process["id"] for process in found if process["type"] == "renderer"]
        assert pages
        for pid in pages:
            os.kill(pid, what)


@pytest.fixture
def laptop(company: Company, browser_type: BrowserType, sessions: dict[str, Any]) -> Iterator[Laptop]:
    browser = browser_type.launch(**LAUNCH)  # type: ignore[arg-type]
    laptop = Laptop(browser, company, sessions)
    yield laptop
    laptop.wakes_up()
    browser.close()


def test_pages_that_were_asleep_are_right_two_seconds_after_they_wake_up(company, laptop):
    other, board = company.operator("operator2"), company.supervisor()
    desk = Desk(laptop.page("operator1"), company.house.url).opens().is_available()
    sleeper = Board(laptop.page("supervisor"), company.house.url).opens()
    for each in (board, sleeper):
        each.shows_operator("Operator 1", "Ready")
    desk.page.evaluate(LISTEN_TO_METER)

    laptop.falls_asleep()
    board.shows_operator("Operator 1", "Not reachable")
    board.shows_operator("Operator 1", "asleep")
    other.is_available()
    board.shows_operator("Operator 2", "Ready")
    laptop.wakes_up()

    sleeper.shows_operator("Operator 2", "Ready", within_ms=2_000)
    expect(desk.page.locator("#ready")).to_have_text(CAN_RING)
    for each in (board, sleeper):
        each.shows_operator("Operator 1", "Ready")
    assert sleeper.page.evaluate(OPERATORS) == board.page.evaluate(OPERATORS)
    said = " ".join(desk.page.evaluate("window.meterSaid"))
    assert "No connection to the call center. Calls cannot reach you here." in said or "asleep" in said
    desk.goes_home()
