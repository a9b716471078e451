"""What happens when the application does not answer as it should."""

import pytest

from .world import CUSTOMER, OURS, Reply, World

OTHER_TYPE = Reply("{}", content_type="application/json")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(status=500), "11200"),
        (Reply("<Response><Say>"), "12100"),
        (Reply("<Wrong/>"), "12102"),
        (Reply(""), "11770"),
        (Reply("<Response>" + "x" * 70_000 + "</Response>"), "11750"),
        (OTHER_TYPE, "12300"),
        (Reply('<!DOCTYPE r [<!ENTITY a "aaaa">]><Response><Say>&a;</Say></Response>'), "12100"),
        ("<Gather><Dial>1</Dial></Gather>", "13320"),
        ("<Dial><Number>+15550100777</Number><Conference>x</Conference></Dial>", "13000"),
    ],
)
def test_the_fallback_learns_what_was_wrong_and_speaks(world: World, answer, code):
    world.app.answers["/voice"] = answer
    world.app.answers["/fallback"] = "<Say>Please try again later</Say>"
    sid = world.dial_in()
    told = world.app.at("/fallback")[0].params
    assert (told["ErrorCode"], told["ErrorUrl"]) == (code, f"{world.app.url}/voice")
    assert told["CallSid"] == sid
    assert world.heard(sid) == ["Please try again later"]
    assert [notice.error_code for notice in world.client.notifications.list()] == [code]


def test_without_a_fallback_the_caller_hears_that_something_went_wrong(world: World):
    world.app.answers["/fallback"] = Reply(status=500)
    world.app.answers["/voice"] = Reply(status=500)
    sid = world.dial_in()
    assert "application error" in world.heard(sid)[0]
    world.advance(10)
    assert world.call(sid)["status"] == "completed"


def test_a_failing_action_falls_back_too(world: World):
    world.app.answers["/voice"] = "<Gather numDigits='1' action='/menu'/>"
    world.app.answers["/menu"] = Reply(status=503)
    world.app.answers["/fallback"] = "<Say>Sorry</Say>"
    sid = world.dial_in()
    world.press(sid, "1")
    assert world.heard(sid) == ["Sorry"]


def test_a_silent_application_is_given_up_on(world: World):
    import threading

    silence = threading.Event()

    def late(asked):
        silence.wait(5)
        return ""

    world.app.answers["/out"] = late
    world.app.answers["/fallback"] = "<Say>Sorry</Say>"
    call = world.client.calls.create(
        to=CUSTOMER, from_=OURS, url=f"{world.app.url}/out#tt=200", fallback_url=f"{world.app.url}/fallback"
    )
    world.advance(2)
    silence.set()
    assert world.app.values("/fallback", "ErrorCode") == ["11205"]
    assert world.heard(call.sid) == ["Sorry"]


def test_a_refused_connection_is_tried_once_more_with_the_same_token(world: World):
    world.client.calls.create(to=CUSTOMER, from_=OURS, url="http://127.0.0.1:9/voice")
    world.advance(2)
    entries = [entry for entry in world.journal() if entry["kind"] == "voice"]
    assert [entry["attempt"] for entry in entries] == [1, 2]
    assert len({entry["token"] for entry in entries}) == 1
    assert entries[0]["error"].startswith("11202")


def test_server_errors_are_tried_again_only_when_the_address_asks_for_it(world: World):
    answers = [Reply(status=500), Reply(status=500), "<Say>At last</Say>"]
    world.app.answers["/out"] = lambda asked: answers.pop(0)
    sid = world.dial_out(url=f"{world.app.url}/out#rc=3&rp=5xx")
    assert world.heard(sid) == ["At last"]
    tokens = {asked.headers["I-Twilio-Idempotency-Token"] for asked in world.app.at("/out")}
    assert len(world.app.at("/out")) == 3
    assert len(tokens) == 1


def test_redirects_of_the_web_are_followed_and_signed_anew(world: World):
    world.app.answers["/voice"] = Reply(status=307, headers={"Location": "/moved"})
    world.app.answers["/moved"] = "<Say>Moved</Say>"
    sid = world.dial_in()
    assert world.heard(sid) == ["Moved"]
    assert world.app.at("/moved")[0].signed


def test_cookies_are_kept_for_the_call(world: World):
    world.app.answers["/voice"] = Reply(
        "<Response><Redirect>/next</Redirect></Response>", headers={"Set-Cookie": "room=7; Path=/"}
    )
    world.dial_in()
    assert world.app.at("/next")[0].headers["Cookie"] == "room=7"


def test_plain_text_is_spoken_and_audio_is_played(world: World):
    world.app.answers["/voice"] = Reply("Good morning", content_type="text/plain")
    assert world.heard(world.dial_in()) == ["Good morning"]
    world.app.answers["/voice"] = Reply("RIFF", content_type="audio/wav")
    assert world.heard(world.dial_in()) == [f"{world.app.url}/voice"]


def test_an_unknown_element_is_left_out_with_a_warning(world: World):
    world.app.answers["/voice"] = "<Sing>La</Sing><Say>Spoken</Say>"
    sid = world.dial_in()
    assert world.heard(sid) == ["Spoken"]
    assert [(n.error_code, n.log) for n in world.client.calls(sid).notifications.list()] == [("12200", "1")]


def test_an_inline_document_needs_absolute_addresses(world: World):
    sid = world.dial_out(twiml="<Response><Gather action='/menu'/></Response>")
    assert world.call(sid)["events"][-1]["code"] == 11100
