"""Transfers and conferences, with two operators, a caller, and telephones outside."""

import pytest

from apps.calls.models import Call, Transfer
from tests import factories
from tests.stories.base import MOBILE
from tests.stories.conftest import DIRECT_LINE

OUTSIDE = "+14155550177"


@pytest.fixture
def talk(world, company):
    """A caller who talks with Anna."""
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(3)
    assert caller.where == "conference"
    return caller


def path(world, what):
    return f"calls/{world.call.public_id}/{what}"


def asks_ben(world, company, kind="warm"):
    company.ben.becomes_available()
    begun = company.anna.commands(path(world, "transfer"), kind=kind, operator=str(company.ben.operator.public_id))
    company.ben.rings()
    return begun


def test_a_warm_transfer_is_accepted_and_the_caller_never_hears_silence(world, company, talk):
    asks_ben(world, company)
    assert talk.where == "hold"

    company.ben.answers()
    world.advance(2)
    assert talk.where == "hold"
    assert Transfer.objects.get().status == "consulting"
    company.ben.commands(path(world, "transfer/complete"))
    world.advance(3)

    assert talk.where == "conference"
    assert company.ben.talking
    assert not company.anna.talking
    assert world.call.operator == company.ben.operator
    assert company.anna.busy_with == "wrap_up"
    company.ben.hangs_up()
    world.advance(2)
    assert world.call.outcome == Call.Outcome.ANSWERED
    assert company.ben.busy_with == "wrap_up"
    world.advance(31)
    assert (company.anna.busy_with, company.ben.busy_with) == ("", "")


@pytest.mark.parametrize(
    ("answer", "status"), [("refuse", Transfer.Status.REFUSED), ("message", Transfer.Status.MESSAGE)]
)
def test_a_colleague_who_does_not_take_it_gives_the_caller_back(world, company, talk, answer, status):
    asks_ben(world, company)
    company.ben.answers()
    world.advance(2)

    company.ben.commands(path(world, f"transfer/{answer}"), note="Back at two.")
    world.advance(2)

    assert talk.where == "conference"
    assert company.anna.talking
    assert not company.ben.talking
    assert company.ben.busy_with == ""
    transfer = Transfer.objects.get()
    assert (transfer.status, transfer.note) == (status, "Back at two.")


def test_a_colleague_who_declines_the_ringing_gives_the_caller_back(world, company, talk):
    asks_ben(world, company)

    company.ben.declines()
    world.advance(2)

    assert talk.where == "conference"
    assert Transfer.objects.get().status == "refused"
    assert company.ben.busy_with == ""


def test_a_colleague_who_does_not_answer_gives_the_caller_back(world, company, talk):
    asks_ben(world, company)

    world.advance(40)

    assert talk.where == "conference"
    assert Transfer.objects.get().status == "no_answer"
    assert not company.ben.ringing


def test_a_colleague_whose_tab_dies_gives_the_caller_back(world, company, talk):
    asks_ben(world, company)
    company.ben.answers()
    world.advance(2)

    company.ben.loses_the_tab()
    world.advance(3)

    assert talk.where == "conference"
    assert company.anna.talking
    assert Transfer.objects.get().status == "lost"


def test_calling_a_transfer_off_takes_the_caller_back(world, company, talk):
    asks_ben(world, company)
    company.anna.commands(path(world, "transfer/cancel"))
    world.advance(2)

    assert talk.where == "conference"
    assert not company.ben.ringing
    assert company.ben.busy_with == ""
    again = company.anna.asks("POST", path(world, "transfer/cancel"))
    assert (again.status_code, again.json()["code"]) == (409, "no_transfer")


def test_an_operator_lost_while_asking_leaves_the_caller_with_the_colleague(world, company, talk):
    asks_ben(world, company)
    company.ben.answers()
    world.advance(2)

    company.anna.loses_the_tab()
    world.advance(3)

    assert talk.where == "conference"
    assert world.call.operator == company.ben.operator
    assert Transfer.objects.get().status == "completed"


