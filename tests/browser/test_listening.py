"""A supervisor at the board: listens, whispers, takes over, and manages who works."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import DISPATCH, Board

pytestmark = pytest.mark.browser

GROCER, GROCERS_NUMBER = "Bluebird Grocers, loading dock", "+14155550110"
HELLO, HINT, MINE = "My truck is broken.", "Offer them a loan truck.", "This is the supervisor speaking."


def talks(company):
    """A caller and an operator who talk with each other."""
    desk = company.operator("operator1").is_available()
    caller = company.caller(GROCERS_NUMBER)
    caller.dials(DISPATCH)
    desk.rings(name=GROCER)
    desk.answers()
    return caller, desk


def listens(company) -> Page:
    page = company.supervisor().page
    page.get_by_role("button", name=f"Listen to Operator 1 and {GROCER}").click()
    expect(page.locator("#ears [data-mode=listen]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#ears-captions")).to_be_visible()
    expect(page.locator("#calls")).to_contain_text("You: listens")  # from here on they hear
    return page


def says(page: Page, words: str) -> None:
    page.get_by_label("What you say").fill(words)
    page.get_by_label("What you say").press("Enter")


def test_a_whisper_is_heard_by_the_operator_only_and_a_call_can_be_taken_over(company):
    caller, desk = talks(company)
    page = listens(company)
    said = page.locator("#ears-said")
    caller.says(HELLO)
    expect(said).to_contain_text(HELLO)

    page.get_by_role("button", name=re.compile("^Whisper")).click()
    expect(page.locator("#calls")).to_contain_text("You: whispers")
    says(page, HINT)
    desk.hears(HINT)
    expect(caller.page.locator("#heard")).not_to_contain_text(HINT)

    page.get_by_role("button", name=re.compile("^Take over")).click()
    expect(page.locator("#ears-state")).to_have_text("You lead this call.")
    expect(desk.page.locator("#kicker")).to_have_text("Wrap-up after the call")
    says(page, MINE)
    caller.hears(MINE)

    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#ears")).to_be_hidden()
    caller.sees("Call ended")


def test_who_listens_is_seen_and_the_others_talk_on_when_they_leave(company):
    caller, desk = talks(company)
    page = listens(company)
    expect(page.locator("#operators")).to_contain_text("Listening in")
    expect(desk.parties().filter(has_text="Supervisor")).to_contain_text("listens")

    page.get_by_role("button", name="Leave", exact=True).click()

    expect(page.locator("#ears")).to_be_hidden()
    expect(page.locator("#calls")).not_to_contain_text("You:")
    desk.says(HELLO)
    caller.hears(HELLO)


def test_a_supervisor_sends_an_operator_on_a_break_and_logs_them_out(company):
    desk = company.operator("operator1").is_available()
    page = company.supervisor().page
    page.get_by_role("button", name="Change what Operator 1 does").click()
    dialog = page.get_by_role("dialog")

    expect(dialog.get_by_label("Reason for a break").get_by_role("option", name="Lunch")).to_be_attached()
    dialog.get_by_label("Reason for a break").select_option(label="Lunch")
    dialog.get_by_role("button", name="Send on break").click()
    expect(desk.page.get_by_role("button", name="Break")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#operators li").filter(has_text="Operator 1")).to_contain_text("Lunch")

    dialog.get_by_role("button", name="Log out").click()
    expect(desk.page.get_by_role("button", name="Offline")).to_have_attribute("aria-pressed", "true")


def test_a_board_whose_line_was_cut_is_right_two_seconds_after_it_is_back(company):
    desk = company.operator("operator1").is_available()
    page, lines = company.page("supervisor"), []
    page.route_web_socket(re.compile("/ws/board/"), lambda line: lines.append((line, line.connect_to_server())))
    Board(page, company.house.url).opens()
    row = page.locator("#operators li").filter(has_text="Operator 1")
    expect(row).to_contain_text("Ready")

    for end in lines.pop():
        end.close(code=1012)
    desk.is_offline()
    expect(page.locator("#line")).to_have_text("Live")

    expect(row).to_be_hidden(timeout=2000)


def test_the_board_is_narrowed_to_a_queue_and_hung_on_a_wall_and_stays_so(company):
    page = company.supervisor().page
    page.locator("#queue-filter").select_option(label="Billing")
    expect(page.locator("#queues tbody tr")).to_have_count(1)
    page.get_by_text("Show", exact=True).click()
    page.get_by_role("checkbox", name="Callbacks").uncheck()
    page.get_by_label("Show operators").select_option(label="All")
    page.get_by_label("Order of operators").select_option(label="By name")
    page.get_by_role("button", name="Wallboard").click()

    page.reload()

    expect(page.locator("body")).to_have_class(re.compile("wall"))
    expect(page.locator("#part-callbacks")).to_be_hidden()
    expect(page.locator("#queues tbody tr")).to_have_count(1)
    size = page.locator("#figure-waiting strong").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size >= 64  # a screen of a metre's width shows it five centimetres high
    page.keyboard.press("Escape")
    expect(page.locator("body")).not_to_have_class(re.compile("wall"))
    names = page.locator("#operators li strong").all_inner_texts()
    assert len(names) > 1
    assert names == sorted(names)
