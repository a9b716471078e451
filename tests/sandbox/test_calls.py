"""Calls in and out, as the REST API and the webhooks tell of them."""

import pytest
from twilio.base.exceptions import TwilioRestException

from .world import COLLEAGUE, CUSTOMER, OURS, World


def test_a_customer_who_dials_our_number_hears_what_the_voice_url_says(world: World):
    world.app.answers["/voice"] = "<Say>Welcome to the company</Say>"
    sid = world.dial_in()

    asked = world.app.at("/voice")[0]
    assert asked.params["CallSid"] == sid
    assert asked.params["CallStatus"] == "ringing"
    assert asked.params["Direction"] == "inbound"
    assert (asked.params["From"], asked.params["To"]) == (CUSTOMER, OURS)
    assert world.heard(sid) == ["Welcome to the company"]
    assert world.client.calls(sid).fetch().status == "in-progress"

    world.advance(2)
    call = world.client.calls(sid).fetch()
    assert (call.status, call.duration) == ("completed", "1")
    assert world.app.values("/status", "CallStatus") == ["completed"]


def test_a_number_that_nobody_owns_is_not_in_service(world: World):
    sid = world.dial_in(to=COLLEAGUE)
    assert world.call(sid)["status"] == "failed"
    assert world.app.asked == []


def test_a_call_out_goes_through_queued_ringing_in_progress_completed(world: World):
    world.app.answers["/out"] = "<Say>Hello</Say><Pause length='30'/>"
    events = ["initiated", "ringing", "answered", "completed"]
    call = world.client.calls.create(
        to=CUSTOMER,
        from_=OURS,
        url=f"{world.app.url}/out",
        status_callback=f"{world.app.url}/progress",
        status_callback_event=events,
    )
    assert call.status == "queued"
    assert world.app.asked == []

    world.advance(0)
    assert world.client.calls(call.sid).fetch().status == "ringing"
    world.advance(2)
    assert world.client.calls(call.sid).fetch().status == "in-progress"
    assert world.app.values("/out", "CallStatus") == ["in-progress"]
    world.hang_up(call.sid)

    assert world.app.values("/progress", "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert world.app.values("/progress", "SequenceNumber") == ["0", "1", "2", "3"]
    assert world.app.values("/progress", "CallbackSource") == ["call-progress-events"] * 4
    last = world.app.at("/progress")[-1].params
    assert (last["CallDuration"], last["Duration"]) == ("0", "0")


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [("busy", "busy", "486"), ("no-answer", "no-answer", "487"), ("failed", "failed", "404")],
)
def test_a_phone_that_does_not_answer_ends_the_call_with_its_reason(world: World, behaviour, status, code):
    world.phone(CUSTOMER, answer=behaviour)
    sid = world.dial_out(answered=False, timeout=20, status_callback=f"{world.app.url}/progress")
    world.advance(20)
    call = world.client.calls(sid).fetch()
    assert (call.status, call.duration) == (status, None)
    assert world.app.values("/progress", "SipResponseCode") == [code]
    assert world.app.at("/out") == []


def test_a_call_canceled_while_queued_makes_no_callback(world: World):
    call = world.client.calls.create(
        to=CUSTOMER,
        from_=OURS,
        url=f"{world.app.url}/out",
        status_callback=f"{world.app.url}/progress",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert world.client.calls(call.sid).update(status="canceled").status == "canceled"
    world.advance(60)
    assert world.app.asked == []


def test_a_call_canceled_while_ringing_reports_it(world: World):
    sid = world.dial_out(answered=False, status_callback=f"{world.app.url}/progress")
    world.client.calls(sid).update(status="canceled")
    world.advance(60)
    assert world.app.values("/progress", "CallStatus") == ["canceled"]


def test_a_redirect_interrupts_the_running_document_at_once(world: World):
    world.app.answers["/out"] = "<Say>One</Say><Pause length='600'/><Say>Two</Say>"
    world.app.answers["/other"] = "<Say>Three</Say><Pause length='600'/>"
    sid = world.dial_out()
    world.advance(10)
    world.client.calls(sid).update(url=f"{world.app.url}/other")
    world.advance(1200)
    assert [text for text in world.heard(sid) if text != "Pause"] == ["One", "Three"]
    assert world.call(sid)["status"] == "completed"


def test_a_redirect_with_inline_twiml(world: World):
    world.app.answers["/out"] = "<Pause length='600'/>"
    sid = world.dial_out()
    world.client.calls(sid).update(twiml="<Response><Say>Inline</Say></Response>")
    world.advance(0)
    assert world.heard(sid)[-1] == "Inline"


def test_an_update_of_a_call_that_is_over_is_21220(world: World):
    world.app.answers["/out"] = "<Hangup/>"
    sid = world.dial_out()
    for change in ({"url": f"{world.app.url}/other"}, {"status": "completed"}, {"twiml": "<Response/>"}):
        with pytest.raises(TwilioRestException) as refusal:
            world.client.calls(sid).update(**change)
        assert (refusal.value.status, refusal.value.code) == (400, 21220)


def test_a_ringing_call_cannot_be_redirected(world: World):
    sid = world.dial_out(answered=False)
    with pytest.raises(TwilioRestException) as refusal:
        world.client.calls(sid).update(url=f"{world.app.url}/other")
    assert refusal.value.code == 21220


def test_reject_never_answers(world: World):
    world.app.answers["/voice"] = "<Reject reason='busy'/>"
    sid = world.dial_in()
    call = world.client.calls(sid).fetch()
    assert (call.status, call.duration) == ("busy", None)


def test_a_caller_who_gives_up_while_it_rings_was_not_answered(world: World):
    world.app.answers["/voice"] = "<Pause length='10'/><Say>Hello</Say>"
    sid = world.dial_in()
    assert world.where(sid) == "ringing"
    world.hang_up(sid)
    assert world.call(sid)["status"] == "no-answer"


@pytest.mark.parametrize(
    ("to", "from_", "code"),
    [
        ("+15005550001", OURS, 21217),
        ("12", OURS, 21217),
        (CUSTOMER, "+15005550001", 21212),
        (CUSTOMER, "+15550109999", 21210),
        ("+15005550004", OURS, 21216),
    ],
)
def test_numbers_that_cannot_be_called_or_shown_are_refused(world: World, to, from_, code):
    with pytest.raises(TwilioRestException) as refusal:
        world.client.calls.create(to=to, from_=from_, url=f"{world.app.url}/out")
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert world.client.calls.list() == []


def test_wrong_credentials_are_20003(world: World):
    world.client.auth = (world.client.username, "wrong")
    with pytest.raises(TwilioRestException) as refusal:
        world.client.calls("CA" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_a_call_longer_than_its_limit_is_ended(world: World):
    world.app.answers["/out"] = "<Pause length='900'/>"
    sid = world.dial_out(time_limit=60)
    world.advance(61)
    assert world.client.calls(sid).fetch().duration == "60"


def test_calls_per_second_are_throttled_when_asked(tmp_path, application):
    from .world import Sandbox

    sandbox = Sandbox(tmp_path / "ledger.jsonl", SANDBOX_CPS="1")
    try:
        world = World(sandbox, application)
        world.client.incoming_phone_numbers.create(phone_number=OURS)
        calls = [world.client.calls.create(to=CUSTOMER, from_=OURS, url=f"{application.url}/out") for _ in range(3)]
        assert [call.queue_time for call in calls] == ["0", "1000", "2000"]
        world.advance(1)
        assert [world.client.calls(call.sid).fetch().status for call in calls] == ["ringing", "ringing", "queued"]
    finally:
        assert sandbox.stop() in (0, -15)
