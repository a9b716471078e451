"""<Dial> of phones and browser devices: who rings, who is bridged, what the action is told."""

import pytest

from .world import COLLEAGUE, CUSTOMER, OURS, World

THIRD = "+15550100888"


def child_of(world: World, parent: str, to: str) -> str:
    return next(call.sid for call in world.client.calls.list(parent_call_sid=parent) if call.to == to)


def test_both_sides_talk_until_the_called_one_hangs_up(world: World):
    world.app.answers["/voice"] = f"<Dial action='/after'>{COLLEAGUE}</Dial>"
    world.app.answers["/after"] = "<Say>That was it</Say>"
    sid = world.dial_in()
    assert (world.where(sid), world.heard(sid)) == ("dial", ["Ringing"])
    world.advance(2)
    child = child_of(world, sid, COLLEAGUE)
    leg = world.client.calls(child).fetch()
    assert (leg.status, leg.direction, leg._from, leg.parent_call_sid) == (
        "in-progress",
        "outbound-dial",
        CUSTOMER,
        sid,
    )
    world.control("POST", f"/calls/{sid}/say", {"text": "Good morning"})
    assert world.heard(child) == ["Good morning"]

    world.advance(42)
    world.hang_up(child)
    told = world.app.at("/after")[0].params
    assert (told["DialCallStatus"], told["DialCallSid"], told["DialCallDuration"]) == ("completed", child, "42")
    assert told["DialBridged"] == "true"
    assert world.heard(sid)[-1] == "That was it"


