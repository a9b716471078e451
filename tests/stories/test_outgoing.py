"""Calls from the desk."""

from apps.calls.models import Call
from apps.carrier.models import CarrierRequest
from tests.stories.base import MOBILE


def test_an_operator_calls_a_customer(world, company):
    company.anna.becomes_available()
    world.sandbox.put(f"/sandbox/phones/{MOBILE}", {"answer": "human", "after_s": 4})

    call = company.anna.calls_out(MOBILE)
    world.advance(10)

    call.refresh_from_db()
    assert call.answered_at is not None
    assert call.legs.filter(joined_at__isnull=False).count() == 2
    assert company.anna.busy_with == "desk_call"
    company.anna.hangs_up()
    world.advance(2)
    call.refresh_from_db()
    assert call.outcome == Call.Outcome.ANSWERED
    assert company.anna.busy_with == "wrap_up"


def test_a_busy_number_is_told_and_frees_the_operator(world, company):
    company.anna.becomes_available()
    world.sandbox.put(f"/sandbox/phones/{MOBILE}", {"answer": "busy", "after_s": 2})

    call = company.anna.calls_out(MOBILE)
    world.advance(6)

    call.refresh_from_db()
    assert call.outcome == Call.Outcome.BUSY
    assert company.anna.busy_with == ""
    assert not company.anna.talking


def test_a_forbidden_number_is_refused_and_nothing_changes(world, company):
    company.anna.becomes_available()
    before = CarrierRequest.objects.count()

    for number in ("911", "+19005550100", "+442079460000", "banana", ""):
        reply = company.anna.asks("POST", "calls", to=number)
        assert reply.status_code in (400, 409), number
        assert reply.json()["detail"]

    assert Call.objects.count() == 0
    assert CarrierRequest.objects.count() == before
    assert company.anna.busy_with == ""
