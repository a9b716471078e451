"""Preview mode: an operator looks at a contact, then calls, or passes them over; the rules hold to the last moment."""

from __future__ import annotations

import pytest

from apps.campaigns import promises
from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign, Permission, Preview, Target
from tests import factories

NUMBERS = ["+14155550611", "+14155550612"]


@pytest.fixture
def look(company) -> Campaign:
    """Two contacts who are looked at before they are called."""
    contacts = factories.ContactListFactory(client=company.client, name="Renewals")
    for number, name in zip(NUMBERS, ("Rosa", "Sam"), strict=True):
        factories.ContactFactory(list=contacts, name=name, numbers=[number], fields={"plan": "gold"})
    campaign = factories.CampaignFactory(
        client=company.client, name="Renewals", contact_list=contacts, queue=company.queue, preview_seconds=20,
        mode=Campaign.Mode.PREVIEW, preview_skips=1, retry_seconds=60,
    )  # fmt: skip
    company.anna.becomes_available()
    return campaigns.start(campaign)


def asked(anna, path: str, **body):
    """What the desk asks of the API."""
    reply = anna.asks("POST", f"campaign-previews/{path}", **body)
    anna.world.settle()
    return reply


def test_the_contact_is_seen_then_called_and_is_reached(world, company, look):
    anna = company.anna
    shown = asked(anna, "next").json()
    assert (shown["name"], shown["own_fields"], shown["skips_left"]) == ("Rosa", {"plan": "gold"}, 1)
    assert asked(anna, "next").json()["id"] == shown["id"], "the same one, until it is decided"
    assert not Attempt.objects.exists()

    placed = asked(anna, f"{shown['id']}/call").json()
    anna.device("connect", params={"token": placed["connect_token"]})
    world.until(lambda: world.call.answered_at is not None, within=20)
    attempt = Attempt.objects.get()
    assert attempt.number == NUMBERS[0]
    assert attempt.permission.verdict == "allowed"

    anna.hangs_up()
    world.until(lambda: Attempt.objects.get().ended_at is not None)
    assert (Attempt.objects.get().outcome, Target.objects.get(contact__name="Rosa").status) == ("reached", "done")


def test_who_is_passed_over_comes_again_and_may_be_passed_over_so_often_only(world, company, look):
    anna = company.anna
    shown = asked(anna, "next").json()
    assert asked(anna, f"{shown['id']}/skip", why=" ").status_code in (400, 409)
    assert asked(anna, f"{shown['id']}/skip", why="called yesterday").json()["status"] == "skipped"
    assert Permission.objects.get(code="skipped").sentence.endswith("passed them over: called yesterday")
    assert anna.busy_with == ""

    sam = asked(anna, "next").json()
    assert sam["name"] == "Sam"
    asked(anna, f"{sam['id']}/skip", why="at lunch")
    assert asked(anna, "next").status_code == 204, "nobody is due"
    world.advance(61)
    again = asked(anna, "next").json()
    assert (again["name"], again["skips_left"]) == ("Rosa", 0)
    assert asked(anna, f"{again['id']}/skip", why="no").status_code == 409


def test_who_asks_not_to_be_called_meanwhile_is_not_rung(world, company, look):
    anna = company.anna
    shown = asked(anna, "next").json()
    promises.add_do_not_call(NUMBERS[0], client=company.client, source="a letter of today")
    placed = asked(anna, f"{shown['id']}/call").json()
    anna.device("connect", params={"token": placed["connect_token"]})
    world.advance(10)

    assert [call["to"] for call in world.sandbox.get("/sandbox/calls") if call["to"] == NUMBERS[0]] == []
    assert Target.objects.get(contact__name="Rosa").status == "skipped"
    assert Permission.objects.get(target__contact__name="Rosa").code == "do_not_call"


def test_a_desk_that_falls_silent_loses_the_contact(world, company, look):
    anna = company.anna
    asked(anna, "next")
    assert anna.busy_with == "preview"
    world.advance(60)

    assert Preview.objects.get().status == "expired"
    assert anna.busy_with == ""
    assert Target.objects.get(contact__name="Rosa").status == "waiting"


def test_a_call_that_the_desk_never_connects_leaves_the_contact_waiting(world, company, look):
    anna = company.anna
    shown = asked(anna, "next").json()
    asked(anna, f"{shown['id']}/call")
    world.until(lambda: Target.objects.get(contact__name="Rosa").status == "waiting", within=200)
    assert not Attempt.objects.exists()


def test_nobody_is_dialled_by_itself(world, company, look):
    world.advance(20)
    assert not Attempt.objects.exists()


def test_only_the_number_that_was_shown_is_rung(world, company, look):
    """Another number of theirs may be called: it is shown next, and not dialled unseen."""
    anna = company.anna
    rosa = Target.objects.get(contact__name="Rosa").contact
    rosa.numbers.create(number=NUMBERS[0].replace("611", "613"), list=rosa.list, position=1)
    shown = asked(anna, "next").json()
    promises.add_do_not_call(shown["number"], client=company.client, source="a letter of today")
    placed = asked(anna, f"{shown['id']}/call").json()
    anna.device("connect", params={"token": placed["connect_token"]})
    world.until(lambda: anna.busy_with == "", within=60)

    again = asked(anna, "next").json()
    assert (again["name"], again["number"]) == ("Rosa", "+14155550613")
    assert not Attempt.objects.exists()
