"""The page on which a menu is drawn, as the server gives it."""

import json
import re

import pytest
from django.test import Client as Browser

from apps.ivr import publishing
from apps.ivr import services as ivr
from tests.factories import ClientFactory, PromptFactory, QueueFactory, UserFactory

pytestmark = pytest.mark.django_db
DOCUMENT = {"start": "bye", "nodes": {"bye": {"kind": "hangup"}}}


def page_of(flow, role: str = "administrator", *clients):
    web = Browser()
    web.force_login(UserFactory(role=role, clients=clients, is_staff=True))
    return web.get(f"/menus/{flow.public_id}/")


@pytest.fixture
def flow():
    return ivr.create_flow(ClientFactory(), name="</script><b>Main")


def data_of(page) -> dict:
    found = re.search(r'<script id="menu-data" type="application/json">(.*?)</script>', page.content.decode(), re.S)
    return json.loads(found[1])


def test_the_page_knows_the_rows_of_its_client_and_no_others(flow):
    QueueFactory(client=flow.client, name="Yard")
    QueueFactory(name="Foreign yard")
    PromptFactory(client=flow.client, name="Welcome", text="Hello.")

    data = data_of(page_of(flow))

    assert {one["label"] for one in data["destinations"]} == {"Yard", "</script><b>Main"}
    assert data["prompts"] == [{"name": "Welcome", "texts": {"en-US": "Hello."}}]
    assert (data["mayChange"], data["flow"]["version"]) == (True, None)


def test_the_page_obeys_the_strict_policy(flow):
    policy = page_of(flow).headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


def test_a_supervisor_looks_and_may_not_change(flow):
    assert data_of(page_of(flow, "supervisor", flow.client))["mayChange"] is False
    assert page_of(flow, "supervisor").status_code == 404
    assert page_of(flow, "operator", flow.client).status_code == 403


def test_the_admin_of_a_drawn_flow_says_what_is_left_to_do(flow):
    publishing.save_draft(flow, DOCUMENT, revision=0)
    web = Browser()
    web.force_login(UserFactory(role="administrator", is_staff=True))

    page = web.get(f"/admin/ivr/flow/{flow.pk}/change/").content.decode()

    assert "The drawing has changed since it was published." in page
    assert "What callers hear first" not in page
    assert web.get(f"/admin/ivr/flow/{flow.pk}/add_menu/").url == f"/menus/{flow.public_id}/"


def test_a_version_is_taken_back_in_the_admin(flow):
    flow = publishing.save_draft(flow, DOCUMENT, revision=0)
    first = publishing.publish(flow)
    changed = {"start": "bye", "nodes": {"bye": {"kind": "hangup", "name": "Good-bye"}}}
    flow = publishing.save_draft(flow, changed, revision=1)
    publishing.publish(flow)
    web = Browser()
    web.force_login(UserFactory(role="administrator", is_staff=True))

    answer = web.get(f"/admin/ivr/flowversion/{first.pk}/roll_back/", follow=True)

    assert "Version 1 takes the calls again, as version 3." in answer.content.decode()
    flow.refresh_from_db()
    assert (flow.version.number, flow.draft) == (3, first.document)
