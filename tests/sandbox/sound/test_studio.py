"""The whole sandbox with its sound engine, driven by the official SDK; pages are plain websockets that say tones."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import requests

from callcenter.processes import poll
from tests.sandbox.world import ACCOUNT, COLLEAGUE, CUSTOMER, OURS, TOKEN, Application, Reply, Sandbox, World

from .ears import tones_in
from .talk import (
    SECRET,
    Engine,
    all_come_to_hear,
    comes_to_hear,
    conference,
    entry,
    media_url,
    page,
    talk,
    until,
    wav_of,
)
from .test_codec import file


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    running = Engine()
    yield running
    running.dies()


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program called espeak-ng that reads every text aloud as a tone of two seconds: D."""
    folder = tmp_path_factory.mktemp("voice")
    (folder / "spoken.wav").write_bytes(file(22_050, hertz=1700, seconds=2))
    program = folder / "espeak-ng"
    program.write_text(f"#!/bin/sh\ncat > /dev/null\nexec cat {folder}/spoken.wav\n")
    program.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def sounding(engine: Engine, voice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sounding")
    settings = {"SANDBOX_SOUND_URL": engine.url, "SANDBOX_SOUND_SECRET": SECRET, "SANDBOX_SOUND_FOLDER": str(folder)}
    path = f"{voice}:{os.environ['PATH']}"
    process = Sandbox(folder / "ledger.jsonl", clock="real", PATH=path, **settings)
    assert poll(engine.has_its_carrier, timeout_s=10)
    yield process
    process.stop()


@pytest.fixture
def world(sounding: Sandbox, application: Application) -> World:
    made = World(sounding, application)
    made.control("POST", "/reset", {"numbers": False})
    application.clear()
    made.client.incoming_phone_numbers.create(phone_number=OURS, voice_url=f"{application.url}/voice")
    return made


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_played_file_is_heard_for_as_long_as_it_is_and_a_key_stops_it(world, http):
    world.app.answers["/long.wav"] = Reply(file(16_000, hertz=700, seconds=30), content_type="audio/wav")
    world.app.answers["/voice"] = (
        f"<Gather numDigits='1' action='{world.app.url}/next'><Play>{world.app.url}/long.wav</Play></Gather>"
    )
    world.app.answers["/next"] = "<Pause length='60'/>"
    sid = world.dial_in()
    ear = await page(world, http, sid)
    await comes_to_hear(ear, "B")
    assert entry(world, sid, "Play") | {"at": 0, "where": 0} == {
        "at": 0, "where": 0, "verb": "Play", "url": f"{world.app.url}/long.wav", "seconds": 30.0, "sounds": True,
    }  # fmt: skip

    world.control("POST", f"/calls/{sid}/press", {"digits": "1"})

    await comes_to_hear(ear, "")


async def test_a_text_is_read_by_the_program_of_this_machine(world, http):
    world.app.answers["/voice"] = "<Pause length='1'/><Say>Something never said before.</Say><Pause length='60'/>"
    sid = world.dial_in()
    await comes_to_hear(await page(world, http, sid), "D")
    assert (entry(world, sid, "Say")["sounds"], entry(world, sid, "Say")["seconds"]) == (
        True,
        pytest.approx(2, abs=0.01),
    )


async def test_a_sentence_of_the_demo_is_recorded_and_needs_no_program(world, http):
    world.app.answers["/voice"] = "<Say>You are  next.</Say><Pause length='60'/>"
    sid = world.dial_in()
    await until(lambda: "Say" in [each["verb"] for each in world.call(sid)["heard"]])
    assert entry(world, sid, "Say")["sounds"] is True
    assert 0.5 < entry(world, sid, "Say")["seconds"] < 1.9


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(b"ID3\x04", content_type="audio/mpeg"), "The sound cannot be played: the sandbox plays WAV files only"),
        (Reply("", status=404), "The sound was not there: its address answered 404."),
    ],
)
async def test_what_cannot_be_played_takes_its_time_in_silence_and_says_why(world, http, reply, why):
    world.app.answers["/odd-7s.wav"] = reply
    world.app.answers["/voice"] = f"<Play>{world.app.url}/odd-7s.wav</Play>"
    sid = world.dial_in()
    await until(lambda: bool(world.call(sid)["heard"]))
    played = entry(world, sid, "Play")
    assert (played["sounds"], played["seconds"]) == (False, 7.0)
    assert played["why"].startswith(why)


