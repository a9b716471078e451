"""The people of a browser story. Each has a browser of their own, sees only the pages, and waits as people wait."""

from __future__ import annotations

import re

from playwright.sync_api import APIResponse, Locator, Page, expect

MAIN, DISPATCH = "+14155550100", "+14155550101"
TALKS, RINGS, WAITS, IDLE = "Talking", "Ringing", "Waiting", "Ready for the next call"


def seconds(shown: str) -> int:
    """0:07 or 1:02:03, as pages write running times. AssertionError when it is no time."""
    match = re.search(r"(?:(\d+):)?(\d+):(\d\d)\b", shown)
    assert match, f"{shown!r} is no running time."
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


REMEMBER_MESSAGES = """
window.told = [];
new MutationObserver((changes) => {
  for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
    if (node.matches?.(".toasts, .toast")) window.told.push(node.textContent);
}).observe(document, { childList: true, subtree: true });
"""


class Caller:
    """A customer in the phone booth."""

    def __init__(self, page: Page, sandbox_url: str) -> None:
        self.page, self._url = page, sandbox_url

    def enters(self, number: str) -> Caller:
        """Step into the booth with the telephone of `number`."""
        self.page.goto(self._url)
        me = self.page.get_by_label("You are")
        if me.locator(f"option[value='{number}']").count():
            me.select_option(number)
        else:
            me.select_option("other")
            self.page.get_by_label("Your number").fill(number)
        return self

    def dials(self, number: str) -> None:
        self.page.get_by_label("You dial").fill(number)
        self.page.get_by_role("button", name="Call", exact=True).click()

    def hears(self, words: str, *, times: int = 1) -> None:
        heard = self.page.locator("#heard li").filter(has_text=words)
        expect(heard.nth(times - 1)).to_be_visible()

    def presses(self, key: str) -> None:
        self.page.get_by_role("group", name="Keypad").get_by_role("button", name=key, exact=True).click()

    def says(self, words: str) -> None:
        """In text, as the sandbox has no sound."""
        field = self.page.get_by_label("Say something")
        field.fill(words)
        field.press("Enter")

    def sees(self, words: str) -> None:
        expect(self.page.locator("#state")).to_have_text(words)

    def hangs_up(self) -> None:
        self.page.get_by_role("button", name="Hang up").click()

    @property
    def talking_for(self) -> int:
        """Seconds in conversation, as the booth shows them."""
        return seconds(self.page.locator("#talk").inner_text())


