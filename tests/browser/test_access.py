"""Pages for everybody: what a screen reader and a keyboard find. Chromium's own computed names are the judge."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

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
