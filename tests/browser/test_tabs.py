"""Several tabs of one operator: one has the telephone, all can use it, and it outlives any of them."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import DISPATCH, TALKS, Desk

pytestmark = pytest.mark.browser

GROCER, NUMBER = "Bluebird Grocers, loading dock", "+14155550110"


def test_two_tabs_agree_on_one_telephone_and_the_call_outlives_the_first(company):
    first = company.operator("operator1").is_available()
    page = first.page.context.new_page()
    page.goto(first.page.url)
    second = Desk(page, company.house.url)
    expect(page.locator("#ready")).to_have_text("Your other tab has the telephone; it can ring, here too.")
    caller = company.caller(NUMBER)
    caller.dials(DISPATCH)

    second.rings(name=GROCER)
    second.answers()
    first.talks(name=GROCER)
    second.button("Mute").click()
    expect(first.button("Unmute")).to_be_visible()
    second.button("Unmute").click()

    first.page.close(run_before_unload=False)

    expect(page.locator("#ready")).to_have_text("The telephone is connected and can ring.")
    second.talks(name=GROCER)
    caller.sees(TALKS)
    second.says("Still here.")
    caller.hears("Still here.")
    second.hangs_up()
    caller.sees("Call ended")
