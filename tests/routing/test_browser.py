"""Rules under a real mouse."""

import pytest
from django.test import Client as Browser

from apps.routing import wording
from apps.routing.models import Rule
from tests.factories import (
    ClientFactory,
    ConditionFactory,
    DestinationFactory,
    QueueFactory,
    RuleFactory,
    TagFactory,
    UserFactory,
)

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


def test_a_rule_is_built_with_groups(admin_page, live_server, client):
    """Two groups joined by OR; the value's field follows what is asked; nothing breaks the content policy."""
    faults = []
    admin_page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    TagFactory(client=client, name="VIP")
    QueueFactory(client=client, name="Support")
    desk = DestinationFactory(client=client, label="Desk")
    admin_page.goto(f"{live_server.url}/admin/routing/rule/add/")
    admin_page.locator("#id_name").fill("Mine")
    admin_page.locator("#id_client").select_option(str(client.pk))

    admin_page.get_by_role("button", name="Add a group").click()
    group = admin_page.get_by_role("group", name="Group 1", exact=True)
    group.get_by_label("What is asked").select_option("caller_tag")
    assert group.get_by_label("Value").locator("option").all_text_contents() == ["VIP"]
    group.get_by_role("button", name="Add a condition").click()
    group.get_by_label("What is asked").nth(1).select_option("queue_waiting")
    group.get_by_label("How it is compared").nth(1).select_option("not")
    group.get_by_label("Number of callers").fill("4")
    group.get_by_role("button", name="OR", exact=True).click()

    admin_page.get_by_role("button", name="Add a group").click()
    other = admin_page.get_by_role("group", name="Group 2", exact=True)
    other.get_by_label("What is asked").select_option("known_caller")
    other.get_by_label("Yes or no").select_option("no")
    joint = admin_page.get_by_role("group", name="All or any, between groups 1 and 2")
    joint.get_by_role("button", name="OR").click()
    admin_page.evaluate(
        "([id, label]) => document.getElementById('id_destination').append(new Option(label, id, true, true))",
        [desk.pk, "Desk"],
    )
    admin_page.get_by_role("button", name="Save", exact=True).click()
    admin_page.get_by_text("was added successfully").wait_for()

    rule = Rule.objects.get()
    assert (rule.match, [group.match for group in rule.groups.all()]) == ("any", ["any", "all"])
    assert wording.rule_asks(rule.group_views, rule.match) == (
        "(the caller has the tag “VIP” or less than 4 wait in “Support”) or the caller is not known"
    )
    assert faults == []


def test_a_fault_is_shown_at_its_row_and_the_row_can_go(admin_page, live_server, client):
    rule = ConditionFactory(group__rule__client=client, subject="country", value="Narnia").group.rule
    admin_page.goto(f"{live_server.url}/admin/routing/rule/{rule.pk}/change/")

    admin_page.get_by_role("button", name="Save", exact=True).click()
    assert "two letters" in admin_page.locator(".rule-fault").inner_text()
    admin_page.get_by_role("button", name="Remove condition 1 of group 1").click()
    admin_page.get_by_text("It applies to every call.").wait_for()
    admin_page.get_by_role("button", name="Save", exact=True).click()
    admin_page.get_by_text("was changed successfully").wait_for()

    assert not rule.groups.exists()
