"""What stands beside a call on the desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import DISPATCH, IDLE
from tests.browser.test_campaigns import asks

pytestmark = pytest.mark.browser

GROCER, GROCERS_NUMBER = "Bluebird Grocers, loading dock", "+14155550110"


@pytest.fixture
def script(company):
    """What operators of Dispatch are to say."""
    page = company.page("admin")
    page.goto(f"{company.house.url}/board/")
    [queue] = [row for row in asks(page, "get", "/queues/")["results"] if row["name"] == "Dispatch"]
    words = "Hello {name}, this is {operator} of {queue}. Do we call you back at {number}?"
    asks(page, "patch", f"/queues/{queue['id']}/", {"script": words})
    yield
    asks(page, "patch", f"/queues/{queue['id']}/", {"script": queue["script"]})


def test_the_script_is_shown_with_the_facts_of_the_call_filled_in(company, script):
    desk = company.operator("operator1").is_available()
    caller = company.caller(GROCERS_NUMBER)
    caller.dials(DISPATCH)
    desk.rings(name=GROCER)
    desk.answers()

    said = desk.page.locator("#script")
    expect(said).to_contain_text(f"Hello {GROCER}, this is Operator 1 of Dispatch.")
    expect(said).to_contain_text(f"Do we call you back at {GROCERS_NUMBER}?")

    said.locator("summary").click()
    expect(said.locator("#script-words")).to_be_hidden()
    desk.hangs_up()
    desk.wraps_up(disposition="Load booked", note="")
    expect(said).to_be_hidden()


def test_a_browser_without_a_microphone_is_told_so_on_the_page_of_devices(company):
    page = company.page("operator1")
    page.goto(f"{company.house.url}/desk/devices/")
    page.get_by_role("button", name="Try the microphone").click()
    expect(page.locator("#microphone-says")).to_contain_text("microphone")

    page.get_by_role("combobox", name="Ring tone").select_option(index=1)
    page.get_by_label("Answer calls by themselves").check()
    expect(page.locator("#kept")).to_have_text("Kept in this browser.")
    page.reload()
    expect(page.get_by_label("Answer calls by themselves")).to_be_checked()
    assert page.get_by_role("combobox", name="Ring tone").evaluate("(tone) => tone.selectedIndex") == 1


def test_an_operator_calls_a_colleague_who_is_free_and_is_called_back_from_the_last_calls(company):
    first, second = company.operator("operator1").is_available(), company.operator("operator2").is_available()
    colleague = first.page.locator("#colleagues li").filter(has_text="Operator 2")
    expect(colleague).to_contain_text("free")
    expect(first.page.locator("#colleagues").get_by_role("button", name="Call Operator 3")).to_be_disabled()

    colleague.get_by_role("button", name="Call Operator 2").click()
    second.rings(name="Operator 1")
    expect(second.page.locator("#kicker")).to_have_text("Operator 1 calls you")
    second.answers()
    first.talks(name="Operator 2")
    expect(first.button("Hold")).to_be_disabled()
    expect(first.page.locator("#level-who")).to_have_text("Operator 2")
    expect(second.page.get_by_label("Say something to Operator 1")).to_be_visible()
    expect(first.page.locator("#file")).to_be_hidden()
    first.hangs_up()
    for desk in (first, second):
        expect(desk.page.locator("#idle-words")).to_have_text(IDLE)

    second.page.locator("#recent").get_by_role("button", name="Call Operator 1").first.click()
    first.rings(name="Operator 2")
    first.button("Decline").click()
    for desk in (first, second):
        expect(desk.page.locator("#idle-words")).to_have_text(IDLE)
