"""Why is nothing dialling? The answer is in sentences, the most important one first."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.campaigns import overview
from apps.campaigns import services as campaigns
from apps.campaigns.models import Target
from apps.core import clock
from tests import factories

# Monday, twelve o'clock in New York.
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


@pytest.fixture
def why(hall):
    """The sentences of a campaign of a client in New York, at noon there."""
    clock.freeze(NOON)
    hall.campaign.client.time_zone = "America/New_York"
    hall.campaign.client.save()
    hall.contact()
    yield lambda: overview.why(hall.now(hall.campaign))
    clock.release()


def test_a_campaign_that_does_not_run_says_so_and_who_paused_it(hall, why):
    assert why() == ["It is a draft: nobody is called before it is started."]
    hall.runs()
    campaigns.pause(hall.now(hall.campaign), by=factories.UserFactory(first_name="Ann", last_name="Lee"))
    assert why() == ["Ann Lee paused it: nobody is dialled until it is resumed."]


def test_a_carrier_that_is_too_busy_is_tried_again_at_a_time_of_the_client(hall, why):
    hall.runs()
    type(hall.campaign).objects.update(next_try_at=NOON + timedelta(seconds=30))
    assert why()[0] == "The carrier refused or was too busy: the next try is at 12:00:30 EST."


def test_when_the_next_contact_is_due_is_told_in_the_time_of_the_client(hall, why):
    hall.runs()
    Target.objects.update(due_at=NOON + timedelta(hours=2))
    assert why()[0] == "Contacts that wait: 1. The next is due at 2026-03-02 14:00 EST."


def test_lines_that_are_all_in_use_are_what_it_waits_for(hall, why):
    hall.campaign.max_concurrent_calls = 1
    hall.campaign.save()
    hall.contact()
    hall.runs()
    hall.reserves()
    assert "Every line is in use (the campaign's limit of 1): it goes on when a call ends." in why()


def test_the_last_calls_are_what_is_left(hall, why):
    hall.runs()
    hall.reserves()
    assert why()[0] == "Nobody waits to be called: the last calls are under way."


def test_a_campaign_that_no_dialer_looks_at_says_what_may_be_missing(hall, why):
    hall.runs()
    hall.reserves()
    clock.advance(3600)
    assert why()[-1].endswith("is a worker or `manage.py dialer` running?")


def test_a_draft_counts_the_contacts_of_its_list(hall, why):
    found = overview.progress(hall.campaign, NOON)

    assert (found.total, found.remaining, found.position, found.estimated_end) == (1, 1, 0, None)


def test_the_estimate_of_the_end_counts_from_the_start_and_not_from_before(hall, why):
    for _n in range(3):
        hall.contact()
    hall.runs()
    factories.AttemptFactory(
        campaign=hall.campaign, began_at=NOON, ended_at=NOON + timedelta(minutes=1), outcome="busy",
        call__status="over", call__outcome="busy", call__ended_at=NOON + timedelta(minutes=1), leg__status="busy",
    )  # fmt: skip
    found = overview.progress(hall.now(hall.campaign), NOON + timedelta(minutes=2))

    assert found.calls_per_hour == 30
    assert found.estimated_end == NOON + timedelta(minutes=2) + timedelta(hours=found.remaining / 30)


def test_who_is_signed_in_and_not_ready_is_said_with_what_keeps_them(hall, why):
    queue = factories.QueueFactory(client=hall.campaign.client)
    hall.campaign.mode, hall.campaign.queue = "progressive", queue
    hall.campaign.save()
    hall.runs()
    assert why() == ["Nobody is signed in for this campaign, so nothing is dialled."]

    people = [factories.MembershipFactory(queue=queue).operator for _n in range(3)]
    for operator, presence in zip(people, ["available", "on_break", "available"], strict=True):
        type(operator).objects.filter(pk=operator.pk).update(presence=presence)
    type(people[2]).objects.filter(pk=people[2].pk).update(unreachable_since=NOON)
    factories.EngagementFactory(operator=people[0], purpose="preview")
    [sentence] = why()
    assert sentence.startswith("No operator is ready: ")
    doing = sentence.removeprefix("No operator is ready: ").rstrip(".").split(", ")
    assert sorted(doing) == ["1 looking at a contact", "1 on a break", "1 without a telephone that can ring"]