@pytest.mark.parametrize(("behaviour", "said"), [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed")])
def test_the_action_learns_why_nobody_came(world: World, behaviour, said):
    world.phone(COLLEAGUE, answer=behaviour)
    world.app.answers["/voice"] = f"<Dial action='/after' timeout='10'>{COLLEAGUE}</Dial>"
    world.dial_in()
    world.advance(10)
    told = world.app.at("/after")[0].params
    assert told["DialCallStatus"] == said
    assert not {"DialCallSid", "DialCallDuration"} & set(told)


def test_it_rings_thirty_seconds_when_nothing_else_is_said_and_then_goes_on(world: World):
    world.phone(COLLEAGUE, answer="no-answer")
    world.app.answers["/voice"] = f"<Dial>{COLLEAGUE}</Dial><Say>Nobody there</Say>"
    sid = world.dial_in()
    world.advance(29.9)
    assert world.where(sid) == "dial"
    world.advance(0.2)
    assert world.heard(sid)[-1] == "Nobody there"


def test_of_several_phones_the_first_to_answer_wins_and_the_others_stop(world: World):
    world.phone(COLLEAGUE, after_s=5)
    world.phone(THIRD, after_s=3)
    world.app.answers["/voice"] = f"<Dial action='/after'><Number>{COLLEAGUE}</Number><Number>{THIRD}</Number></Dial>"
    sid = world.dial_in()
    world.advance(6)
    slow, quick = child_of(world, sid, COLLEAGUE), child_of(world, sid, THIRD)
    assert world.call(slow)["status"] == "canceled"
    assert world.call(quick)["hears"] == [sid]
    world.hang_up(quick)
    assert world.app.values("/after", "DialCallSid") == [quick]


def test_in_sequence_the_next_phone_rings_after_the_one_before_gave_up(world: World):
    world.phone(COLLEAGUE, answer="busy")
    world.app.answers["/voice"] = f"<Dial sequential='true'><Number>{COLLEAGUE}</Number><Number>{THIRD}</Number></Dial>"
    sid = world.dial_in()
    assert len(world.client.calls.list(parent_call_sid=sid)) == 1
    world.advance(4)
    assert world.call(child_of(world, sid, THIRD))["status"] == "in-progress"


def test_answer_on_bridge_keeps_the_caller_ringing(world: World):
    world.app.answers["/voice"] = f"<Dial answerOnBridge='true'>{COLLEAGUE}</Dial>"
    sid = world.dial_in()
    assert world.call(sid)["status"] == "ringing"
    world.advance(2)
    assert world.call(sid)["status"] == "in-progress"


def test_a_whisper_is_heard_before_the_bridge_and_may_refuse_it(world: World):
    world.app.answers["/voice"] = f"<Dial action='/after'><Number url='/whisper'>{COLLEAGUE}</Number></Dial>"
    world.app.answers["/whisper"] = (
        "<Gather numDigits='1' timeout='4' action='/taken'><Say>Press 1 to take it</Say></Gather><Hangup/>"
    )
    sid = world.dial_in()
    world.advance(3)
    child = child_of(world, sid, COLLEAGUE)
    assert world.call(child)["hears"] == []
    world.press(child, "1")
    assert world.call(child)["hears"] == [sid]
    assert world.app.values("/taken", "ParentCallSid") == [sid]

    sid = world.dial_in()
    world.advance(2 + 1.5 + 4)
    assert world.app.values("/after", "DialBridged") == ["false"]


def test_the_star_ends_the_bridge_where_that_is_wanted(world: World):
    world.app.answers["/voice"] = f"<Dial hangupOnStar='true'>{COLLEAGUE}</Dial><Say>Back again</Say>"
    sid = world.dial_in()
    world.advance(2)
    world.press(sid, "*")
    assert world.heard(sid)[-1] == "Back again"


def test_the_caller_hangs_up_and_the_other_leg_ends_and_the_action_is_told(world: World):
    world.app.answers["/voice"] = f"<Dial action='/after'>{COLLEAGUE}</Dial>"
    sid = world.dial_in()
    world.advance(12)
    world.hang_up(sid)
    child = child_of(world, sid, COLLEAGUE)
    assert world.call(child)["status"] == "completed"
    told = world.app.at("/after")[0].params
    assert (told["CallStatus"], told["DialCallStatus"], told["DialCallDuration"]) == ("completed", "completed", "10")


def test_the_caller_gives_up_while_it_rings_and_the_phone_stops(world: World):
    world.app.answers["/voice"] = f"<Dial>{COLLEAGUE}</Dial>"
    sid = world.dial_in()
    world.hang_up(sid)
    assert world.call(child_of(world, sid, COLLEAGUE))["status"] == "canceled"


def test_a_redirect_of_the_caller_ends_the_other_leg(world: World):
    world.app.answers["/voice"] = f"<Dial action='/after'>{COLLEAGUE}</Dial>"
    world.app.answers["/elsewhere"] = "<Say>Elsewhere</Say>"
    sid = world.dial_in()
    world.advance(2)
    world.client.calls(sid).update(url=f"{world.app.url}/elsewhere")
    world.advance()
    assert world.call(child_of(world, sid, COLLEAGUE))["status"] == "completed"
    assert world.heard(sid)[-1] == "Elsewhere"


def test_a_redirect_of_the_called_leg_lets_the_caller_go_on(world: World):
    world.app.answers["/voice"] = f"<Dial action='/after'>{COLLEAGUE}</Dial>"
    world.app.answers["/elsewhere"] = "<Pause length='60'/>"
    sid = world.dial_in()
    world.advance(2)
    child = child_of(world, sid, COLLEAGUE)
    world.client.calls(child).update(url=f"{world.app.url}/elsewhere")
    world.advance()
    assert world.app.values("/after", "DialCallStatus") == ["completed"]
    assert world.call(child)["status"] == "in-progress"


def test_child_legs_report_their_progress(world: World):
    world.app.answers["/voice"] = (
        f"<Dial><Number statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>"
        f"{COLLEAGUE}</Number></Dial>"
    )
    sid = world.dial_in()
    world.advance(5)
    world.hang_up(sid)
    assert world.app.values("/leg", "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]
    assert world.app.values("/leg", "SequenceNumber") == ["0", "1", "2", "3"]
    assert set(world.app.values("/leg", "ParentCallSid")) == {sid}


def test_a_time_limit_ends_the_talk(world: World):
    world.app.answers["/voice"] = f"<Dial timeLimit='30' action='/after'>{COLLEAGUE}</Dial>"
    world.dial_in()
    world.advance(2 + 30)
    assert world.app.values("/after", "DialCallDuration") == ["30"]


def test_a_device_dials_a_number_only_with_a_caller_id(world: World):
    world.client.applications(world_app_sid(world)).update(voice_url=f"{world.app.url}/app")
    world.app.answers["/app"] = f"<Dial>{COLLEAGUE}</Dial>"
    world.device("op_1", "register")
    sid = world.device("op_1", "connect", params={"To": COLLEAGUE})["sid"]
    assert world.call(sid)["events"][-1]["code"] == 13214
    world.app.answers["/app"] = f"<Dial callerId='{OURS}'>{COLLEAGUE}</Dial>"
    sid = world.device("op_1", "connect", params={"To": COLLEAGUE})["sid"]
    assert world.call(child_of(world, sid, COLLEAGUE))["from"] == OURS


def world_app_sid(world: World) -> str:
    return world.client.applications.list()[0].sid
