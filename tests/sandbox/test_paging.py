"""Lists: newest first, in pages, with tokens that hold while new rows come."""

import pytest
import requests
from twilio.base.exceptions import TwilioException

from .world import ACCOUNT, CUSTOMER, OURS, TOKEN, World


def several(world: World, count: int) -> list[str]:
    return [world.client.calls.create(to=CUSTOMER, from_=OURS, url=world.app.url).sid for _ in range(count)]


def test_the_sdk_walks_through_all_pages_newest_first(world: World):
    made = several(world, 7)
    assert [call.sid for call in world.client.calls.list(page_size=3)] == made[::-1]


def test_a_page_has_twilios_envelope(world: World):
    several(world, 5)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    page = requests.get(f"{world.sandbox.url}{path}?PageSize=2&Page=1", auth=(ACCOUNT, TOKEN), timeout=5).json()
    assert (page["page"], page["page_size"], page["start"], page["end"]) == (1, 2, 2, 3)
    assert page["next_page_uri"].startswith(f"{path}?PageSize=2&Page=2&PageToken=PACA")
    assert page["previous_page_uri"].startswith(f"{path}?PageSize=2&Page=0&PageToken=PBCA")
    assert page["first_page_uri"] == f"{path}?PageSize=2&Page=0"


def test_new_rows_do_not_shift_the_next_page(world: World):
    made = several(world, 4)
    first = world.client.calls.page(page_size=2)
    several(world, 2)
    assert [call.sid for call in first.next_page()] == made[1::-1]


def test_filters_stay_on_the_way_through_the_pages(world: World):
    made = several(world, 5)
    world.client.calls(made[0]).update(status="canceled")
    assert [call.sid for call in world.client.calls.list(status="canceled", page_size=1)] == [made[0]]
    assert len(world.client.calls.list(status="queued", page_size=2)) == 4
    assert world.client.calls.list(to="+15550100999") == []


def test_a_page_is_at_most_a_thousand(world: World):
    url = f"{world.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json?PageSize=1001"
    answer = requests.get(url, auth=(ACCOUNT, TOKEN), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20007)
    with pytest.raises(TwilioException):
        world.client.calls.get_page(url.replace("PageSize=1001", "PageToken=XX"))
