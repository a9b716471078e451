"""Whole calls, with booth, desk and board open together as three people have them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import DISPATCH, MAIN, RINGS, TALKS, WAITS

pytestmark = pytest.mark.browser

GROCER, GROCERS_NUMBER = "Bluebird Grocers, loading dock", "+14155550110"
CEDAR, CEDARS_NUMBER = "Cedar Furniture, shipping", "+14155550111"


def waits_for_dispatch(caller):
    """By the number that leads there without a menu."""
    caller.dials(DISPATCH)
    caller.hears("You are in line for dispatch.")
    return caller


def test_a_call_gets_through_and_stands_in_the_records(company):
    board, desk = company.supervisor(), company.operator("operator1")
    caller = company.caller(GROCERS_NUMBER)
    caller.dials(MAIN)
    caller.hears("For dispatch, press 1.")
    board.shows(GROCER, "In the menu")
    caller.presses("1")
    caller.hears("You are next.")
    board.shows(GROCER, WAITS)

    desk.is_available()
    desk.rings(name=GROCER)
    expect(desk.page.locator("#number")).to_have_text("+1 415-555-0110")
    board.shows(GROCER, RINGS, operator="Operator 1", at_once=True)

    desk.answers()
    board.shows(GROCER, TALKS, operator="Operator 1", at_once=True)
    caller.sees(TALKS)
    expect(desk.page.locator("#timer")).to_have_text("0:02")
    before, there, after = desk.talking_for, caller.talking_for, desk.talking_for
    assert before - 1 <= there <= after + 1

    caller.says("Good morning, two pallets for Tuesday.")
    desk.hears("two pallets for Tuesday")
    desk.says("Gladly.")
    caller.hears("Gladly.")

    desk.holds()
    caller.sees("On hold")
    board.shows(GROCER, "On hold", at_once=True)
    desk.resumes()
    caller.sees(TALKS)
    board.shows(GROCER, TALKS, at_once=True)

    desk.hangs_up()
    caller.sees("Call ended")
    board.shows_nothing_of(GROCER)
    board.shows_operator("Operator 1", "Wrap-up")
    desk.wraps_up(disposition="Load booked", note="Two pallets, Tuesday.")
    board.shows_operator("Operator 1", "Ready")

    page = company.page("admin")
    page.goto(f"{company.house.url}/admin/calls/call/")
    company.until(page, "/recordings/?status=stored", count=1)
    page.locator("#result_list tbody").get_by_role("link").first.click()
    for words in ["answered", "Load booked", "Two pallets, Tuesday."]:
        expect(page.get_by_text(words, exact=True).first).to_be_visible()
    told = page.locator("table").filter(has_text="What happened")
    sentences = [
        "The caller joined Dispatch at place 1.",
        "Operator 1 took the call from Dispatch",
        "The customer is put on hold.",
        "The customer is taken off hold.",
        "Filed as “Load booked”.",
    ]
    shown = told.inner_text()
    assert [shown.count(sentence) for sentence in sentences] == [1] * len(sentences)
    assert sorted(sentences, key=shown.index) == sentences

    page.get_by_role("link", name="Recordings").last.click()
    duration = page.locator("audio").first.evaluate(
        """audio => new Promise((resolve, reject) => {
            audio.onloadedmetadata = () => resolve(audio.duration);
            audio.onerror = () => reject(new Error("The recording cannot be played."));
            audio.load();
            audio.preload = "metadata";
        })"""
    )
    assert duration > 0


def test_an_operator_declines_and_the_next_one_rings(company):
    board = company.supervisor()
    first, second = company.operator("operator1").is_available(), company.operator("operator2").is_available()
    waits_for_dispatch(company.caller(GROCERS_NUMBER))
    first.rings(name=GROCER)
    second.does_not_ring()

    first.button("Decline").click()

    second.rings(name=GROCER)
    first.does_not_ring()
    board.shows(GROCER, RINGS, operator="Operator 2", at_once=True)
    board.shows_operator("Operator 1", "Ready")
    second.answers()
    board.shows(GROCER, TALKS, operator="Operator 2", at_once=True)


def test_an_operator_calls_a_customer_who_is_found_by_name(company):
    board, desk = company.supervisor(), company.operator("operator1").is_available()
    caller = company.caller(CEDARS_NUMBER)

    desk.page.get_by_label("Number or name").fill("cedar")
    desk.page.get_by_role("option", name=CEDAR).click()
    desk.page.get_by_role("button", name="Call", exact=True).click()

    # The demo's customers pick up after two seconds; the booth is the telephone that rings.
    board.shows(CEDAR, "Calling", operator="Operator 1")
    desk.talks(name=CEDAR)
    caller.sees(TALKS)
    board.shows(CEDAR, TALKS, operator="Operator 1", at_once=True)

    caller.hangs_up()

    board.shows_nothing_of(CEDAR)
    desk.wraps_up(disposition="Status given", note="On its way.")
    expect(desk.page.locator("#recent li").first).to_contain_text(CEDAR)


def test_a_closed_tab_leaves_the_caller_with_music_and_in_front_of_the_line(company):
    board = company.supervisor()
    first, second = company.operator("operator1").is_available(), company.operator("operator2")
    caller, later = company.caller(GROCERS_NUMBER), company.caller(CEDARS_NUMBER)
    waits_for_dispatch(caller)
    first.rings(name=GROCER)
    first.answers()
    waits_for_dispatch(later)

    first.page.close(run_before_unload=False)

    caller.hears("♪ Music")
    caller.sees("Waiting in line")
    board.shows(GROCER, WAITS)
    second.is_available()
    second.rings(name=GROCER)
    second.answers()
    caller.sees(TALKS)
    later.sees("Waiting in line")


def test_a_desk_that_is_reloaded_in_the_middle_of_a_call_keeps_it(company):
    board, desk = company.supervisor(), company.operator("operator1").is_available()
    caller = waits_for_dispatch(company.caller(GROCERS_NUMBER))
    desk.rings(name=GROCER)
    desk.answers()

    desk.page.reload()

    desk.talks(name=GROCER)
    caller.sees(TALKS)
    board.shows(GROCER, TALKS, operator="Operator 1")
    desk.hangs_up()
    caller.sees("Call ended")
    expect(desk.page.locator("#kicker")).to_have_text("Wrap-up after the call")


def test_a_caller_who_gives_up_stops_the_ringing(company):
    board, desk = company.supervisor(), company.operator("operator1").is_available()
    caller = waits_for_dispatch(company.caller(GROCERS_NUMBER))
    desk.rings(name=GROCER)

    caller.hangs_up()

    desk.does_not_ring()
    desk.is_told("The call does not ring here any more.")
    board.shows_nothing_of(GROCER)
    board.shows_operator("Operator 1", "Ready")


def test_what_must_not_be_dialled_is_answered_by_a_sentence_and_nothing_happens(company):
    desk = company.operator("operator1").is_available()

    for typed, sentence in [
        ("911", "Emergency numbers are never dialled from here."),
        ("+1 900 555 0100", "That is a premium-rate number, which may not be called."),
        ("12", "“12” has the wrong number of digits"),
        ("nobody we know", "Write a number, or choose a person from the list."),
    ]:
        desk.calls(typed)
        desk.is_told(sentence)
        expect(desk.page.locator("#stage")).to_have_attribute("data-view", "idle")

    calls = desk.page.request.get(f"{company.house.url}/api/v1/calls/").json()
    assert not [call for call in calls["results"] if call["direction"] == "outbound" and call["status"] == "open"]


def test_the_board_is_closed_to_an_operator(company):
    page = company.page("operator1")

    reply = page.goto(f"{company.house.url}/board/")

    assert reply.status == 403
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#calls")).to_have_count(0)


def test_a_call_is_answered_by_a_key_on_a_phone_in_the_dark(company):
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}
    desk = company.operator("operator1", **phone).is_available()
    caller = waits_for_dispatch(company.caller(GROCERS_NUMBER))
    desk.rings(name=GROCER)
    page = desk.page

    # Answer is within reach without scrolling, nothing sticks out at the side, and the page is dark.
    expect(desk.button("Answer")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    )
    assert max(red, green, blue) < 64

    page.keyboard.press("a")

    desk.talks(name=GROCER)
    caller.sees(TALKS)
    expect(desk.button("Hang up")).to_be_in_viewport(ratio=1)
    page.keyboard.press("e")
    caller.sees("Call ended")


def test_how_the_line_sounds_is_measured_at_the_desk_and_kept_with_the_call(company):
    desk = company.operator("operator1").is_available()
    caller = company.caller("+14155550110")
    caller.dials(DISPATCH)
    desk.rings(name="Bluebird Grocers, loading dock")
    desk.answers()

    expect(desk.page.locator("#score")).to_have_text(
        re.compile(r"Line: (good|fair|poor) \(\d\.\d of 5\)"), timeout=60_000
    )

    page = company.page("admin")
    page.goto(f"{company.house.url}/admin/calls/call/")
    page.locator("#result_list tbody").get_by_role("link").first.click()
    page.get_by_role("link", name="Sound").click()
    expect(page.get_by_role("columnheader", name="Round trip")).to_be_visible()
    expect(page.get_by_role("cell", name="Operator 1").first).to_be_visible()
