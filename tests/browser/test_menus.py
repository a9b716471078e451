"""A manager draws a voice menu, tries it, and a caller gets it."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import MAIN

pytestmark = pytest.mark.browser


@pytest.fixture
def page(company):
    return drawing(company)


def drawing(company):
    """The main menu's drawing, in a browser of its own."""
    page = company.page("admin")
    page.goto(f"{company.house.url}/admin/ivr/flow/")
    page.get_by_role("link", name="Main menu", exact=True).click()
    page.get_by_role("link", name="Draw it").click()
    expect(page.locator(".mb-node[data-kind=menu]")).to_be_visible()
    return page


def opens(page, tab: str) -> None:
    page.get_by_role("tab", name=tab).click()


def test_a_drawing_is_changed_tried_published_heard_and_taken_back(company, page):
    page.locator(".mb-node[data-kind=say]").click()
    page.get_by_label("Says: own words or a prompt").select_option("")
    page.get_by_label("Says, en-US").fill("Welcome to the night of the open drawing.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Says: own words or a prompt")).to_have_value("Welcome")
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_label("Says, en-US")).to_have_value("Welcome to the night of the open drawing.")

    opens(page, "Try it")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator(".mb-talk")).to_contain_text("night of the open drawing")
    page.get_by_role("group", name="Keys").get_by_role("button", name="1", exact=True).click()
    expect(page.locator(".mb-talk")).to_contain_text("The call goes to Dispatch.")
    expect(page.locator(".mb-node.is-lit")).to_have_count(3)

    page.once("dialog", lambda dialog: dialog.accept("A nightly greeting"))
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".mb-news")).to_contain_text("Version 2 takes the calls from now on.")
    caller = company.caller("+14155550117")
    caller.dials(MAIN)
    caller.hears("night of the open drawing")
    caller.hangs_up()

    opens(page, "Versions")
    page.locator("article", has_text="Version 1").get_by_role("button", name="Go back to it").click()
    expect(page.locator(".mb-news")).to_contain_text("Version 1 takes the calls again.")


def test_what_is_not_finished_is_shown_on_its_node_and_a_node_is_added_by_keyboard(company, page):
    page.get_by_label("Add a node").select_option("send")
    expect(page.locator(".mb-node[data-level=unfinished]")).to_contain_text("Nothing is chosen here.")
    opens(page, "Check")
    expect(page.get_by_role("tabpanel")).to_contain_text("Nothing leads to")

    node = page.locator(".react-flow__node", has=page.locator(".mb-node[data-level=unfinished]"))
    node.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    expect(page.locator(".mb-node[data-level=unfinished]")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator(".mb-node[data-level=unfinished]")).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".mb-node[data-level=unfinished]")).to_have_count(0)


def write(page, kind: str, name: str) -> None:
    page.locator(f".mb-node[data-kind={kind}]").first.click()
    page.get_by_label("Name", exact=True).fill(name)


def test_two_people_draw_at_once_and_neither_loses_anything(company, page):
    other = drawing(company)
    write(page, "say", "Hello of the first")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".mb-news")).to_contain_text("Saved.")

    write(other, "menu", "Keys of the second")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".mb-news")).to_contain_text("Somebody else saved this voice menu after you opened it")
    other.get_by_role("button", name="Bring both together").click()
    expect(other.locator(".mb-news")).to_contain_text("Your changes are in their drawing now.")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".mb-news")).to_contain_text("Saved.")

    page.reload()
    expect(page.locator(".mb-drawing")).to_contain_text("Hello of the first")
    expect(page.locator(".mb-drawing")).to_contain_text("Keys of the second")
