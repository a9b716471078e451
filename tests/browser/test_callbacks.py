"""A caller asks to be called back, and the desk, the board and the telephone show it."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import DISPATCH, TALKS

pytestmark = pytest.mark.browser

GROCER, GROCERS_NUMBER = "Bluebird Grocers, loading dock", "+14155550110"
CEDAR, CEDARS_NUMBER = "Cedar Furniture, shipping", "+14155550111"


def asks_for_a_callback(caller):
    caller.dials(DISPATCH)
    caller.hears("To be called back and keep your place, press 1.")
    caller.presses("1")
    caller.hears("To be called there, press 1.")
    caller.presses("1")
    caller.hears("We will call you back")
    caller.sees("Call ended")


def waiting(board, name):
    """The row of this person's callback on the board."""
    return board.page.locator("#callbacks tbody tr").filter(has_text=name)


def test_a_callback_rings_on_the_desk_and_shows_whose_it_is(company):
    board, caller = company.supervisor(), company.caller(GROCERS_NUMBER)
    asks_for_a_callback(caller)
    expect(waiting(board, GROCER)).to_contain_text("Due")
    expect(waiting(board, GROCER)).to_contain_text("0 of 3")

    desk = company.operator("operator1").is_available()
    desk.rings(name=GROCER)
    expect(desk.page.locator("#kicker")).to_have_text("Callback for Dispatch")
    expect(desk.page.locator("#number")).to_have_text("+1 415-555-0110")
    expect(waiting(board, GROCER)).to_contain_text("Calling")
    desk.answers()

    # The demo's customers pick up after two seconds; the booth is the telephone that rings.
    board.shows(GROCER, TALKS, operator="Operator 1")
    caller.sees(TALKS)
    expect(waiting(board, GROCER)).to_have_count(0)
    desk.hangs_up()
    caller.sees("Call ended")


def test_a_supervisor_moves_a_callback_in_time_and_takes_it_back(company):
    board = company.supervisor()
    asks_for_a_callback(company.caller(CEDARS_NUMBER))
    dialog = board.page.get_by_role("dialog")

    waiting(board, CEDAR).get_by_role("button").click()
    dialog.get_by_label("Call not before").fill("2020-01-01T10:00")
    dialog.get_by_role("button", name="Set").click()
    expect(dialog.get_by_role("alert")).to_have_text("That moment is over. Choose a later one.")
    dialog.get_by_role("button", name="Close").click()

    waiting(board, CEDAR).get_by_role("button").click()
    dialog.get_by_role("button", name="Call next").click()
    expect(waiting(board, CEDAR)).to_contain_text("First")

    waiting(board, CEDAR).get_by_role("button").click()
    dialog.get_by_role("button", name="Cancel the callback").click()
    expect(waiting(board, CEDAR)).to_have_count(0)
