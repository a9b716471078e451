"""Contacts are called by a campaign: reached by an operator, by a menu, or by a message; and what a bad day does."""

from __future__ import annotations

import pytest

from apps.calls.models import Call, Leg
from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign, ContactList, Permission, Target
from tests import factories


@pytest.fixture
def people(company) -> ContactList:
    """Five contacts in California; whoever is dialled answers after two seconds, unless a story says otherwise."""
    contacts = factories.ContactListFactory(client=company.client, name="Spring")
    for n in range(5):
        factories.ContactFactory(list=contacts, name=f"Contact {n}", numbers=[number(n)])
    return contacts


@pytest.fixture
def sales(company, people) -> Campaign:
    return factories.CampaignFactory(client=company.client, name="Sales", contact_list=people, queue=company.queue)


@pytest.fixture
def news(company, people) -> Campaign:
    """An agentless campaign that says one sentence."""
    said = factories.EndingFactory(
        destination__client=company.client, destination__label="News", message="We open on Monday."
    ).destination
    return factories.CampaignFactory(
        client=company.client, name="News", contact_list=people, queue=None, destination=said, pause_seconds=0,
        mode=Campaign.Mode.AGENTLESS, max_concurrent_calls=2,
    )  # fmt: skip


def number(n: int) -> str:
    return f"+1415555060{n}"


def phone(world, n: int, answer: str = "human", after_s: float = 2, **more) -> None:
    world.sandbox.put(f"/sandbox/phones/{number(n)}", {"answer": answer, "after_s": after_s, **more})


def dialled(world) -> list[str]:
    """The contacts that the carrier really dialled, in order."""
    calls = [call for call in world.sandbox.get("/sandbox/calls") if call["to"].startswith("+14155550")]
    return [call["to"] for call in reversed(calls)]


def statuses(campaign: Campaign) -> list[str]:
    return list(Target.objects.filter(campaign=campaign).order_by("pk").values_list("status", flat=True))


def call_of(world, n: int) -> dict:
    return next(call for call in world.sandbox.get("/sandbox/calls") if call["to"] == number(n))


def test_a_contact_is_called_when_an_operator_is_free_and_talks_with_them(world, company, sales):
    campaigns.start(sales)
    world.advance(5)
    assert dialled(world) == [], "nobody is dialled without a free operator"

    company.anna.becomes_available()
    world.until(lambda: dialled(world) == [number(0)])
    company.anna.rings(within=10)
    company.anna.answers()
    world.until(lambda: company.anna.talking)
    world.advance(5)

    attempt = Attempt.objects.get()
    assert attempt.call.operator == company.anna.operator
    assert {leg.joined_at is not None for leg in attempt.call.legs.open()} == {True}
    assert dialled(world) == [number(0)], "the operator is busy"
    assert attempt.permission.verdict == "allowed"

    company.anna.hangs_up()
    world.advance(3)
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.call.outcome) == ("reached", Call.Outcome.ANSWERED)
    assert statuses(sales)[0] == "done"
    assert company.anna.busy_with == "wrap_up"

    world.until(lambda: len(dialled(world)) == 2, within=40)


def test_who_answers_while_nobody_is_free_hears_who_called_and_is_let_go(world, company, sales):
    company.anna.becomes_available()
    campaigns.start(sales)
    world.until(lambda: len(dialled(world)) == 1)
    company.anna.commands("operators/me/presence", status="on_break")
    world.until(lambda: Attempt.objects.get().ended_at is not None, within=40)

    heard = " ".join(each.get("text") or "" for each in call_of(world, 0)["heard"])
    assert "this was a call from Northline Freight" in heard
    assert Attempt.objects.get().outcome == "abandoned"
    assert Attempt.objects.get().call.outcome == Call.Outcome.ABANDONED
    assert not Leg.objects.open().exists()


def test_an_agentless_campaign_reaches_everybody_once_and_is_complete(world, company, news):
    phone(world, 1, "busy")
    phone(world, 3, "no-answer")
    campaigns.start(news)
    world.until(lambda: Target.objects.filter(status="done").count() == 3, within=90)
    world.until(lambda: not Attempt.objects.open().exists(), within=60)

    assert sorted(dialled(world)) == [number(n) for n in range(5)]
    outcomes = dict(Attempt.objects.order_by("number").values_list("number", "outcome"))
    assert outcomes == {
        number(0): "reached", number(1): "busy", number(2): "reached", number(3): "no_answer", number(4): "reached",
    }  # fmt: skip
    assert "We open on Monday." in call_of(world, 0)["heard"][0]["text"]
    assert statuses(news) == ["done", "waiting", "done", "waiting", "done"]

    phone(world, 1)
    phone(world, 3)
    world.advance(7300, step=100)
    world.until(lambda: Campaign.objects.get().status == "completed", within=60)
    assert len(dialled(world)) == 7
    assert statuses(news) == ["done"] * 5


