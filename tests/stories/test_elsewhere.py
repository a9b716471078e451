"""Calls that go outside the house, and calls that our own mistakes meet."""

from apps.calls.models import Call
from apps.queues.models import Queue
from tests import factories
from tests.stories.conftest import DIRECT_LINE

OUTSIDE = "+14155550177"


def send_direct_line_outside(company):
    outside = factories.OutsideNumberFactory(destination__client=company.client, number=OUTSIDE, ring_seconds=20)
    company.direct_line.destination = outside.destination
    company.direct_line.save()


def test_a_call_is_passed_on_to_an_outside_number(world, company):
    send_direct_line_outside(company)
    world.sandbox.put(f"/sandbox/phones/{OUTSIDE}", {"answer": "human", "after_s": 3})

    caller = world.caller().dials(DIRECT_LINE)
    world.advance(10)

    assert caller.where == "dial"
    assert world.call.legs.get(role="external").status == "in-progress"
    caller.hangs_up()
    world.advance(5)
    assert world.call.outcome == Call.Outcome.OVERFLOW
    assert not world.call.legs.open().exists()


def test_when_the_outside_number_is_busy_the_caller_is_told(world, company):
    send_direct_line_outside(company)
    world.sandbox.put(f"/sandbox/phones/{OUTSIDE}", {"answer": "busy", "after_s": 2})

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("nobody answers there")
    world.advance(15)
    assert world.call.outcome == Call.Outcome.NO_ANSWER


def test_a_forbidden_outside_number_is_never_dialled(world, company):
    send_direct_line_outside(company)
    company.direct_line.destination.outside_number.__class__.objects.update(number="+19005550100")

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("sorry")
    world.advance(15)
    facts = world.sandbox.get("/sandbox/ledger?after=0")["entries"]
    assert [fact["kind"] for fact in facts if fact["kind"] == "call.created"] == ["call.created"]


def test_an_overflow_loop_that_slipped_through_ends_in_an_apology(world, company):
    Queue.objects.filter(pk=company.queue.pk).update(
        active=False, when_closed=company.queue.destination, overflow=company.queue.destination
    )

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("We are sorry")
    world.advance(15)
    assert world.call.outcome == Call.Outcome.FAILED


def test_when_our_answer_is_unusable_the_caller_hears_an_apology(world, company, monkeypatch):
    from apps.switchboard import entrances

    def broken(*args):
        raise RuntimeError("a bug of ours")

    monkeypatch.setitem(entrances._ENTRANCES, "queue", broken)

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("We are sorry")
    world.advance(15)
    assert not caller.is_connected
