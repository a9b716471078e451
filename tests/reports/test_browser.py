"""The reports under a supervisor's mouse, and on a phone."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from playwright.sync_api import expect

from apps.core import clock
from apps.reports.definitions import BY_KEY
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
DAYS = 3


@pytest.fixture
def lived():
    """Three days of a queue: each day four callers answered, the last of them late, and one who hung up."""
    tenant = factories.ClientFactory(name="Northline Freight")
    anna, ben = (
        factories.OperatorFactory(client=tenant, user__first_name=name, user__last_name="", presence="available")
        for name in ("Anna", "Ben")
    )
    factories.QueueFactory(client=tenant, name="Sales", members=[ben])
    queue = factories.QueueFactory(
        client=tenant, name="Dispatch", members=[anna, ben], service_level_percent=80, service_level_seconds=20,
        short_abandon_seconds=5,
    )  # fmt: skip
    for day in range(DAYS):
        for waited, who in ((4, anna), (6, anna), (9, ben), (40, ben), (31, None)):
            joined = clock.now() - timedelta(days=day + 1)
            over = joined + timedelta(seconds=waited)
            factories.QueueEntryFactory(
                queue=queue, status="answered" if who else "abandoned", operator=who, joined_at=joined, place_at=joined,
                answered_at=over if who else None, ended_at=over + timedelta(minutes=2) if who else over,
            )  # fmt: skip
    return factories.UserFactory(role="supervisor", clients=[tenant])


@pytest.fixture
def page(context, live_server, lived):
    """The reports, opened by the supervisor. Nothing may break the content policy."""
    web, faults = Browser(), []
    web.force_login(lived)
    context.add_cookies([{"name": "sessionid", "value": web.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/admin/reports/")
    yield page
    assert faults == []


def figure(page, name):
    """The card with the figure of this name."""
    return page.locator(".reports-cards > *").filter(has=page.get_by_text(name, exact=True)).locator(".reports-figure")


def asks(page, **choices):
    for label, choice in choices.items():
        page.get_by_label(label, exact=True).select_option(label=choice)
    page.get_by_role("button", name="Show").click()


def test_a_supervisor_reads_a_queues_figures_of_a_week_with_what_they_mean(page):
    expect(page.get_by_text("Nothing happened in this period.")).to_be_visible()  # today, all queues

    asks(page, Which="Dispatch", Period="the last 7 days", By="day")

    for name, shown in (("Offered", "15"), ("Answered", "12"), ("Abandoned", "3"), ("Service level", "60 %")):
        expect(figure(page, name)).to_have_text(shown)
    words = page.locator(".reports-words > div")
    for key in ("offered", "answered", "abandoned", "service_level_percent"):
        expect(words.filter(has=page.get_by_text(BY_KEY[key].name, exact=True))).to_contain_text(BY_KEY[key].words)

    chart = page.get_by_role("img", name=re.compile("What became of callers"))
    expect(chart.locator("rect.reports-fill-good")).to_have_count(DAYS)
    expect(chart.locator("rect.reports-fill-bad title").first).to_have_text(re.compile("1 abandoned"))
    expect(page.get_by_text("wanted: 80 %")).to_be_visible()

    lines = page.get_by_role("region", name="By interval").locator("tbody tr")
    expect(lines).to_have_count(DAYS)


def test_teams_and_operators_have_figures_of_their_own(page):
    asks(page, **{"Figures of": "operators", "Period": "the last 7 days"})
    asks(page, Which="Anna")

    expect(page.get_by_label("Figures of")).to_have_value("operator")
    expect(page.get_by_role("heading", name="Answered")).to_be_visible()
    expect(page.get_by_text("Adherence", exact=True).first).to_be_visible()

    asks(page, **{"Figures of": "teams"})

    expect(page.get_by_label("Which").locator("option:checked")).to_have_text("all teams")


def test_a_range_of_days_is_asked_for_only_when_it_is_meant(page):
    first = page.get_by_label("From", exact=True)
    expect(first).to_be_hidden()

    page.get_by_label("Period", exact=True).select_option(label="from ... to ...")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("Choose the first day.")).to_be_visible()
    day = (clock.now() - timedelta(days=4)).date().isoformat()
    first.fill(day)
    page.get_by_label("To", exact=True).fill(clock.now().date().isoformat())
    page.get_by_role("button", name="Show").click()

    expect(figure(page, "Answered")).to_have_text("12")
    expect(first).to_have_value(day)


def test_the_page_fits_a_phone(page):
    page.set_viewport_size(PHONE)
    asks(page, Which="Dispatch", Period="the last 28 days", By="day")

    expect(figure(page, "Service level")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tables = page.get_by_role("region", name="By interval")
    assert tables.evaluate("one => one.scrollWidth > one.clientWidth"), "a wide table scrolls by itself"