def test_no_more_calls_at_once_than_the_campaign_may_make(world, company, news):
    for n in range(5):
        phone(world, n, after_s=10)
    campaigns.start(news)
    peak = 0
    for _second in range(60):
        world.advance(1)
        live = [call for call in world.sandbox.get("/sandbox/calls") if call["ended_at"] is None]
        peak = max(peak, len(live))

    assert peak == 2
    assert len(dialled(world)) == 5


def test_a_paused_campaign_dials_nobody_and_goes_on_exactly_there(world, company, news):
    campaigns.start(news)
    world.until(lambda: len(dialled(world)) >= 2)
    campaigns.pause(Campaign.objects.get())
    before = dialled(world)
    world.advance(30)
    assert dialled(world) == before
    assert campaigns.pause(Campaign.objects.get()).status == "paused"

    campaigns.resume(Campaign.objects.get())
    world.until(lambda: Campaign.objects.get().status == "completed", within=90)
    assert sorted(dialled(world)) == [number(n) for n in range(5)]


def test_a_cancelled_campaign_hangs_up_the_phones_that_ring(world, company, news):
    for n in range(5):
        phone(world, n, "no-answer")
    campaigns.start(news)
    world.until(lambda: len(dialled(world)) == 2)
    campaigns.cancel(Campaign.objects.get())
    world.advance(5)

    assert {call["status"] for call in world.sandbox.get("/sandbox/calls")} <= {"canceled", "no-answer", "completed"}
    assert len(dialled(world)) == 2
    assert not Attempt.objects.open().exists()


def test_a_lost_answer_of_the_carrier_is_found_out_and_never_dialled_twice(world, company, news):
    world.sandbox.put("/sandbox/faults", {"lost_answers": 3, "callbacks": {"lost_rate": 1.0}})
    campaigns.start(news)
    world.advance(8)
    world.sandbox.put("/sandbox/faults", {})
    world.until(lambda: Campaign.objects.get().status == "completed", within=400)

    assert sorted(dialled(world)) == [number(n) for n in range(5)]
    assert set(Leg.objects.values_list("known_by", flat=True)) <= {"answer", "callback", "list"}


def test_a_carrier_that_is_too_busy_slows_the_campaign_and_costs_no_try(world, company, news):
    refusals = [{"path": "Calls", "status": 429, "code": 20429}] * 3
    world.sandbox.put("/sandbox/faults", {"fail_next": refusals})
    campaigns.start(news)
    world.until(lambda: Campaign.objects.get().status == "completed", within=120)

    assert sorted(dialled(world)) == [number(n) for n in range(5)]
    assert Attempt.objects.filter(counted=False, outcome="not_placed").count() == 3
    assert Attempt.objects.filter(counted=True).count() == 5


def test_a_machine_hears_the_message_after_the_beep(world, company, news):
    news.machine, news.machine_message = Campaign.Machine.MESSAGE, "Please call us back."
    news.save()
    phone(world, 0, "machine")
    campaigns.start(news)
    world.until(lambda: Attempt.objects.filter(number=number(0), outcome="machine").exists(), within=60)

    heard = " ".join(each.get("text") or "" for each in call_of(world, 0)["heard"])
    assert "Please call us back." in heard
    assert "We open on Monday." not in heard


def test_a_number_put_on_the_list_in_the_middle_is_not_dialled_any_more(world, company, news):
    from apps.campaigns import promises

    campaigns.start(news)
    world.until(lambda: len(dialled(world)) == 2)
    promises.add_do_not_call(number(4), client=company.client, source="a letter")
    world.until(lambda: Campaign.objects.get().status == "completed", within=120)

    assert number(4) not in dialled(world)
    assert statuses(news)[4] == "skipped"
    said = Permission.objects.get(number=number(4))
    assert (said.verdict, said.code) == ("never", "do_not_call")
    assert "a letter" in said.sentence