def test_a_three_way_goes_on_when_the_first_operator_leaves(world, company, talk):
    asks_ben(world, company)
    company.ben.answers()
    world.advance(2)
    company.anna.commands(path(world, "transfer/join"))
    world.advance(2)
    assert talk.where == "conference"
    assert company.anna.talking
    assert company.ben.talking

    company.anna.commands(path(world, "leave"))
    world.advance(2)

    assert talk.where == "conference"
    assert company.ben.talking
    assert not company.anna.talking
    assert company.anna.busy_with == "wrap_up"
    assert world.call.operator == company.ben.operator
    alone = company.ben.asks("POST", path(world, "leave"))
    assert (alone.status_code, alone.json()["code"]) == (409, "alone")
    company.ben.loses_the_tab()
    world.advance(3)
    assert talk.is_connected
    assert world.entry.status in ("waiting", "offered")
    assert world.entry.front


def test_a_blind_transfer_frees_the_operator_and_the_caller_hears_music(world, company, talk):
    asks_ben(world, company, kind="blind")
    world.advance(2)
    assert talk.where == "hold"
    assert not company.anna.talking
    assert company.anna.busy_with == "wrap_up"

    company.ben.answers()
    world.advance(3)

    assert talk.where == "conference"
    assert world.call.operator == company.ben.operator
    talk.hangs_up()
    world.advance(2)
    assert company.ben.busy_with == "wrap_up"


def test_a_refused_blind_transfer_rings_its_operator_again_and_then_the_queue_has_the_caller(world, company, talk):
    asks_ben(world, company, kind="blind")
    company.ben.declines()

    company.anna.rings()
    assert talk.where == "hold"
    company.anna.declines()
    world.advance(3)

    assert talk.is_connected
    assert talk.where != "hold"
    assert world.entry.front
    assert [transfer.kind for transfer in Transfer.objects.order_by("pk")] == ["blind", "return"]


def test_a_refused_blind_transfer_comes_back_to_its_operator(world, company, talk):
    asks_ben(world, company, kind="blind")
    company.ben.declines()
    company.anna.answers()
    world.advance(3)

    assert talk.where == "conference"
    assert company.anna.talking
    assert world.call.operator == company.anna.operator


def test_a_caller_is_sent_to_another_queue(world, company, talk):
    other = factories.QueueFactory(client=company.client, name="Billing", greeting="", wrap_up_seconds=10)
    factories.MembershipFactory(queue=other, operator=company.ben.operator)
    company.ben.becomes_available()

    reply = company.anna.asks("POST", path(world, "transfer"), kind="blind", queue=str(other.public_id))
    assert reply.status_code == 204
    world.settle()
    company.ben.answers()
    world.advance(3)

    assert talk.where == "conference"
    assert world.entry.queue == other
    assert company.anna.busy_with == "wrap_up"


def test_somebody_of_a_queue_is_asked_the_next_when_the_first_declines(world, company, talk):
    other = factories.QueueFactory(client=company.client, name="Billing")
    third = world.operator(
        factories.OperatorFactory(
            team=company.ben.operator.team,
            user=factories.UserFactory(role="operator", clients=[company.client], first_name="Cleo"),
        )
    )
    for one in (company.ben, third):
        factories.MembershipFactory(queue=other, operator=one.operator)
        one.becomes_available()
        world.advance(2)

    company.anna.commands(path(world, "transfer"), kind="warm", queue=str(other.public_id))
    company.ben.declines()
    third.answers()
    world.advance(2)
    third.commands(path(world, "transfer/complete"))
    world.advance(2)

    assert world.call.operator == third.operator
    assert company.ben.busy_with == ""


def test_an_outside_number_sees_the_callers_own_number_and_takes_over(world, company, talk):
    world.sandbox.put(f"/sandbox/phones/{OUTSIDE}", {"answer": "human", "after_s": 3})
    company.anna.commands(path(world, "transfer"), kind="warm", number=OUTSIDE)
    world.advance(6)
    company.anna.commands(path(world, "transfer/complete"))
    world.advance(2)

    assert talk.where == "conference"
    outside = next(call for call in world.sandbox.get("/sandbox/calls") if call["to"] == OUTSIDE)
    assert outside["from"] == MOBILE
    assert company.anna.busy_with == "wrap_up"
    world.sandbox.post(f"/sandbox/calls/{outside['sid']}/hangup", {})
    world.advance(3)
    assert not talk.is_connected
    assert world.call.outcome == Call.Outcome.ANSWERED


