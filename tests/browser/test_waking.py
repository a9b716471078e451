"""Laptops that were shut in the middle of the work: their pages stand still, and are right soon after they wake up."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

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
    """The computer on which a page is open, and its lid."""

    def __init__(self, page: Page) -> None:
        self._line: CDPSession = page.context.new_cdp_session(page)

    def falls_asleep(self) -> None:
        """Timers, sockets and everything else of the page stand still."""
        self._line.send("Page.setWebLifecycleState", {"state": "frozen"})

    def wakes_up(self) -> None:
        self._line.send("Page.setWebLifecycleState", {"state": "active"})


def test_pages_that_were_asleep_are_right_two_seconds_after_they_wake_up(company):
    desk, other = company.operator("operator1").is_available(), company.operator("operator2")
    board, sleeper = company.supervisor(), company.supervisor()
    for each in (board, sleeper):
        each.shows_operator("Operator 1", "Ready")
    desk.page.evaluate(LISTEN_TO_METER)
    shut = [Laptop(desk.page), Laptop(sleeper.page)]

    for laptop in shut:
        laptop.falls_asleep()
    board.shows_operator("Operator 1", "Not reachable")
    board.shows_operator("Operator 1", "asleep")
    other.is_available()
    board.shows_operator("Operator 2", "Ready")

    shut[1].wakes_up()
    sleeper.shows_operator("Operator 2", "Ready", within_ms=2_000)
    sleeper.shows_operator("Operator 1", "Not reachable", within_ms=2_000)
    assert sleeper.page.evaluate(OPERATORS) == board.page.evaluate(OPERATORS)

    shut[0].wakes_up()
    expect(desk.page.locator("#ready")).to_have_text(CAN_RING)
    board.shows_operator("Operator 1", "Ready")
    said = " ".join(desk.page.evaluate("window.meterSaid"))
    assert "No connection to the call center. Calls cannot reach you here." in said or "asleep" in said
