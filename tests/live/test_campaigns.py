"""Campaigns on the board: as they stand, and nobody else's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.calls import limits, state
from apps.calls import services as calls
from apps.campaigns import dialer, standing
from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign
from apps.core import clock
from apps.live import campaigns as panel
from apps.live import snapshot
from apps.live.scope import Scope
from apps.live.touched import Touched
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign():
    """Running, with three contacts, two of whom may be called at once."""
    client = factories.ClientFactory(caller_id="+14155550190")
    factories.PhoneNumberFactory(client=client, number="+14155550190")
    made = factories.CampaignFactory(
        client=client, name="News", mode=Campaign.Mode.AGENTLESS, queue=None, pause_seconds=0, max_concurrent_calls=2,
        destination=factories.EndingFactory(client=client).destination,
    )  # fmt: skip
    for _ in range(3):
        factories.ContactFactory(list=made.contact_list)
    return campaigns.start(made)


@pytest.fixture
def supervisor(campaign):
    return factories.UserFactory(role="supervisor", clients=[campaign.client])


def shown(campaign):
    [row] = snapshot.board(Scope(frozenset([campaign.client_id])))["campaigns"]
    return row


def test_a_campaign_shows_its_progress_its_lines_and_what_it_waits_for(campaign):
    dialer.step(campaign.pk)
    first, _second = Attempt.objects.order_by("pk")
    calls.bind(first.leg, factories.sid("CA"))
    calls.advance(first.leg, state.IN_PROGRESS)

    row = shown(campaign)

    assert (row["name"], row["status"], row["mode"], row["queue"]) == ("News", "running", "agentless", "")
    assert (row["total"], row["through"], row["dialling"], row["talking"]) == (3, 0, 1, 1)
    assert row["why"] == ["Every line is in use (the campaign's limit of 2): it goes on when a call ends."]
    assert row["page"] == reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def test_answered_and_abandoned_are_of_those_who_picked_up(campaign):
    for outcome, answers in (("reached", True), ("abandoned", True), ("no_answer", False), ("machine", True)):
        now = clock.now()
        factories.AttemptFactory(
            campaign=campaign, began_at=now, ended_at=now, outcome=outcome, answered_at=now if answers else None
        )
    results = standing.results(campaign, clock.now() + timedelta(seconds=1))

    assert (results.tries, results.picked_up, results.answered, results.abandoned) == (4, 2, 2, 1)


def test_a_draft_counts_the_contacts_of_its_list_and_an_ended_one_is_gone(campaign):
    draft = factories.CampaignFactory(client=campaign.client, contact_list=campaign.contact_list, name="Later")
    campaigns.cancel(campaign)

    row = shown(campaign)

    assert (row["name"], row["status"], row["total"], row["through"]) == (draft.name, "draft", 3, 0)


def test_a_pause_reaches_the_board_at_once_with_who_did_it(line, campaign, supervisor):
    board = line("/ws/board/", supervisor)
    assert [row["status"] for row in board.next("snapshot")["campaigns"]] == ["running"]

    campaigns.pause(campaign, by=supervisor)
    delta = board.next("delta", where=lambda frame: "campaigns" in frame)

    [row] = delta["campaigns"]["put"]
    assert (row["status"], row["status_words"]) == ("paused", f"paused by {supervisor.display_name}")


def test_campaigns_of_other_clients_are_never_shown(campaign):
    other = factories.ClientFactory()

    assert snapshot.board(Scope(frozenset([other.pk])))["campaigns"] == []
    assert len(snapshot.board(Scope(None))["campaigns"]) == 1


def test_figures_are_counted_once_in_a_while_however_much_happens(campaign, django_assert_num_queries):
    clock.freeze()
    try:
        rows = panel.Campaigns(Scope(None))
        before = rows.rows(clock.now())
        campaigns.pause(campaign)
        rows.note(Touched(clients={1}, campaign={campaign.pk}))
        with django_assert_num_queries(0):
            assert rows.rows(clock.now()) == before
        assert rows.is_behind

        clock.advance(2)
        assert [row["status"] for row in rows.rows(clock.now())] == ["paused"]
        assert not rows.is_behind
    finally:
        clock.release()


def test_a_look_at_the_room_that_is_left_holds_nobody_up(campaign):
    campaign.client.max_concurrent_calls = 4
    campaign.client.save()
    dialer.step(campaign.pk)

    with CaptureQueriesContext(connection) as asked:
        assert limits.free_places(campaign.client) == 2
    assert not [query for query in asked if "lock" in query["sql"] or "FOR " in query["sql"]]
