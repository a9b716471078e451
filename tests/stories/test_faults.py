"""A bad day: answers lost, requests refused, reports late, twice, out of order or forged."""

import pytest
import requests

from apps.calls import state
from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.carrier.models import WebhookDelivery
from apps.notify.models import Notice
from apps.operators.models import Engagement
from apps.queues.models import Offer
from apps.recordings import carrying
from tests.factories import RecordingFactory
from tests.stories.base import MOBILE
from tests.stories.conftest import DIRECT_LINE, MAIN_LINE
from tests.support.signed import about_a_call, post


def talk_and_hang_up(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.rings(within=20)
    company.anna.answers()
    world.until(lambda: caller.where == "conference", within=20)
    world.advance(10)
    company.anna.hangs_up()
    world.advance(20)
    return caller


@pytest.mark.parametrize(
    "callbacks",
    [
        pytest.param({"duplicate_rate": 1}, id="everything twice"),
        pytest.param({"late_s": 3}, id="everything late"),
        pytest.param({"reorder": True, "duplicate_rate": 0.5}, id="out of order and twice"),
        pytest.param({"lost_rate": 0.3}, id="a third lost"),
    ],
)
def test_however_the_reports_come_the_record_ends_the_same(world, company, callbacks):
    world.sandbox.put("/sandbox/faults", {"seed": 7, "callbacks": callbacks})

    caller = talk_and_hang_up(world, company)
    world.advance(90, step=5)

    assert not caller.is_connected
    assert world.call.outcome == Call.Outcome.ANSWERED
    assert not Leg.objects.open().exists()
    assert not Engagement.objects.open().exists()
    assert list(Offer.objects.values_list("status", flat=True)) == ["accepted"]


def test_a_caller_who_hung_up_is_not_put_back_in_line_when_the_operators_end_is_heard_of_first(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.until(lambda: caller.where == "conference", within=20)
    world.sandbox.put("/sandbox/faults", {"callbacks": {"lost_rate": 1}})
    caller.hangs_up()
    line = world.call.legs.get(role=Leg.Role.OPERATOR)
    address = callbacks.status(line.public_id).removeprefix(world.site.url)

    post(address, about_a_call(CallSid=line.sid, CallStatus="completed", Direction="outbound-api"))
    world.settle()

    assert not Leg.objects.open().filter(role=Leg.Role.OPERATOR).exists()
    assert "switchboard.operator_lost" not in world.timeline()
    assert world.entry.status == "talking"
    world.advance(90, step=5)
    assert world.entry.status == "answered"
    assert world.call.outcome == Call.Outcome.ANSWERED


def test_a_refused_ring_goes_to_the_next_operator(world, company):
    company.anna.becomes_available()
    world.advance(5)
    company.ben.becomes_available()
    world.sandbox.put("/sandbox/faults", {"fail_next": [{"path": "/Calls.json", "status": 429, "code": 20429}]})

    world.caller().dials(DIRECT_LINE)

    company.ben.rings(within=10)
    assert company.anna.busy_with == ""


def test_a_lost_answer_rings_the_operator_once_and_the_call_goes_on(world, company):
    company.anna.becomes_available()
    world.sandbox.put("/sandbox/faults", {"lost_answers": {"path": "/Calls.json", "times": 1}})

    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(5)

    assert caller.where == "conference"
    facts = world.sandbox.get("/sandbox/ledger?after=0")["entries"]
    to_desks = [fact for fact in facts if fact["kind"] == "call.created" and fact["to"].startswith("client:")]
    assert len(to_desks) == 1


def test_when_the_redirect_of_the_caller_is_lost_they_are_still_brought_together(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.rings()
    failing = [{"path": f"/Calls/{caller.sid}.json", "status": 503, "code": 20503}]
    world.sandbox.put("/sandbox/faults", {"fail_next": failing})

    company.anna.answers()

    world.until(lambda: caller.where == "conference", within=20)
    assert caller.leg.joined_at is not None


def test_a_caller_who_leaves_at_the_moment_of_the_answer_frees_the_operator(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.rings()
    world.sandbox.put("/sandbox/faults", {"callbacks": {"late_s": 5}})
    world.sandbox.post(f"/sandbox/calls/{caller.sid}/hangup", {})

    company.anna.device("answer")
    world.advance(20)

    assert world.call.status == Call.Status.OVER
    assert not company.anna.talking
    assert company.anna.busy_with in ("", "wrap_up")


def test_a_lost_end_of_call_is_found_out(world, company):
    caller = world.caller().dials(DIRECT_LINE)
    world.sandbox.put("/sandbox/faults", {"callbacks": {"lost_rate": 1}})
    caller.hangs_up()
    assert world.call.status == Call.Status.OPEN

    world.advance(120, step=5)

    assert world.call.outcome == Call.Outcome.ABANDONED
    assert caller.leg.status == state.COMPLETED


def test_a_forged_request_is_refused_and_changes_nothing(world, company):
    form = {"CallSid": "CA" + "1" * 32, "AccountSid": "AC" + "1" * 32, "From": MOBILE, "To": MAIN_LINE}

    unsigned = requests.post(f"{world.site.url}/carrier/voice", data=form, timeout=10)
    forged = requests.post(
        f"{world.site.url}/carrier/voice", data=form, headers={"X-Twilio-Signature": "bm90IG91cnM="}, timeout=10
    )

    assert (unsigned.status_code, forged.status_code) == (403, 403)
    assert Call.objects.count() == 0
    assert list(WebhookDelivery.objects.order_by("pk").values_list("verdict", flat=True)) == ["unsigned", "forged"]


def test_a_call_to_a_number_that_leads_nowhere_hears_an_apology_and_the_manager_a_notice(world, company):
    from apps.notify.models import Notice

    company.main_line.destination.active = False
    company.main_line.destination.save()

    caller = world.caller().dials(MAIN_LINE)

    caller.hears("We are sorry")
    world.advance(15)
    assert world.call.outcome == Call.Outcome.FAILED
    assert Notice.objects.open().filter(client=company.client).exists()


def test_a_call_that_is_over_before_its_recording_begins_troubles_nobody(world, company):
    caller = world.caller().dials(DIRECT_LINE)
    caller.hangs_up()
    leg = world.call.legs.get(role="customer")
    recording = RecordingFactory(leg=leg, status="asked", sid=None)

    carrying.begin(recording.pk)

    recording.refresh_from_db()
    assert recording.status == "absent"
    assert "recordings.too_late" in world.timeline()
    assert not Notice.objects.exists()
