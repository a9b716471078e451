"""Real sound, judged by the spectrum of what each page would play and of what the recordings hold."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect
from twilio.rest import Client

from callcenter.data import read_json
from callcenter.processes import poll
from tests.browser.company import Company
from tests.browser.conftest import PASSWORD
from tests.browser.ears import EARS, REFUSED, comes_to_hear, hears, voice, voices_in
from tests.browser.people import Caller, Desk
from tests.support.running import Running

pytestmark = pytest.mark.browser

GROCER, GROCERS_NUMBER, DISPATCH = "Bluebird Grocers, loading dock", "+14155550110", "+14155550101"
SUPERVISORS_NUMBER = "+12125550147"


@pytest.fixture
def voices(browser_type: BrowserType, tmp_path: Path) -> Iterator[Callable[[str], Browser]]:
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(voice(browser_type, tmp_path, name))


class Talkers(Company):
    """A company whose people have voices: each of them a browser with a microphone of its own."""

    def __init__(self, house: Running, sessions: dict[str, Any], voices: Callable[[str], Browser]) -> None:
        super().__init__(house, PASSWORD, self._context, sessions)
        self._voices = voices
        self.next = "customer"

    def _context(self, **manner: Any) -> BrowserContext:
        context = self._voices(self.next).new_context(**manner)
        context.add_init_script(EARS)
        return context

    def customer(self, number: str) -> Caller:
        self.next = "customer"
        return self.caller(number)

    def agent(self, name: str) -> Desk:
        self.next = "operator"
        return self.operator(name).is_available()


@pytest.fixture
def talkers(house: Running, sessions: dict[str, Any], voices: Callable[[str], Browser]) -> Iterator[Talkers]:
    company = Talkers(house, sessions, voices)
    yield company
    company.next = "supervisor"
    company.closes()
    assert company.faults == []


def meet(talkers: Talkers) -> tuple[Caller, Desk]:
    """Customer and operator in a conversation."""
    desk = talkers.agent("operator1")
    caller = talkers.customer(GROCERS_NUMBER)
    caller.dials(DISPATCH)
    desk.rings(name=GROCER)
    desk.answers()
    caller.sees("Talking")
    return caller, desk


def meter(page: Page, which: str) -> float:
    return float(page.locator(f"#level-{which}").evaluate("meter => meter.value"))


def test_customer_and_operator_hear_each_other_hold_is_music_and_the_recording_is_their_voices(talkers):
    caller, desk = meet(talkers)
    comes_to_hear(caller.page, "operator")
    comes_to_hear(desk.page, "customer")
    for page in (caller.page, desk.page):
        assert meter(page, "said") > 0.3 < meter(page, "heard")

    desk.button("Mute").click()
    comes_to_hear(caller.page)
    desk.button("Unmute").click()
    comes_to_hear(caller.page, "operator")

    desk.holds()
    comes_to_hear(desk.page)
    assert poll(lambda: meter(caller.page, "heard") > 0.2, timeout_s=5), "there is music on hold"
    assert "operator" not in hears(caller.page)
    desk.resumes()
    comes_to_hear(caller.page, "operator")
    comes_to_hear(desk.page, "customer")

    caller.hangs_up()
    desk.wraps_up(disposition="Load booked", note="By ear.")
    left, right = voices_in(newest_recording(talkers, desk.page))
    assert (left, right) == ({"customer"}, {"operator"})


def newest_recording(talkers: Talkers, page: Page) -> bytes:
    talkers.next = "supervisor"
    boss = talkers.page("supervisor")
    url = f"{talkers.house.url}/api/v1/recordings/"

    def newest() -> dict[str, Any]:
        return boss.request.get(url).json()["results"][0]

    assert poll(lambda: newest()["status"] in ("ready", "completed", "stored"), timeout_s=30, every_s=0.5), newest()
    return boss.request.get(f"{url}{newest()['id']}/media/").body()


def test_a_supervisor_who_whispers_is_never_in_the_customers_ear_nor_in_the_recording(talkers):
    """Three windows; the third telephone is brought into the room as Twilio's API does it, with the official SDK."""
    caller, desk = meet(talkers)
    comes_to_hear(caller.page, "operator")
    talkers.next = "supervisor"
    boss = talkers.caller(SUPERVISORS_NUMBER)
    carrier = sdk(talkers.house)
    room = carrier.conferences.list(status="in-progress")[0]
    operator = next(each.call_sid for each in room.participants.list() if not each.end_conference_on_exit)

    whisper = room.participants.create(
        to=SUPERVISORS_NUMBER, from_=DISPATCH, beep="false", coaching=True, call_sid_to_coach=operator
    )

    boss.sees("Talking")
    comes_to_hear(boss.page, "customer", "operator")
    comes_to_hear(desk.page, "customer", "supervisor")
    comes_to_hear(caller.page, "operator")
    room.participants(whisper.call_sid).update(muted=True)
    comes_to_hear(desk.page, "customer")
    comes_to_hear(boss.page, "customer", "operator")
    boss.hangs_up()
    caller.hangs_up()
    desk.wraps_up(disposition="Load booked", note="Whispered to.")
    assert voices_in(newest_recording(talkers, desk.page)) == [{"customer"}, {"operator"}]


