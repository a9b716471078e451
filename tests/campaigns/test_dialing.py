"""Reservations: under the limits, once per contact, by one process, and only for whom it is allowed."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from apps.calls import limits
from apps.calls import services as calls
from apps.calls.models import Leg
from apps.campaigns import dialer, leases, outcomes, promises
from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign, Permission, RetryRule, Target
from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.people import services as people
from tests import factories


def test_as_many_are_reserved_as_the_campaign_may_call_at_once(hall):
    for _n in range(5):
        hall.contact()
    hall.runs()

    assert hall.reserves() == 3
    assert hall.reserves() == 0
    assert Attempt.objects.open().count() == Leg.objects.open().count() == 3


def test_the_limits_of_client_and_house_hold_as_well(hall, settings):
    for _n in range(5):
        hall.contact()
    hall.campaign.client.max_concurrent_calls = 2
    hall.campaign.client.save()
    hall.runs()
    assert hall.reserves() == 2

    settings.GLOBAL_MAX_CALLS = 2
    hall.campaign.client.max_concurrent_calls = 9
    hall.campaign.client.save()
    assert hall.reserves() == 0
    settings.GLOBAL_MAX_CALLS = 3
    assert hall.reserves() == 1


def test_a_call_holds_its_place_until_the_customers_line_is_over(hall):
    """The call may be closed in our books before the carrier has ended the line."""
    hall.contact()
    hall.runs()
    hall.reserves()
    attempt = hall.attempt()
    before = limits.free_places(attempt.call.client)
    calls.close(attempt.call, "no_answer")

    assert limits.free_places(attempt.call.client) == before
    calls.advance(hall.now(attempt.leg), "canceled")
    assert limits.free_places(attempt.call.client) == before + 1


def test_every_reservation_stands_in_the_ledger_with_its_inputs(hall):
    hall.contact()
    hall.runs()
    hall.reserves()

    row = Permission.objects.get()
    assert (row.verdict, row.attempt) == ("allowed", hall.attempt())
    assert row.facts["zones"] == ["America/Los_Angeles"]
    assert row.facts["most_tries"] == 5


def test_who_slept_through_the_lease_writes_nothing(hall):
    hall.contact()
    hall.runs()
    old = hall.fence()
    Campaign.objects.update(lease_until=clock.now() - timedelta(days=1))
    new = leases.take(hall.campaign.pk, "another")

    assert new == old + 1
    with pytest.raises(dialer.LostLease):
        dialer.reserve(hall.campaign.pk, old)
    assert not Attempt.objects.exists()
    assert dialer.reserve(hall.campaign.pk, new).made == 1


def test_a_lease_that_runs_is_nobody_elses(hall):
    hall.contact()
    hall.runs()
    assert leases.take(hall.campaign.pk, "one") == 1
    assert leases.take(hall.campaign.pk, "another") is None
    assert leases.take(hall.campaign.pk, "one") == 1
    leases.release(hall.campaign.pk, 1)
    assert leases.take(hall.campaign.pk, "another") == 2


def test_who_lost_the_database_is_taken_over_from_at_once(hall):
    """A process that is killed loses its connection with it; nobody waits for the end of its lease."""
    hall.contact()
    hall.runs()
    alive = leases.me()
    assert leases.take(hall.campaign.pk, alive) == 1
    assert leases.take(hall.campaign.pk, "machine:2:0") is None

    Campaign.objects.update(owner="machine:2:0")
    assert leases.take(hall.campaign.pk, alive) == 2
    [event] = Event.objects.filter(kind="campaigns.taken_over")
    assert event.data["owner"] == alive


def test_behind_a_pooler_a_lease_ends_by_its_time_alone(hall, settings):
    settings.DATABASE_PREPARED = False
    hall.contact()
    hall.runs()
    assert leases.take(hall.campaign.pk, leases.me()) == 1
    settings.DATABASE_PREPARED = True
    assert leases.take(hall.campaign.pk, leases.me()) is None


def test_a_step_that_is_told_to_stop_leaves_the_rest_to_others(hall, django_capture_on_commit_callbacks, monkeypatch):
    hall.contact()
    hall.runs()
    sent = []
    monkeypatch.setattr("apps.core.nudges.send", lambda task, args: sent.append((task.name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        assert dialer.step(hall.campaign.pk, go_on=lambda: False) == 0

    assert sent == [("apps.campaigns.tasks.step", (hall.campaign.pk,))]
    assert hall.now(hall.campaign).owner == ""


def test_a_round_is_written_with_as_few_statements_for_many_as_for_one(hall, django_assert_max_num_queries):
    hall.campaign.max_concurrent_calls = 9
    hall.campaign.save()
    for _n in range(9):
        hall.contact()
    hall.runs()
    fence = hall.fence()

    with django_assert_max_num_queries(32):
        assert dialer.reserve(hall.campaign.pk, fence).made == 9
    assert Attempt.objects.open().count() == Permission.objects.filter(verdict="allowed").count() == 9
    assert Event.objects.filter(kind="campaigns.reserved").count() == 9


def test_the_tables_forbid_a_second_open_try_of_a_contact(hall):
    hall.contact()
    hall.runs()
    hall.reserves()
    first = hall.attempt()
    call = factories.CallFactory(client=hall.campaign.client, direction="outbound")

    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(
            campaign=hall.campaign, target=first.target, n=2, number=first.number, call=call, fence=1,
            leg=factories.LegFactory(call=call, sid=None),
        )  # fmt: skip


def test_a_contact_that_the_tables_forbid_is_put_aside_and_does_not_stop_the_others(hall):
    hall.contact()
    hall.contact()
    hall.runs()
    hall.campaign.max_concurrent_calls = 1
    hall.campaign.save()
    hall.reserves()
    hall.campaign.max_concurrent_calls = 3
    hall.campaign.save()
    Target.objects.filter(status="calling").update(status="waiting")  # as no service of ours would

    assert hall.reserves() >= 1
    assert Attempt.objects.open().count() == 2
    assert Target.objects.filter(why__startswith="Put aside").count() == 1


def test_nothing_is_reserved_for_a_campaign_that_is_paused(hall):
    hall.contact()
    hall.runs()
    fence = hall.fence()
    campaigns.pause(hall.campaign)

    with pytest.raises(dialer.LostLease):
        dialer.reserve(hall.campaign.pk, fence)
    assert leases.take(hall.campaign.pk, "somebody") is None


def test_a_pause_calls_back_what_was_reserved_and_not_dialled_yet(hall):
    hall.contact()
    hall.runs()
    hall.reserves()
    attempt = hall.attempt()
    campaigns.pause(hall.campaign)

    assert hall.now(attempt.leg).status == "canceled"
    outcomes.settle(attempt.pk)
    attempt = hall.now(attempt)
    assert (attempt.outcome, attempt.counted, hall.target().status) == ("not_placed", False, "waiting")

    campaigns.resume(hall.campaign)
    assert hall.reserves() == 1
    assert hall.attempt().n == 2


def test_two_who_start_pause_and_cancel_at_once_find_it_done(hall):
    hall.contact()
    first, second = (Campaign.objects.get(pk=hall.campaign.pk) for _n in range(2))
    assert campaigns.start(first).status == campaigns.start(second).status == "running"
    assert campaigns.pause(first).status == campaigns.pause(second).status == "paused"
    assert campaigns.cancel(first).status == campaigns.cancel(second).status == "cancelled"
    with pytest.raises(Refused, match="was cancelled"):
        campaigns.start(first)


def test_a_campaign_without_contacts_is_not_started(hall):
    with pytest.raises(Refused, match="There is nobody to call"):
        campaigns.start(hall.campaign)
    assert hall.now(hall.campaign).status == "draft"


def test_outside_the_hours_the_contact_waits_for_the_next_opening(hall):
    hall.contact()
    now = clock.now()
    los_angeles = now.astimezone(ZoneInfo("America/Los_Angeles"))
    begin = (los_angeles + timedelta(hours=2)).time().replace(second=0, microsecond=0)
    end = time(23, 59) if begin < time(23, 50) else time(23, 59, 59)
    Campaign.objects.update(call_from=min(begin, time(23, 50)), call_until=end)
    hall.runs()

    assert hall.reserves() == 0
    assert hall.ledger() == [("later", "outside_hours")]
    assert hall.target().due_at > now
    assert "Outside the calling hours" in hall.target().why


def test_who_objected_is_never_called_whatever_the_road(hall):
    person = factories.PersonFactory(client=hall.campaign.client, do_not_call=True)
    silent = factories.PersonFactory(client=hall.campaign.client)
    people.note_consent(silent, "calls", given=False, source="a call")
    hall.contact(person=person)
    hall.contact(person=silent)
    hall.contact(do_not_call=True)
    hall.contact(numbers=["+14155558080"])
    hall.contact(numbers=["+19005550100"])
    hall.contact(numbers=[])
    promises.add_do_not_call("+14155558080", client=None, source="a register")
    known = factories.PersonFactory(client=hall.campaign.client, do_not_call=True)
    factories.PersonNumberFactory(person=known, number="+14155558090")
    hall.contact(numbers=["+14155558090"])  # the list does not say who that is
    hall.runs()

    assert hall.reserves() == 0
    assert sorted(code for _verdict, code in hall.ledger()) == [
        "do_not_call", "do_not_call", "do_not_call", "do_not_call", "forbidden_number", "no_consent", "no_number",
    ]  # fmt: skip
    assert set(Target.objects.values_list("status", flat=True)) == {"skipped"}
    hall.reserves()
    assert hall.now(hall.campaign).status == "completed"


def test_the_second_number_is_tried_when_the_first_may_not_be_called(hall):
    hall.contact(numbers=["+14155558080", "+14155558081"])
    promises.add_do_not_call("+14155558080", client=hall.campaign.client, source="a letter")
    hall.runs()
    hall.reserves()

    assert hall.attempt().number == "+14155558081"


def test_a_busy_line_is_tried_again_by_its_rule_and_then_given_up(hall):
    RetryRule.objects.create(campaign=hall.campaign, outcome="busy", after_seconds=600, most_tries=2)
    hall.contact(numbers=["+14155558080", "+14155558081"])
    hall.runs()
    hall.reserves()
    first = hall.attempt()
    hall.ends(first, "busy")
    outcomes.settle(first.pk)

    assert (hall.target().status, hall.target().due_at) == ("waiting", clock.now() + timedelta(seconds=600))
    assert hall.reserves() == 0
    clock.advance(601)
    Campaign.objects.update(look_again_at=None)
    hall.reserves()
    second = hall.attempt()
    assert (second.n, second.number) == (2, "+14155558081"), "the number that was tried less"
    hall.ends(second, "busy")
    outcomes.settle(second.pk)
    assert hall.target().status == "exhausted"


def test_a_disposition_filed_after_the_call_decides_anew(hall):
    sold = factories.DispositionFactory(client=hall.campaign.client, name="Wants no calls")
    RetryRule.objects.create(campaign=hall.campaign, disposition=sold, after_seconds=None, add_to_do_not_call=True)
    hall.contact()
    hall.runs()
    hall.reserves()
    attempt = hall.attempt()
    hall.ends(attempt, "no-answer")
    outcomes.settle(attempt.pk)
    assert hall.target().status == "waiting"
    calls.classify(attempt.call, disposition=sold)

    assert outcomes.refile(attempt.call_id) is True
    assert outcomes.refile(attempt.call_id) is False
    assert hall.target().status == "exhausted"
    assert promises.DoNotCall.objects.get().number == attempt.number


def test_a_call_that_was_promised_is_made_at_that_hour_whatever_the_rules_say(hall):
    hall.contact()
    hall.runs()
    hall.reserves()
    attempt = hall.attempt()
    at = clock.now() + timedelta(days=1)
    promises.promise(attempt, at=at)
    hall.ends(attempt, "completed")
    outcomes.settle(attempt.pk)

    assert (hall.target().status, hall.target().due_at) == ("waiting", at)
    with pytest.raises(Refused, match="in the future"):
        promises.promise(attempt, at=clock.now() - timedelta(seconds=1))


def test_a_try_is_not_over_while_its_line_may_still_ring(hall):
    """The carrier's answer was lost: nobody knows whether it rings, so no other try may begin."""
    hall.contact()
    hall.runs()
    hall.reserves()
    attempt = hall.attempt()
    Leg.objects.filter(pk=attempt.leg_id).update(dialed_at=clock.now(), uncertain=True)
    calls.close(attempt.call, "no_answer")

    assert outcomes.settle(attempt.pk) is False
    assert Attempt.objects.staged().get().stage == "unknown"
    assert hall.reserves() == 0


def test_a_line_that_shows_up_after_it_was_given_up_is_ended(hall, monkeypatch, django_capture_on_commit_callbacks):
    hall.contact()
    hall.runs()
    hall.reserves()
    leg = hall.attempt().leg
    calls.advance(leg, "failed")
    sent = []
    monkeypatch.setattr("apps.core.nudges.send", lambda task, args: sent.append((task.name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        calls.bind(leg, "CA" + "1" * 32)

    assert sent == [("apps.calls.tasks.hang_up_stray", ("CA" + "1" * 32,))]


def test_the_cap_of_a_day_counts_every_campaign_of_the_client(hall):
    hall.contact(numbers=["+14155558080"])
    other = factories.CampaignFactory(client=hall.campaign.client)
    for _n in range(2):
        factories.AttemptFactory(
            campaign=other, number="+14155558080", began_at=clock.now() - timedelta(seconds=5), outcome="busy",
            ended_at=clock.now(), call__status="over", call__outcome="busy", call__ended_at=clock.now(),
            leg__status="busy",
        )  # fmt: skip
    hall.runs()

    assert hall.reserves() == 0
    assert hall.ledger() == [("later", "tries_of_the_day")]
