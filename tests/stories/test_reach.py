"""Operators whose desk cannot ring: their fallback phone, and what is said of them."""

import pytest

from apps.operators import services as operators
from tests.stories.conftest import DIRECT_LINE

PHONE = "+14155550188"


@pytest.fixture
def away(world, company):
    """Anna is available with a telephone in her pocket; her desk has died."""
    operator = company.anna.operator
    operator.fallback_phone = PHONE
    operators.save(operator)
    company.anna.commands("operators/me/presence", status="available")
    operators.mark_unreachable(operator, "The desk page is closed.")
    world.sandbox.put(f"/sandbox/phones/{PHONE}", {"answer": "human", "after_s": 2, "script": []})
    return company.anna


def rung(world):
    return [call for call in world.sandbox.get("/sandbox/calls") if call["to"] == PHONE]


def test_the_fallback_phone_takes_the_call_by_a_key(world, company, away):
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(4)
    (phone,) = rung(world)
    heard = world.sandbox.get(f"/sandbox/calls/{phone['sid']}")["heard"]
    assert "To take it, press 1" in heard[0]["text"]
    assert caller.where != "conference"

    world.sandbox.post(f"/sandbox/calls/{phone['sid']}/press", {"digits": "1"})
    world.advance(3)

    assert caller.where == "conference"
    assert world.call.operator == away.operator
    assert away.busy_with == "offer"
    caller.hangs_up()
    world.advance(2)
    assert away.busy_with == "wrap_up"


def test_a_voicemail_that_answers_presses_no_key_and_the_next_operator_is_asked(world, company, away):
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(4)
    company.ben.becomes_available()

    company.ben.rings(within=45)
    company.ben.answers()
    world.advance(3)

    assert caller.where == "conference"
    assert world.call.operator == company.ben.operator


def test_a_desk_that_is_back_rings_itself_again(world, company, away):
    company.anna.becomes_available()

    world.caller().dials(DIRECT_LINE)
    company.anna.rings()

    assert rung(world) == []


def test_without_a_fallback_phone_the_offer_goes_elsewhere_with_the_reason_kept(world, company):
    company.anna.becomes_available()
    operators.mark_unreachable(company.anna.operator, "The desk page is closed.")
    company.ben.becomes_available()

    world.caller().dials(DIRECT_LINE)

    company.ben.rings()
    company.anna.operator.refresh_from_db()
    assert company.anna.operator.unreachable_why == "The desk page is closed."
    assert not company.anna.ringing


def test_a_forbidden_fallback_phone_stops_nobody_elses_calls(world, company, away):
    away.operator.fallback_phone = "+19005550100"
    away.operator.save(update_fields=["fallback_phone"])
    company.ben.becomes_available()

    world.caller().dials(DIRECT_LINE)

    company.ben.rings()
    assert rung(world) == []