def sdk(house: Running) -> Client:
    known = read_json(house.folder / "secrets.json")
    client = Client(known["SANDBOX_ACCOUNT_SID"], known["SANDBOX_AUTH_TOKEN"])
    client.api.base_url = house.sandbox_url
    return client


def test_an_engine_that_is_killed_in_the_middle_of_a_call_comes_back_and_so_does_the_sound(talkers):
    caller, desk = meet(talkers)
    comes_to_hear(caller.page, "operator")

    os.kill(talkers.house.pid("sound"), signal.SIGKILL)

    expect(caller.page.locator("#sound")).to_contain_text("Connecting again")
    talkers.house.wait_for("sound runs again.")
    comes_to_hear(caller.page, "operator")
    comes_to_hear(desk.page, "customer")
    caller.sees("Talking")


@pytest.mark.parametrize(
    ("microphone", "words"),
    [
        (REFUSED, "The browser does not let this page use your microphone."),
        ("silent", "Your microphone gives no sound at all."),
    ],
)
def test_a_denied_or_silent_microphone_is_said_on_both_pages_and_the_call_goes_on(talkers, microphone, words):
    talkers.next = microphone
    desk = talkers.operator("operator1").is_available()
    talkers.next = microphone
    caller = talkers.caller(GROCERS_NUMBER)
    caller.dials(DISPATCH)
    desk.rings(name=GROCER)
    desk.answers()
    caller.sees("Talking")
    expect(caller.page.locator("#sound")).to_contain_text(words)
    expect(desk.page.locator("#sound")).to_contain_text(words)
    assert meter(caller.page, "heard") < 0.05

    desk.says("The truck is on its way.")

    caller.hears("The truck is on its way.")


def test_a_page_that_is_stuck_is_heard_all_the_while_and_a_frozen_tab_comes_back(talkers):
    caller, desk = meet(talkers)
    comes_to_hear(caller.page, "operator")
    comes_to_hear(desk.page, "customer")
    # The desk's own thread does nothing else for three seconds; its sound has threads of its own.
    desk.page.evaluate(
        "() => void setTimeout(() => { const end = Date.now() + 3000; while (Date.now() < end) ; }, 100)"
    )
    assert caller.page.evaluate(SHARE_HEARD, 2500) > 0.8, "the operator is heard while the page is stuck"

    tab = caller.page.context.new_cdp_session(caller.page)
    tab.send("Page.setWebLifecycleState", {"state": "frozen"})
    assert poll(lambda: desk.page.evaluate(SHARE_HEARD, 500) is not None, timeout_s=5)
    assert desk.button("Hold").is_enabled(), "the operator's page goes on"
    tab.send("Page.setWebLifecycleState", {"state": "active"})
    comes_to_hear(caller.page, "operator")
    comes_to_hear(desk.page, "customer")


# For what share of so many milliseconds the line was heard, as the meter shows it: a busy machine makes short gaps.
SHARE_HEARD = """
(milliseconds) => new Promise((done) => {
  const meter = document.querySelector("#level-heard");
  const heard = [];
  const look = setInterval(() => heard.push(meter.value > 0.3), 50);
  setTimeout(() => { clearInterval(look); done(heard.filter(Boolean).length / heard.length); }, milliseconds);
})
"""


def test_without_a_microphone_the_booth_says_so_and_speaks_lines_for_the_customer(company, talkers):
    """One page of each kind: the customer's browser has no microphone at all, the operator's has ears."""
    desk = talkers.agent("operator1")
    caller = company.caller(GROCERS_NUMBER)
    caller.dials(DISPATCH)
    desk.rings(name=GROCER)
    desk.answers()
    caller.sees("Talking")
    expect(caller.page.locator("#sound")).to_contain_text("it is read aloud")
    assert poll(lambda: meter(desk.page, "heard") < 0.05, timeout_s=5)

    caller.page.get_by_role("button", name="Can you tell me when it will arrive?").click()

    assert poll(lambda: meter(desk.page, "heard") > 0.2, timeout_s=5), "the line is spoken to the operator"
    desk.hears("Can you tell me when it will arrive?")
