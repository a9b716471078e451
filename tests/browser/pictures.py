"""Takes the pictures of README.md: starts the product with its demo, plays a busy minute, photographs the real pages.

Run it again with `make pictures`; its one argument is a folder other than docs/pictures/.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page, expect, sync_playwright

from callcenter.data import BASE_DIR
from tests.browser.company import PATIENCE_MS, Company
from tests.browser.people import DISPATCH, MAIN, Caller, Desk
from tests.browser.shrink import shrink
from tests.support.chromium import LAUNCH
from tests.support.running import up

GROCERS, MILL, FARMS, TRUCK_7, TRUCK_12, TIRES, FUEL = (f"+1415555011{n}" for n in (0, 2, 3, 4, 5, 7, 8))
NAMES = {
    GROCERS: "Bluebird Grocers, loading dock", MILL: "Harbor Paper Mill, logistics",
    FARMS: "Redwood Farms, cold store", TIRES: "Quick Tire Service", FUEL: "Granite Fuel, accounts",
}  # fmt: skip
NOBODYS = "+12125550147"
TO_BILLING = [{"wait": 1}, {"press": "2"}]
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light", "reduced_motion": "reduce"}
PHONE = {**DESKTOP, "viewport": {"width": 390, "height": 844}, "has_touch": True}


class Photographer:
    """Plays the minute and presses the shutter."""

    def __init__(self, company: Company, darkroom: Page, folder: Path) -> None:
        self.company, self.darkroom, self.folder = company, darkroom, folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        # A button under the mouse looks pressed.
        page.mouse.move(640, 2)
        picture = shrink(page.screenshot(), self.darkroom)
        (self.folder / f"{name}.png").write_bytes(picture)
        sys.stdout.write(f"{name}.png: {len(picture) // 1000} kB\n")

    def play(self) -> None:
        desks = {n: self.company.operator(f"operator{n}", **(PHONE if n == 3 else DESKTOP)) for n in range(1, 7)}
        self._morning(desks)
        booth = self._the_call(desks[1])
        self._busy_minute(desks)
        self._overview()
        self._records(desks[1], booth)

    def _dial(self, number: str, to: str, script: list[dict[str, Any]] | None = None) -> str:
        """Somebody calls from a telephone that is not in the picture; returns the carrier's id."""
        body = {"from": number, "to": to, "script": script or []}
        return requests.post(f"{self.company.house.sandbox_url}/sandbox/calls", json=body, timeout=10).json()["sid"]

    def _hang_up(self, sid: str) -> None:
        url = f"{self.company.house.sandbox_url}/sandbox/calls/{sid}/hangup"
        requests.post(url, json={}, timeout=10).raise_for_status()

    def _conversation(self, desk: Desk, number: str, to: str, script: list[dict[str, Any]] | None = None) -> str:
        """`desk`, the only free one of its queue, talks with `number`."""
        desk.is_available()
        sid = self._dial(number, to, script)
        desk.rings(name=NAMES[number])
        desk.answers()
        return sid

    def _morning(self, desks: dict[int, Desk]) -> None:
        """A few calls that are over, so that the day has figures."""
        for n, number, to, script, disposition in [
            (2, TIRES, DISPATCH, [], "Driver helped"),
            (2, MILL, MAIN, [], "Load booked"),
            (5, FUEL, MAIN, TO_BILLING, "Invoice question"),
        ]:
            self._hang_up(self._conversation(desks[n], number, to, script))
            desks[n].wraps_up(disposition=disposition, note="")
            desks[n].is_offline()

    def _the_call(self, desk: Desk) -> Caller:
        """The one that the README tells: booth, ringing desk, conversation."""
        caller = self.company.caller(GROCERS, **DESKTOP)
        caller.dials(MAIN)
        caller.hears("For dispatch, press 1.")
        caller.presses("1")
        caller.hears("You are next.")
        desk.is_available()
        desk.rings(name=NAMES[GROCERS])
        self.take(desk.page, "desk-ringing")
        desk.answers()
        caller.sees("Talking")
        desk.says("Northline dispatch, good morning. What can I do for you?")
        caller.hears("good morning")
        caller.says("Two pallets are ready for Oakland. Can a truck come by before noon?")
        desk.hears("Two pallets")
        desk.notes("Two pallets to Oakland, pick-up before noon.")
        self.take(desk.page, "desk-talking")
        self.take(caller.page, "booth")
        return caller

    def _busy_minute(self, desks: dict[int, Desk]) -> None:
        desks[4].takes_a_break("Lunch")
        self._conversation(desks[2], FARMS, MAIN)
        self._conversation(desks[5], FUEL, MAIN, TO_BILLING)
        sid = self._conversation(desks[6], TIRES, MAIN, TO_BILLING)
        self._dial(NOBODYS, MAIN)
        desks[3].is_available()
        self._dial(TRUCK_7, DISPATCH)
        desks[3].rings(name="Driver, truck 7")
        self._hang_up(sid)
        self._dial(TRUCK_12, DISPATCH)
        desks[2].holds()  # by now they have heard that they are recorded, and are there
        self.take(desks[3].page, "desk-phone")

    def _overview(self) -> None:
        board = self.company.supervisor(**DESKTOP)
        board.shows("Driver, truck 12", "Waiting")
        board.shows_operator("Operator 6", "Wrap-up")
        self.take(board.page, "board")
        board.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        self.take(board.page, "board-dark")
        today = self.company.page("admin", **DESKTOP)
        today.goto(f"{self.company.house.url}/admin/")
        self.take(today, "admin")

    def _records(self, desk: Desk, caller: Caller) -> None:
        desk.holds()
        caller.sees("On hold")
        desk.resumes()
        desk.hangs_up()
        desk.wraps_up(disposition="Load booked", note="Two pallets to Oakland, pick-up before noon.")
        page, admin = self.company.page("admin", **DESKTOP), f"{self.company.house.url}/admin"
        page.goto(f"{admin}/calls/call/?q=0110")
        self.company.until(page, "/recordings/?status=stored", count=4)
        page.locator("#result_list tbody").get_by_role("link").first.click()
        page.get_by_text("What happened").evaluate("node => node.scrollIntoView({ block: 'center' })")
        expect(page.get_by_text("The caller joined Dispatch at place 1.")).to_be_in_viewport()
        self.take(page, "call")
        page.goto(f"{admin}/ivr/flow/")
        page.locator("#result_list tbody").get_by_role("link").first.click()
        expect(page.get_by_label("Name").first).to_be_visible()
        self.take(page, "voice-menu")


def main(folder: Path) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    password = secrets.token_urlsafe(12)
    with (
        tempfile.TemporaryDirectory(prefix="callcenter-pictures-") as place,
        sync_playwright() as playwright,
        up(Path(place) / "data", DEMO_PASSWORD=password) as house,
    ):
        house.wait_for("Ctrl-C stops everything.")
        browser = playwright.chromium.launch(**LAUNCH)
        company = Company(house, password, browser.new_context, {})
        Photographer(company, browser.new_page(), folder).play()
        company.closes()
        browser.close()
        if company.faults:
            raise SystemExit("\n".join(company.faults))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BASE_DIR / "docs" / "pictures")
