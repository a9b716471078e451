"""Campaigns as supervisors run them from the board, and as operators meet them at the desk."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

ANY_HOUR = {"call_from": "00:00:00", "call_until": "23:59:59"}


def asks(page: Page, verb: str, path: str, body: Any = None) -> Any:
    """What the API says to whoever has this page open."""
    script = "async ([verb, path, body]) => (await import('/static/lib/api.js'))[verb](path, body)"
    return page.evaluate(script, [verb, path, body])


def makes_campaign(company, name: str, **fields: Any) -> dict[str, Any]:
    """A draft on the demo's list of customers."""
    page = company.page("admin")
    page.goto(f"{company.house.url}/board/")
    contacts = asks(page, "get", "/contact-lists/?search=Customers")["results"][0]
    body = {"name": name, "client": contacts["client"], "contact_list": contacts["id"], **ANY_HOUR, **fields}
    return asks(page, "post", "/campaigns/", body)


def shown(board: Page, name: str) -> Locator:
    return board.locator("#campaigns li").filter(has_text=name)


def test_a_supervisor_starts_pauses_resumes_and_ends_a_campaign_from_the_board(company):
    page = company.page("admin")
    page.goto(f"{company.house.url}/board/")
    message = next(
        row for row in asks(page, "get", "/destinations/?page_size=100")["results"] if row["kind"] == "ending"
    )
    makes_campaign(company, "Autumn news", preset="reminder", destination=message["id"])
    board = company.supervisor().page
    row = shown(board, "Autumn news")
    expect(row).to_contain_text("draft")
    expect(row).to_contain_text(re.compile(r"0 of [1-9]\d* contacts"))

    row.get_by_role("button", name="Start Autumn news").focus()
    board.keyboard.press("Enter")
    expect(row).to_contain_text("running")
    expect(row.locator(".why")).not_to_be_empty()
    expect(row.get_by_role("button", name="Pause Autumn news")).to_be_focused()

    row.get_by_role("button", name="Pause Autumn news").click()
    expect(row).to_contain_text("paused by Supervisor")
    row.get_by_role("button", name="Resume Autumn news").click()
    expect(row).to_contain_text("running")

    row.get_by_role("button", name="Cancel… Autumn news").click()
    dialog = board.get_by_role("dialog", name="Cancel Autumn news?")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("running")
    row.get_by_role("button", name="Cancel… Autumn news").click()
    board.get_by_role("button", name="Cancel for good").click()
    expect(row).to_have_count(0)
    expect(board.get_by_text("Autumn news is cancelled.")).to_be_visible()


def test_who_looks_at_a_contact_is_previewing_on_the_desk_and_on_the_board(company):
    page = company.page("admin")
    page.goto(f"{company.house.url}/board/")
    [billing] = [row for row in asks(page, "get", "/queues/")["results"] if row["name"] == "Billing"]
    made = makes_campaign(company, "Renewals by hand", preset="preview", queue=billing["id"], preview_seconds=120)
    asks(page, "post", f"/campaigns/{made['id']}/start/")
    board, desk = company.supervisor(), company.operator("operator4")
    desk.is_available()
    desk.page.get_by_role("button", name="Show me the next contact").click()
    card = desk.page.get_by_role("region", name="Next contact")
    expect(card.get_by_role("button", name="Call now")).to_be_visible()
    name = card.locator(".party-name").inner_text()

    expect(desk.page.locator("#state-word")).to_have_text(f"Previewing {name}")
    board.shows_operator("Operator 4", "Previewing")
    board.shows_operator("Operator 4", name)
    expect(shown(board.page, "Renewals by hand")).to_contain_text("Operator 4")

    asks(page, "post", f"/campaigns/{made['id']}/cancel/")
    desk.page.get_by_placeholder("Skip them, because…").fill("the story is over")
    desk.page.get_by_role("button", name="Skip").click()
    expect(desk.page.locator("#state-word")).to_have_text("Available")
