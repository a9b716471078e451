"""Recordings: of a call, a room, a dialled bridge, and by the verb."""

import array
import io
import wave

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from .world import ACCOUNT, COLLEAGUE, TOKEN, World


def sound(world: World, sid: str, query: str = "") -> tuple[int, list[array.array]]:
    """Seconds and samples of each channel."""
    url = f"{world.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav{query}"
    answer = requests.get(url, auth=(ACCOUNT, TOKEN), timeout=10)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/x-wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        channels = file.getnchannels()
        return file.getnframes() // file.getframerate(), [samples[i::channels] for i in range(channels)]


def talking(world: World) -> str:
    world.app.answers["/voice"] = "<Pause length='1'/><Say>Hello</Say><Pause length='3600'/>"
    sid = world.dial_in()
    world.advance(2)
    return sid


def test_a_live_call_is_recorded_paused_resumed_and_stopped(world: World):
    sid = talking(world)
    recordings = world.client.calls(sid).recordings
    made = recordings.create(
        recording_channels="dual",
        recording_status_callback=f"{world.app.url}/recorded",
        recording_status_callback_event=["in-progress", "completed"],
    )
    assert (made.status, made.channels, made.source) == ("in-progress", 2, "StartCallRecordingAPI")
    world.advance(4)
    current = world.client.calls(sid).recordings("Twilio.CURRENT")
    assert current.update(status="paused", pause_behavior="silence").status == "paused"
    world.advance(3)
    assert current.update(status="in-progress").status == "in-progress"
    world.advance(2)
    current.update(status="stopped")
    with pytest.raises(TwilioRestException):
        current.fetch()
    world.advance(1)

    assert world.app.values("/recorded", "RecordingStatus") == ["in-progress", "completed"]
    told = world.app.at("/recorded")[-1].params
    assert (told["RecordingDuration"], told["RecordingChannels"], told["CallSid"]) == ("9", "2", sid)
    seconds, (left, right) = sound(world, made.sid)
    assert seconds == 9
    assert left[:16000] != right[:16000]
    assert any(left[: 4 * 8000]) and not any(left[4 * 8000 : 7 * 8000]) and any(left[7 * 8000 :])


def test_a_pause_may_be_left_out(world: World):
    sid = talking(world)
    made = world.client.calls(sid).recordings.create()
    world.advance(4)
    world.client.calls(sid).recordings(made.sid).update(status="paused", pause_behavior="skip")
    world.advance(100)
    world.client.calls(sid).recordings(made.sid).update(status="stopped")
    world.advance(1)
    assert world.client.recordings(made.sid).fetch().duration == "4"


def test_the_end_of_the_call_ends_the_recording_and_the_file_comes_a_moment_later(world: World):
    sid = talking(world)
    made = world.client.calls(sid).recordings.create(recording_status_callback=f"{world.app.url}/recorded")
    world.advance(5)
    world.hang_up(sid)
    assert world.client.recordings(made.sid).fetch().status == "processing"
    url = f"{world.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{made.sid}"
    assert requests.get(url, auth=(ACCOUNT, TOKEN), timeout=10).status_code == 404
    world.advance(1)
    assert world.app.at("/recorded")[0].params["RecordingUrl"] == url
    assert requests.get(url + ".mp3", auth=(ACCOUNT, TOKEN), timeout=10).headers["content-type"] == "audio/mpeg"
    assert requests.get(url + "?RequestedChannels=2", auth=(ACCOUNT, TOKEN), timeout=10).json()["code"] == 16113
    assert requests.get(url, timeout=10).status_code == 401


def test_a_deleted_recording_is_gone(world: World):
    sid = talking(world)
    made = world.client.calls(sid).recordings.create()
    world.advance(5)
    world.hang_up(sid)
    world.advance(1)
    assert world.client.recordings(made.sid).delete()
    assert world.client.recordings.list() == []
    with pytest.raises(TwilioRestException) as refusal:
        world.client.recordings(made.sid).fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_a_call_that_is_over_cannot_be_recorded(world: World):
    sid = talking(world)
    world.hang_up(sid)
    with pytest.raises(TwilioRestException) as refusal:
        world.client.calls(sid).recordings.create()
    assert refusal.value.code == 21220


