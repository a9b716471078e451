"""Rules under a real mouse."""

import pytest
from django.test import Client as Browser

from apps.routing.models import Rule
from tests.factories import ClientFactory, RuleFactory, TagFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def admin_page(context, live_server):
    """A browser tab in which the administrator is signed in."""
    web = Browser()
    web.force_login(UserFactory(role="administrator", is_staff=True))
    context.add_cookies([{"name": "sessionid", "value": web.cookies["sessionid"].value, "url": live_server.url}])
    return context.new_page()


def test_rules_are_dragged_into_order(admin_page, live_server, client):
    first, second = (RuleFactory(client=client, name=name, position=n) for n, name in enumerate(["First", "Second"]))
    admin_page.goto(f"{live_server.url}/admin/routing/rule/")

    admin_page.get_by_text("drag_indicator").nth(1).drag_to(
        admin_page.get_by_text("drag_indicator").nth(0), target_position={"x": 5, "y": 2}
    )
    admin_page.get_by_role("button", name="Save").click()
    admin_page.get_by_text("changed successfully").wait_for()

    assert list(Rule.objects.all()) == [second, first]


def test_a_condition_offers_the_names_that_it_can_have(admin_page, live_server, client):
    TagFactory(client=client, name="VIP")
    admin_page.goto(f"{live_server.url}/admin/routing/rule/add/")

    admin_page.locator("#id_client").select_option(str(client.pk))
    admin_page.locator("#id_conditions-0-subject").select_option("caller_tag")

    offered = admin_page.locator("#id_conditions-0-value-choices option")
    assert [option.get_attribute("value") for option in offered.all()] == ["VIP"]
