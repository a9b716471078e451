"""Calls from the desk."""

from apps.calls.models import Call, Leg
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


def test_a_called_customer_hears_that_the_call_is_recorded(world, company):
    company.anna.becomes_available()
    world.sandbox.put(f"/sandbox/phones/{MOBILE}", {"answer": "human", "after_s": 2})

    company.anna.calls_out(MOBILE)
    world.advance(12)

    phones = world.sandbox.get("/sandbox/calls")
    calls = phones["calls"] if isinstance(phones, dict) else phones
    heard = next(call["heard"] for call in calls if call["to"] == MOBILE)
    assert heard[0]["text"] == company.client.recording_announcement
    assert world.call.recordings.count() == 1


def test_a_token_connects_once_and_only_its_owner(world, company):
    company.anna.becomes_available()
    company.ben.becomes_available()
    placed = company.anna.commands("calls", to=MOBILE)

    company.ben.device("connect", params={"token": placed["connect_token"], "To": MOBILE})
    assert not Leg.objects.exclude(sid=None).exists()
    company.anna.device("connect", params={"token": placed["connect_token"], "To": "+19005550100"})
    world.advance(8)
    company.anna.hangs_up()
    world.advance(3)
    company.anna.device("connect", params={"token": placed["connect_token"]})
    world.advance(3)

    assert [leg.address for leg in Leg.objects.filter(role="customer")] == [MOBILE]
    assert Leg.objects.filter(role="operator").count() == 1


def test_two_operators_call_at_once_up_to_the_clients_limit(world, company):
    company.client.max_concurrent_calls = 1
    company.client.save()
    company.anna.becomes_available()
    company.ben.becomes_available()

    company.anna.calls_out(MOBILE)
    refused = company.ben.asks("POST", "calls", to="+14155550124")

    assert refused.status_code == 409
    assert refused.json()["code"] == "limit_reached"
    assert company.ben.busy_with == ""