async def test_a_supervisor_whispers_to_the_operator_only_barges_in_and_is_in_no_customers_recording(world, http):
    customer, operator, boss = await conference(world, CUSTOMER, COLLEAGUE, "+15550100888")
    a, b, d = [
        await page(world, http, sid, tone) for sid, tone in ((customer, "A"), (operator, "B"), (boss, "D"))
    ]  # fmt: skip
    room = world.client.conferences(world.client.conferences.list()[0].sid)
    boss_in_room = room.participants(boss)
    await asyncio.to_thread(lambda: boss_in_room.update(coaching=True, call_sid_to_coach=operator))
    await all_come_to_hear({a: "B", b: "A D", d: "A B"})
    recordings = world.client.calls(customer).recordings
    recording = await asyncio.to_thread(lambda: recordings.create(recording_channels="dual"))
    await talk(60, a, b, d)
    await asyncio.to_thread(lambda: recordings(recording.sid).update(status="stopped"))
    await asyncio.to_thread(lambda: boss_in_room.update(coaching=False))
    await all_come_to_hear({a: "B D", b: "A D", d: "A B"})
    await until(lambda: world.client.recordings(recording.sid).fetch().status == "completed")
    left, right = wav_of(world, recording.sid)
    assert (tones_in(left), tones_in(right)) == ("A", "B")


async def test_a_warm_transfer_and_a_conversation_of_three_by_ear(world, http):
    """Hold, consult, bring together, leave: the orders that a call center gives for a transfer."""
    customer, operator, colleague = await conference(world, CUSTOMER, COLLEAGUE, "+15550100888")
    room = world.client.conferences(world.client.conferences.list()[0].sid)
    a, b, c = [await page(world, http, sid, tone) for sid, tone in ((customer, "A"), (operator, "B"), (colleague, "C"))]
    world.app.answers["/music.wav"] = Reply(file(8000, hertz=2300, seconds=8), content_type="audio/wav")
    world.app.answers["/hold"] = f"<Play loop='0'>{world.app.url}/music.wav</Play>"

    hold = {"hold": True, "hold_url": f"{world.app.url}/hold"}
    await asyncio.to_thread(lambda: room.participants(customer).update(**hold))
    await all_come_to_hear({a: "music", b: "C", c: "B"})
    await asyncio.to_thread(lambda: room.participants(customer).update(hold=False))
    await all_come_to_hear({a: "B C", b: "A C", c: "A B"})
    await asyncio.to_thread(lambda: world.control("POST", f"/calls/{operator}/hangup"))
    assert (await b.is_sent_away())[0] == 4410
    await all_come_to_hear({a: "C", c: "A"})


async def test_a_recording_in_one_channel_holds_both_sides_and_is_given_out_as_wav_only(world, http):
    customer, operator = await conference(world, CUSTOMER, COLLEAGUE)
    pages = {await page(world, http, customer, "A"): "B", await page(world, http, operator, "B"): "A"}
    await all_come_to_hear(pages)
    recordings = world.client.calls(customer).recordings
    mono = await asyncio.to_thread(lambda: recordings.create(recording_channels="mono"))
    dual = await asyncio.to_thread(lambda: recordings.create(recording_channels="dual"))
    await talk(75, *pages)
    for made in (mono, dual):
        await asyncio.to_thread(lambda sid=made.sid: recordings(sid).update(status="stopped"))
        await until(lambda sid=made.sid: world.client.recordings(sid).fetch().status == "completed")
    assert [tones_in(channel) for channel in wav_of(world, mono.sid)] == ["A B"]
    assert [tones_in(channel) for channel in wav_of(world, dual.sid)] == ["A", "B"]
    assert [tones_in(channel) for channel in wav_of(world, dual.sid, "?RequestedChannels=1")] == ["A B"]
    mp3 = requests.get(media_url(world, mono.sid, ".mp3"), auth=(ACCOUNT, TOKEN), timeout=10)
    assert mp3.status_code == 400
    assert mp3.json()["message"] == "The sandbox has no encoder for MP3: ask for the recording as .wav."