def test_each_party_of_a_conference_is_held_muted_and_removed(world, company, talk):
    world.sandbox.put(f"/sandbox/phones/{OUTSIDE}", {"answer": "human", "after_s": 1})
    company.anna.commands(path(world, "transfer"), kind="add", number=OUTSIDE)
    world.advance(4)
    assert talk.where == "conference"
    parties = {party["role"]: party["id"] for party in company.anna.asks("GET", path(world, "parties")).json()}
    assert set(parties) == {"customer", "operator", "external"}

    def outside():
        return next(call for call in world.sandbox.get("/sandbox/calls") if call["to"] == OUTSIDE)

    company.anna.commands(path(world, f"parties/{parties['external']}/hold"))
    assert outside()["on_hold"]
    company.anna.commands(path(world, f"parties/{parties['external']}/resume"))
    company.anna.commands(path(world, f"parties/{parties['external']}/mute"))
    assert (outside()["on_hold"], outside()["muted"]) == (False, True)
    company.anna.commands(path(world, f"parties/{parties['customer']}/mute"))
    company.anna.commands(path(world, f"parties/{parties['external']}/remove"))
    world.advance(2)

    assert outside()["status"] != "in-progress"
    assert talk.where == "conference"
    gone = company.anna.asks("POST", path(world, f"parties/{parties['external']}/mute"))
    assert (gone.status_code, gone.json()["code"]) == (409, "gone")
    customer = company.anna.asks("POST", path(world, f"parties/{parties['customer']}/remove"))
    assert (customer.status_code, customer.json()["code"]) == (409, "customer")


def test_a_caller_who_hangs_up_ends_what_was_under_way(world, company, talk):
    asks_ben(world, company)

    talk.hangs_up()
    world.advance(3)

    assert not company.ben.ringing
    assert company.ben.busy_with == ""
    assert company.anna.busy_with == "wrap_up"
    assert Transfer.objects.get().status == "canceled"
    late = company.anna.asks("POST", path(world, "transfer/complete"))
    assert (late.status_code, late.json()["code"]) == (409, "over")


def test_bad_transfers_are_refused_with_a_sentence_and_change_nothing(world, company, talk):
    ben = str(company.ben.operator.public_id)
    anna = str(company.anna.operator.public_id)
    company.ben.becomes_available()
    company.ben.commands("operators/me/presence", status="on_break")

    def refused(code, who=company.anna, **body):
        reply = who.asks("POST", path(world, "transfer"), **({"kind": "warm"} | body))
        assert reply.status_code in (400, 404, 409), reply.text
        assert reply.json()["detail"]
        assert code in (reply.json()["code"], ""), reply.text

    refused("not_available", operator=ben)
    refused("refused", operator=anna)
    refused("emergency_number", number="911")
    refused("own_number", number=DIRECT_LINE)
    refused("own_number", number=world.call.customer_number)
    refused("", number="banana")
    refused("", number="+19005550100")
    refused("invalid", kind="return", operator=ben)
    refused("invalid", operator=ben, number=OUTSIDE)
    refused("invalid")
    refused("not_found", who=company.ben, operator=anna)
    stranger = factories.QueueFactory(name="Elsewhere")
    refused("invalid", queue=str(stranger.public_id))
    alone = factories.QueueFactory(client=company.client, name="Empty")
    refused("nobody_free", queue=str(alone.public_id))
    company.ben.commands("operators/me/presence", status="available")
    company.anna.commands(path(world, "transfer"), kind="warm", operator=ben)
    refused("transferring", operator=ben)
    held = company.anna.asks("POST", path(world, "resume"))
    assert (held.status_code, held.json()["code"]) == (409, "transferring")
    early = company.ben.asks("POST", path(world, "transfer/complete"))
    assert (early.status_code, early.json()["code"]) == (409, "too_early")

    assert Transfer.objects.count() == 1
    assert company.anna.talking