def test_a_recording_survives_a_redirect(world: World):
    sid = talking(world)
    made = world.client.calls(sid).recordings.create()
    world.advance(3)
    world.client.calls(sid).update(twiml="<Response><Pause length='10'/></Response>")
    world.advance(20)
    assert world.client.recordings(made.sid).fetch().duration == "13"


def test_the_verb_records_what_is_said_and_ends_with_the_silence(world: World):
    world.app.answers["/voice"] = (
        "<Record action='/message' maxLength='60' recordingStatusCallback='/recorded' "
        "transcribe='true' transcribeCallback='/words'/>"
    )
    sid = world.dial_in(script=[{"wait": 1}, {"say": "Please call me back about the truck in Reno"}])
    assert world.where(sid) == "record"
    assert world.heard(sid) == ["Beep"]
    world.advance(12)
    told = world.app.at("/message")[0].params
    assert (told["RecordingDuration"], told["Digits"]) == ("4", "")
    assert world.app.values("/recorded", "RecordingStatus") == ["completed"]
    assert world.app.values("/words", "TranscriptionText") == ["Please call me back about the truck in Reno"]


def test_a_hang_up_while_recording_still_tells_the_action(world: World):
    world.app.answers["/voice"] = "<Record action='/message' timeout='0'/>"
    sid = world.dial_in()
    world.advance(8)
    world.hang_up(sid)
    told = world.app.at("/message")[0].params
    assert (told["Digits"], told["CallStatus"], told["RecordingDuration"]) == ("hangup", "completed", "8")


def test_a_key_ends_the_verb(world: World):
    world.app.answers["/voice"] = "<Record action='/message' finishOnKey='#'/>"
    sid = world.dial_in()
    world.advance(3)
    world.press(sid, "1#")
    assert world.app.values("/message", "Digits") == ["#"]


def test_when_nothing_is_said_the_document_goes_on(world: World):
    world.app.answers["/voice"] = (
        "<Record action='/message' recordingStatusCallback='/recorded' recordingStatusCallbackEvent='absent'/>"
        "<Say>Nothing</Say>"
    )
    sid = world.dial_in()
    world.advance(5)
    assert world.heard(sid) == ["Beep", "Nothing"]
    assert world.app.at("/message") == []
    assert world.app.values("/recorded", "RecordingStatus") == ["absent"]


def test_a_dialled_bridge_is_recorded_on_two_channels(world: World):
    world.app.answers["/voice"] = f"<Dial record='record-from-answer-dual' action='/after'>{COLLEAGUE}</Dial>"
    sid = world.dial_in()
    world.advance(12)
    made = world.client.recordings.list(call_sid=sid)[0]
    assert (made.source, made.channels) == ("DialVerb", 2)
    world.client.calls(sid).update(status="completed")
    world.advance(1)
    assert world.app.at("/after")[0].params["RecordingUrl"].endswith(made.sid)
    assert sound(world, made.sid)[0] == 10


def test_a_room_is_recorded_from_its_start(world: World):
    world.app.answers["/voice"] = world.app.answers["/out"] = (
        "<Dial><Conference record='record-from-start' recordingStatusCallback='/recorded'>call-1</Conference></Dial>"
    )
    sid = world.dial_in()
    world.advance(5)
    other = world.dial_out(COLLEAGUE)
    world.advance(6)
    world.hang_up(sid)
    world.hang_up(other)
    world.advance(1)
    told = world.app.at("/recorded")[0].params
    assert told["RecordingDuration"] == "6"
    assert told["ConferenceSid"] == world.client.conferences.list()[0].sid


def test_a_whole_outgoing_call_is_recorded_when_asked(world: World):
    world.app.answers["/out"] = "<Pause length='20'/>"
    sid = world.dial_out(record=True, status_callback=f"{world.app.url}/progress")
    world.advance(20)
    told = world.app.at("/progress")[0].params
    assert (told["RecordingDuration"], told["CallSid"]) == ("20", sid)