async def test_pauses_are_silent_in_the_file_and_its_length_is_the_networks(world, http):
    customer, operator = await conference(world, CUSTOMER, COLLEAGUE)
    a, b = await page(world, http, customer, "A"), await page(world, http, operator, "B")
    await all_come_to_hear({a: "B", b: "A"})
    recordings = world.client.calls(customer).recordings
    made = await asyncio.to_thread(lambda: recordings.create(recording_channels="dual"))
    await talk(75, a, b)
    await asyncio.to_thread(lambda: recordings("Twilio.CURRENT").update(status="paused"))
    await talk(75, a, b)
    await asyncio.to_thread(lambda: recordings("Twilio.CURRENT").update(status="in-progress"))
    await talk(75, a, b)
    await asyncio.to_thread(lambda: recordings("Twilio.CURRENT").update(status="stopped"))
    await until(lambda: world.client.recordings(made.sid).fetch().status == "completed")
    left, right = wav_of(world, made.sid)
    second = 16_000
    assert len(left) == len(right) == pytest.approx(4.5 * second, abs=0.4 * second)
    assert (tones_in(left[:second]), tones_in(right[:second])) == ("A", "B")
    middle = slice(2 * second - second // 8 * 2, int(2.7 * second) // 2 * 2)
    assert not any(left[middle]) and not any(right[middle])
    assert (tones_in(left[-second:]), tones_in(right[-second:])) == ("A", "B")


async def test_an_engine_killed_in_mid_call_comes_back_with_rooms_and_recordings(world, http, engine):
    customer, operator = await conference(world, CUSTOMER, COLLEAGUE)
    before = await page(world, http, customer)
    made = await asyncio.to_thread(lambda: world.client.calls(customer).recordings.create(recording_channels="dual"))
    await before.talks(50)
    engine.dies()
    refusal = await asyncio.to_thread(lambda: world.control("POST", f"/calls/{customer}/sound", status=409))
    assert "The sound engine" in refusal["error"]
    assert world.where(customer) == "conference", "the call goes on"
    engine.starts()
    await until(engine.has_its_carrier)
    a, b = await page(world, http, customer, "A"), await page(world, http, operator, "B")
    await all_come_to_hear({a: "B", b: "A"})
    await talk(60, a, b)
    recording = world.client.calls(customer).recordings(made.sid)
    lasted = float((await asyncio.to_thread(lambda: recording.update(status="stopped"))).duration)
    await until(lambda: world.client.recordings(made.sid).fetch().status == "completed")
    left, right = wav_of(world, made.sid)
    assert len(left) / 16_000 == pytest.approx(lasted, abs=0.6)
    assert not any(left[: 16_000 - 4_000])
    assert (tones_in(left[-16_000:]), tones_in(right[-16_000:])) == ("A", "B")


async def test_a_voicemail_lasts_as_long_as_the_voice_and_is_the_voice(world, http):
    world.app.answers["/voice"] = f"<Record timeout='2' action='{world.app.url}/left'/>"
    sid = world.dial_in()
    await until(lambda: world.where(sid) == "record")
    caller = await page(world, http, sid, "A")
    await caller.talks(150)
    caller._voice = b""
    await caller.talks(40)
    await until(lambda: bool(world.app.at("/left")))
    told = world.app.at("/left")[0].params
    assert 2 <= int(told["RecordingDuration"]) <= 6
    await until(lambda: world.client.recordings(told["RecordingSid"]).fetch().status == "completed")
    (sound,) = wav_of(world, told["RecordingSid"])
    assert tones_in(sound[16_000:32_000]) == "A"


async def test_beyond_the_engines_cap_a_call_goes_on_as_text_and_says_so(world, http):
    world.app.answers["/voice"] = "<Pause length='60'/>"
    sids = [world.dial_in(from_=f"+155501002{n:02}") for n in range(7)]
    for sid in sids[:6]:
        await page(world, http, sid)
    refusal = await asyncio.to_thread(lambda: world.control("POST", f"/calls/{sids[6]}/sound", status=409))
    assert refusal["error"] == "All 6 lines with sound are in use. The call goes on as text."
    await asyncio.to_thread(lambda: world.control("POST", f"/calls/{sids[0]}/hangup"))
    await until(lambda: "url" in world._web.post(f"{world.sandbox.url}/sandbox/calls/{sids[6]}/sound").json())


async def test_with_the_clock_moved_by_hand_there_is_no_sound(world):
    world.app.answers["/voice"] = "<Say>Hello</Say><Pause length='60'/>"
    world.control("POST", "/clock", {"mode": "manual"})
    try:
        sid = world.dial_in()
        refusal = world.control("POST", f"/calls/{sid}/sound", status=409)
        assert refusal["error"] == "The clock is moved by hand, and sound needs real time."
        assert "sounds" not in entry(world, sid, "Say")
    finally:
        world.control("POST", "/clock", {"mode": "real"})
