"""A telephone that several contacts share, a contact with telephones in several places, and hours that never come."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from apps.campaigns import outcomes
from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign, Target
from apps.core import clock
from apps.core.refused import Refused
from tests import factories

SHARED = "+14155558080"
NEW_YORK, LOS_ANGELES = "+12125550123", "+12135550123"


def test_two_contacts_with_one_telephone_are_called_one_after_the_other_within_its_cap_of_the_day(hall):
    Campaign.objects.update(most_tries_per_day=1)
    hall.contact(numbers=[SHARED])
    hall.contact(numbers=[SHARED])
    hall.runs()

    assert hall.reserves() == 1
    assert hall.reserves() == 0
    assert hall.ledger() == [("allowed", "allowed"), ("later", "in_a_call")]

    outcomes.settle(hall.ends(hall.attempt(), "completed").pk)
    Target.objects.waiting().update(due_at=clock.now())
    assert hall.reserves() == 0
    assert hall.ledger()[-1] == ("later", "tries_of_the_day")


def test_a_telephone_to_which_another_campaign_talks_is_not_dialled(hall):
    hall.contact(numbers=[SHARED])
    other = factories.CampaignFactory(client=hall.campaign.client)
    factories.AttemptFactory(campaign=other, number=SHARED)
    hall.runs()

    assert hall.reserves() == 0
    assert hall.ledger() == [("later", "in_a_call")]


def test_a_contact_with_telephones_in_two_zones_is_called_at_an_hour_that_is_good_in_both(hall):
    clock.freeze(datetime(2026, 3, 4, 14, tzinfo=UTC))  # nine in New York, six in Los Angeles
    Campaign.objects.update(call_from=time(8), call_until=time(21))
    hall.contact(numbers=[NEW_YORK, LOS_ANGELES])
    hall.runs()

    assert hall.reserves() == 0
    assert hall.target().due_at == datetime(2026, 3, 4, 16, tzinfo=UTC)


def test_hours_and_a_schedule_that_exclude_each_other_are_refused(hall):
    night = factories.ScheduleFactory(client=hall.campaign.client, name="Night")
    factories.PeriodFactory(schedule=night, weekday=0, opens=time(2), closes=time(5))
    hall.campaign.schedule, hall.campaign.call_from, hall.campaign.call_until = night, time(9), time(17)

    with pytest.raises(Refused, match="“Night” is never open between 09:00 and 17:00") as refusal:
        campaigns.save_campaign(hall.campaign)
    assert list(refusal.value.fields) == ["schedule"]
    assert hall.now(hall.campaign).schedule is None


def test_a_schedule_that_loses_its_hours_later_puts_contacts_off_and_gives_up_nobody(hall):
    schedule = factories.ScheduleFactory(client=hall.campaign.client, always=True)
    Campaign.objects.update(schedule=schedule)
    hall.contact()
    hall.runs()
    schedule.periods.all().delete()

    assert hall.reserves() == 0
    assert hall.ledger() == [("later", "no_hours")]
    assert hall.target().status == "waiting"
    assert not Attempt.objects.exists()
