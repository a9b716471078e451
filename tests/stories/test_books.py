"""Our books against the carrier's: they agree, what does not fit is shown, and one click puts it right."""

from __future__ import annotations

from apps.calls import balance
from apps.calls.models import Leg
from tests import factories


def look():
    return balance.balance(factories.UserFactory(role="administrator"))


def test_a_conversation_is_in_both_books(world, company):
    company.anna.becomes_available()
    company.anna.calls_out("+14155550177")
    world.until(lambda: company.anna.talking)

    found = look()
    assert (found.open_calls, found.places, found.our_lines, found.carrier_lines) == (1, 1, 2, 2)
    assert found.agrees
    assert found.sentences == ["Our books and the carrier's agree."]


def test_an_end_that_was_never_reported_shows_and_is_put_right_with_one_click(world, company):
    company.anna.becomes_available()
    company.anna.calls_out("+14155550177")
    world.until(lambda: company.anna.talking)
    world.put_off_sweepers()
    world.sandbox.put("/sandbox/faults", {"callbacks": {"lost_rate": 1}})
    for leg in Leg.objects.open():
        world.sandbox.post(f"/sandbox/calls/{leg.sid}/hangup", {})
    world.advance(15)

    found = look()
    assert (found.our_lines, found.carrier_lines, len(found.only_ours)) == (2, 0, 2)
    assert "2 lines are open here and over at the carrier" in found.sentences[0]

    assert balance.put_right(factories.UserFactory(role="administrator")).agrees
    assert not Leg.objects.open().exists()


def test_a_call_that_somebody_else_made_is_shown_and_left_alone(world, company):
    sid = world.sandbox.post("/sandbox/calls", {"from": "+14155550188", "to": "+14155550199"})["sid"]
    world.advance(12)
    live = world.sandbox.get(f"/sandbox/calls/{sid}")["status"] not in {"completed", "failed"}

    assert [facts.sid for facts in look().strangers] == ([sid] if live else [])
    assert world.sandbox.get(f"/sandbox/calls/{sid}")["status"] != "canceled"