class Desk:
    """An operator at the desk."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url
        # A page that is left in the middle of a call asks first; these people mean it.
        page.on("dialog", lambda dialog: dialog.accept())

    def opens(self) -> Desk:
        self.page.goto(f"{self._url}/desk/")
        expect(self.page.locator("#ready")).to_contain_text("The telephone is connected")
        return self

    def is_available(self) -> Desk:
        self._chooses(self.page.get_by_role("button", name="Available"))
        expect(self.page.locator("#ready")).to_have_text("The telephone is connected and can ring.")
        return self

    def is_offline(self) -> None:
        self._chooses(self.page.get_by_role("button", name="Offline"))

    def takes_a_break(self, reason: str) -> None:
        button = self.page.get_by_role("button", name="Break")
        button.click()
        self.page.locator("#reasons").get_by_role("button", name=reason).click()
        expect(button).to_have_attribute("aria-pressed", "true")

    def _chooses(self, button: Locator) -> None:
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")

    def button(self, name: str) -> Locator:
        return self.page.locator("#stage").get_by_role("button", name=name)

    def rings(self, *, name: str) -> None:
        """The call of `name` rings here and can be answered."""
        expect(self.page.locator("#name")).to_have_text(name)
        expect(self.button("Answer")).to_be_enabled()

    def does_not_ring(self) -> None:
        expect(self.button("Answer")).to_be_hidden()

    def answers(self) -> None:
        self.button("Answer").click()
        self.talks()

    def talks(self, *, name: str = "") -> None:
        """In the conversation, with the sound here."""
        expect(self.page.locator("#kicker")).to_contain_text(TALKS)
        expect(self.button("Mute")).to_be_enabled()
        if name:
            expect(self.page.locator("#name")).to_have_text(name)

    def says(self, words: str) -> None:
        field = self.page.get_by_label("Say something to")
        field.fill(words)
        field.press("Enter")

    def hears(self, words: str) -> None:
        expect(self.page.locator("#said li").filter(has_text=words)).to_be_visible()

    def notes(self, words: str) -> None:
        """Write the note and see that it is kept."""
        self.page.get_by_label("Note").fill(words)
        expect(self.page.locator("#saved")).to_have_text("saved")

    def holds(self) -> None:
        self.button("Hold").click()
        expect(self.page.locator("#state-word")).to_have_text("Customer on hold")

    def resumes(self) -> None:
        self.button("Resume").click()
        expect(self.page.locator("#state-word")).to_have_text("In a call")

    def hangs_up(self) -> None:
        self.button("Hang up").click()

    def transfers(self, to: str, way: str) -> None:
        """To a colleague, a queue or a number: "Ask first", "Send" or "Add"."""
        self.button("Transfer").click()
        self.page.get_by_label("Colleague, queue or number").fill(to)
        self.button(f"{way}: {to}").click()

    def is_asked(self, words: str) -> None:
        """A line above the controls says what is under way."""
        expect(self.page.locator("#asking-words")).to_contain_text(words)

    def parties(self) -> Locator:
        return self.page.get_by_label("In this call").get_by_role("listitem")

    def wraps_up(self, *, disposition: str, note: str) -> None:
        expect(self.page.locator("#kicker")).to_have_text("Wrap-up after the call")
        self.page.get_by_label("How did it end?").select_option(label=disposition)
        self.page.get_by_label("Note").fill(note)
        self.button("Done, next call").click()
        expect(self.page.locator("#idle-words")).to_have_text(IDLE)

    def calls(self, whom: str) -> None:
        field = self.page.get_by_label("Number or name")
        field.fill(whom)
        field.press("Enter")

    def is_told(self, sentence: str) -> None:
        """A message appeared; on a slow machine it may have gone away by itself again."""
        self.page.wait_for_function(
            "sentence => (window.told || []).some((one) => one.includes(sentence))", arg=sentence
        )

    @property
    def talking_for(self) -> int:
        return seconds(self.page.locator("#timer").inner_text())

    def goes_home(self) -> None:
        """After the story: nothing is left to wrap up and no call comes any more."""
        self._post("finish-wrap-up")
        self._post("presence", status="offline")

    def _post(self, what: str, **data: str) -> APIResponse:
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": self._url}
        return self.page.request.post(f"{self._url}/api/v1/operators/me/{what}/", data=data, headers=headers)


class Board:
    """A supervisor who watches the board."""

    # What the board may take to show what a desk shows already.
    WITHIN_MS = 1_000

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url

    def opens(self) -> Board:
        self.page.goto(f"{self._url}/board/")
        expect(self.page.locator("#board")).to_have_attribute("aria-busy", "false")
        return self

    def shows(self, name: str, state: str, *, operator: str = "", at_once: bool = False) -> None:
        """The call of `name` stands in `state`, with `operator`."""
        timeout = self.WITHIN_MS if at_once else None
        row = self.page.locator("#calls tbody tr").filter(has_text=name)
        expect(row).to_contain_text(state, timeout=timeout)
        if operator:
            expect(row).to_contain_text(operator, timeout=timeout)

    def shows_nothing_of(self, name: str) -> None:
        expect(self.page.locator("#calls tbody tr").filter(has_text=name)).to_have_count(0)

    def shows_operator(self, name: str, state: str, *, at_once: bool = False, within_ms: int | None = None) -> None:
        row = self.page.locator("#operators li").filter(has=self.page.get_by_text(name, exact=True))
        expect(row).to_contain_text(state, timeout=self.WITHIN_MS if at_once else within_ms)
