"""What a manager sets up and a supervisor changes, under a real mouse and keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import DISPATCH

pytestmark = pytest.mark.browser

GROCER, GROCERS_NUMBER = "Bluebird Grocers, loading dock", "+14155550110"
CEDAR, CEDARS_NUMBER = "Cedar Furniture, shipping", "+14155550111"


def place(page: Page, name: str):
    return page.locator("#line-table tbody tr").filter(has_text=name)


def change(page: Page, name: str):
    """Opens the dialog about the place of `name`."""
    page.get_by_role("button", name=f"Change the place of {name}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(name)
    return dialog


def waits_for_dispatch(company, number: str):
    caller = company.caller(number)
    caller.dials(DISPATCH)
    caller.hears("You are in line for dispatch.")
    return caller


def test_a_manager_sets_up_a_queue_from_a_kind_of_work_with_its_members(company):
    page = company.page("admin")
    page.goto(f"{company.house.url}/admin/queues/queue/add/")
    page.get_by_label("Name", exact=False).first.fill("Complaints")
    page.get_by_label("Sales:").check()
    page.locator("#id_operators + .select2").click()
    page.keyboard.type("Operator 3")
    page.get_by_role("option", name="Operator 3").click()
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.get_by_text("was added successfully")).to_be_visible()
    expect(page.locator("#memberships-group")).to_contain_text("Operator 3")
    expect(page.get_by_text("Worth a look before calls come in")).to_be_visible()
    expect(page.locator(".queue-section .queue-advice")).to_contain_text("Complaints has no overflow")
    expect(page.get_by_label("Round robin")).to_be_checked()
    keys = page.locator("summary").filter(has_text="What callers may press")
    expect(keys).to_contain_text("1: be called back")

    weight = page.locator("#memberships-group .column-weight")
    expect(weight).to_be_hidden()
    page.get_by_label("At random, by weight").check()
    expect(weight).to_be_visible()

    priority = page.get_by_label(re.compile("^Priority"))
    expect(priority).to_be_hidden()
    page.locator("summary").filter(has_text="Order of callers").click()
    priority.fill("11")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("less than or equal to 10")).to_be_visible()
    priority.fill("8")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("summary").filter(has_text="Order of callers")).to_contain_text("priority 8")


def test_a_supervisor_orders_moves_and_hands_out_waiting_calls(company):
    board, second = company.supervisor().page, company.page("admin")
    second.goto(f"{company.house.url}/board/")
    grocer, _cedar = waits_for_dispatch(company, GROCERS_NUMBER), waits_for_dispatch(company, CEDARS_NUMBER)
    expect(place(board, CEDAR).locator("td").first).to_have_text("2")

    change(board, CEDAR).get_by_role("button", name="Serve first").click()

    expect(place(second, CEDAR)).to_contain_text("First")
    expect(place(second, CEDAR).locator("td").first).to_have_text("1")

    dialog = change(board, GROCER)
    dialog.get_by_label("Move to the queue").select_option(label="Billing, 0 waiting")
    dialog.get_by_role("button", name="Move").click()
    grocer.hears("One moment, please.")
    expect(place(second, GROCER)).to_contain_text("Billing")

    first, other = company.operator("operator5"), company.operator("operator6")
    first.is_available()
    first.rings(name=GROCER)
    other.is_available()
    dialog = change(board, GROCER)
    dialog.get_by_label("Hand to").select_option(label="Operator 6, ready")
    dialog.get_by_role("button", name="Hand over").click()
    other.rings(name=GROCER)
    first.does_not_ring()
    expect(place(second, GROCER)).to_contain_text("For Operator 6")

    change(second, GROCER)
    other.answers()
    expect(second.get_by_role("dialog")).to_be_hidden()
    expect(second.locator(".toast")).to_contain_text("This caller does not wait any more.")
    expect(place(board, GROCER)).to_have_count(0)


def test_a_refusal_is_said_in_the_dialog_and_the_keyboard_is_enough(company):
    board = company.supervisor().page
    waits_for_dispatch(company, CEDARS_NUMBER)
    expect(place(board, CEDAR)).to_be_visible()
    board.get_by_role("button", name=f"Change the place of {CEDAR}").focus()
    board.keyboard.press("Enter")
    dialog = board.get_by_role("dialog")
    # What the server would say to somebody who was too late.
    board.route("**/priority/", lambda route: route.fulfill(status=409, json={"detail": "Too late for that."}))

    dialog.get_by_label("Priority").focus()
    board.keyboard.press("9")
    board.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("Too late for that.")

    board.unroute("**/priority/")
    dialog.get_by_label("Priority").focus()
    board.keyboard.press("Enter")
    expect(place(board, CEDAR)).to_contain_text("Priority 9")
    expect(dialog).to_be_hidden()
    expect(board.get_by_role("button", name=f"Change the place of {CEDAR}")).to_be_focused()


def test_alerts_and_the_last_hour_say_what_wants_attention(company):
    board = company.supervisor().page
    alerts, hour = board.locator("#alerts li"), board.locator("#hour li").filter(has_text="Dispatch").first
    caller = waits_for_dispatch(company, GROCERS_NUMBER)

    # The same queue may have an alert about who gave up today as well.
    expect(alerts.filter(has_text="nobody is signed in")).to_contain_text("Dispatch")
    expect(alerts.filter(has_text="nobody is signed in")).to_contain_text("1 waiting")
    caller.hangs_up()
    expect(alerts.filter(has_text="nobody is signed in")).to_have_count(0)

    board.reload()
    expect(hour).to_contain_text(re.compile(r"[1-9]\d* called"))
    expect(hour.get_by_role("img")).to_have_attribute("aria-label", re.compile("Dispatch, last hour: .* gave up"))


def test_a_message_is_written_on_the_board_read_at_the_desk_and_known_to_be_read(company):
    board, desk = company.supervisor().page, company.operator("operator1").page
    board.get_by_role("button", name="Write", exact=True).click()
    dialog = board.get_by_role("dialog")
    dialog.get_by_label("To").select_option(label="Operator 1")
    dialog.get_by_label("Message").fill("Fog on the coast: say so to drivers.")
    dialog.get_by_role("button", name="Send").click()

    message = desk.get_by_role("list", name="Messages").get_by_role("listitem")
    expect(message).to_contain_text("Fog on the coast")
    expect(dialog.get_by_role("listitem").first).to_contain_text("read by 0 of 1")
    message.get_by_role("button").click()
    expect(message).to_have_count(0)

    dialog.get_by_role("button", name="Close").click()
    board.get_by_role("button", name="Write", exact=True).click()
    expect(dialog.get_by_role("listitem").first).to_contain_text("read by 1 of 1")
