"""The campaign's page: what it says before the start and while it runs, and which buttons it offers."""

import pytest

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from tests import factories


@pytest.fixture
def page(client, hall):
    """The campaign's page as a supervisor of its client sees it."""
    user = factories.UserFactory(role="supervisor", clients=[hall.campaign.client], is_staff=True)
    client.force_login(user)
    address = f"/admin/campaigns/campaign/{hall.campaign.pk}/change/"
    return lambda: " ".join(client.get(address).content.decode().split())


def buttons(page: str) -> set[str]:
    return {act for act in ("start_this", "pause_this", "cancel_this") if f'{act}"' in page}


def test_before_the_start_the_page_says_who_is_skipped_and_why(hall, page):
    for _ in range(3):
        hall.contact()
    hall.contact(do_not_call=True)
    listed = hall.contact()
    factories.DoNotCallFactory(client=hall.campaign.client, number=listed.numbers.get().number)

    said = page()

    assert "<strong>5</strong> contacts" in said
    assert "<strong>3</strong> may be called now" in said
    assert "2 of 5 will be skipped for now: 2 on a do-not-call list." in said
    assert "At most 3 calls at once (campaign 3, client 10, house" in said


def test_nobody_on_the_list_is_said_in_words(hall, page):
    assert "There is nobody to call: the list is empty" in page()


def test_while_it_runs_the_page_says_how_far_it_is_and_what_it_waits_for(hall, page):
    for _ in range(4):
        hall.contact()
    hall.runs()
    hall.reserves()

    said = page()

    assert "Every line is in use (the campaign&#x27;s limit of 3): it goes on when a call ends." in said
    assert "0 of 4 contacts are through (0 %)" in said
    assert "<dt>being called</dt><dd>3</dd>" in said


def test_only_buttons_that_would_do_something_are_there(hall, page):
    hall.contact()
    assert buttons(page()) == {"start_this", "cancel_this"}
    hall.runs()
    assert buttons(page()) == {"pause_this", "cancel_this"}
    campaigns.pause(hall.campaign)
    assert buttons(page()) == {"start_this", "cancel_this"}
    campaigns.cancel(hall.campaign)
    assert buttons(page()) == set()
    assert hall.now(hall.campaign).status == Campaign.Status.CANCELLED
