"""Pages for everybody: what a screen reader and a keyboard find. Chromium's own computed names judge, and axe."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.people import DISPATCH

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "tab", "spinbutton", "listbox"}
PAGES = {
    "/login/": None,
    "/": "supervisor",
    "/desk/": "operator1",
    "/board/": "supervisor",
    "/admin/": "supervisor",
    "booth": None,
}


@pytest.fixture(params=PAGES, ids=lambda path: path.strip("/") or "start")
def page(request, company) -> Page:
    """Each page of the product, with what moves in it loaded."""
    path = request.param
    page = company.page(PAGES[path]) if PAGES[path] else company.stranger()
    page.goto(company.house.sandbox_url if path == "booth" else company.house.url + path)
    ready = {"/desk/": "#ready:has-text('connected')", "/board/": "#board[aria-busy=false]", "booth": "#quick button"}
    expect(page.locator(ready.get(path, "h1")).first).to_be_attached()
    return page


def test_every_control_has_a_name(page):
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    controls = [node for node in nodes if not node["ignored"] and node["role"]["value"] in CONTROLS]

    nameless = [node["role"]["value"] for node in controls if not node.get("name", {}).get("value", "").strip()]

    assert controls
    assert nameless == []


def test_the_page_says_its_language_and_what_it_is(page):
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    assert page.title()
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main, [role=main], #main, #content").first).to_be_attached()
    assert page.locator("img:not([alt])").count() == 0


def test_the_tab_key_reaches_every_control_in_the_order_of_the_page(page):
    page.evaluate(
        """() => {
            const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
            window.reachable = [...document.querySelectorAll(controls)].filter(
                (node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }));
        }"""
    )
    assert page.evaluate("window.reachable.every((node) => node.tabIndex === 0)")
    count = page.evaluate("window.reachable.length")
    page.evaluate("window.reachable[0].focus()")

    reached = [0]
    for _ in range(count - 1):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("window.reachable.indexOf(document.activeElement)"))

    assert reached == list(range(count))


def serious(page: Page) -> list[str]:
    """What the accessibility engine finds serious or critical on the page as it is now, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for fault in Axe().run(page).response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                places = [f"{node['target']} {node['failureSummary']}" for node in fault["nodes"]]
                found.append(f"{scheme}: {fault['help']}: {places}")
    return found


def test_the_engine_would_see_a_fault(company):
    page = company.stranger()
    page.set_content("<html lang=en><title>Faulty</title><button></button><p style='color:#aaa'>pale</p></html>")

    found = " ".join(serious(page))

    assert "Buttons must have discernible text" in found and "contrast" in found


def test_an_accessibility_engine_finds_nothing_serious(page):
    if "/admin/" in page.url:
        pytest.skip("The admin's markup is unfold's.")
    assert serious(page) == []


def test_nothing_serious_is_found_in_the_middle_of_the_work_either(company):
    board, desk, phone = company.supervisor(), company.operator("operator1"), company.operator("operator2", **PHONE)
    caller = company.caller("+14155550110")
    caller.dials(DISPATCH)
    caller.hears("You are next.")
    board.shows("Bluebird Grocers", "Waiting")
    assert serious(board.page) == []

    desk.is_available()
    desk.rings(name="Bluebird Grocers, loading dock")
    assert serious(desk.page) == []
    desk.answers()
    assert serious(desk.page) == []
    phone.is_available()
    desk.transfers("Operator 2", "Ask first")
    phone.rings(name="Bluebird Grocers, loading dock")
    assert serious(phone.page) == []
    phone.button("Answer").click()
    phone.is_asked("Operator 1 asks you")
    assert serious(phone.page) == serious(desk.page) == []

    board.shows_operator("Operator 2", "With a colleague")
    board.page.get_by_role("button", name="Operator 2").click()
    assert serious(board.page) == []
    board.page.keyboard.press("Escape")
    board.page.get_by_role("button", name="Write", exact=True).click()
    expect(board.page.get_by_role("dialog", name="Write to operators")).to_be_visible()
    assert serious(board.page) == []
    board.page.keyboard.press("Escape")
    board.page.locator("#campaigns li").first.get_by_role("button", name="Cancel").click()
    expect(board.page.get_by_role("dialog", name="Cancel")).to_be_visible()
    assert serious(board.page) == []
    board.page.keyboard.press("Escape")
    board.page.get_by_role("button", name="Wallboard").click()
    assert serious(board.page) == []


def test_nothing_serious_is_found_on_the_page_of_devices(company):
    page = company.page("operator1")
    page.goto(f"{company.house.url}/desk/devices/")
    expect(page.locator("h1")).to_be_visible()
    assert serious(page) == []
