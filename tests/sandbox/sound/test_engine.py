"""The engine's doors over real sockets: who gets in, what bad input gets, and that the others hear nothing of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from apps.sandbox.sound import codec, lines
from apps.sandbox.sound.engine import Engine
from apps.sandbox.sound.server import Server

from .ears import sine, tones_in
from .pages import SECRET, Carrier, Page


@pytest.fixture
async def house() -> AsyncIterator[tuple[TestServer, aiohttp.ClientSession]]:
    server = TestServer(Server(Engine(cap=4), SECRET).application())
    await server.start_server()
    async with aiohttp.ClientSession() as http:
        yield server, http
    await server.close()


@pytest.fixture
async def carrier(house) -> Carrier:
    server, http = house
    return await Carrier(http, str(server.make_url("")).rstrip("/")).comes()


async def test_two_pages_hear_each_other_and_not_themselves(carrier: Carrier):
    await carrier.leg("A")
    await carrier.leg("B")
    first, second = await carrier.page("A", tone="A"), await carrier.page("B", tone="B")
    await carrier.until(event="connected", leg="B")
    to_first, to_second = await asyncio.gather(first.talks(50), second.talks(50))
    assert (tones_in(to_first[-4800:]), tones_in(to_second[-4800:])) == ("B", "A")
    await carrier.until(event="voice", leg="A", speaking=True)


async def test_a_clip_plays_into_one_ear_and_stops_when_it_is_taken_away(carrier: Carrier, tmp_path: Path):
    (tmp_path / "menu.ulaw").write_bytes(sine("prompt", 20))
    clip = {"clip": "1", "file": str(tmp_path / "menu.ulaw"), "times": 1, "at": 0.0}
    await carrier.leg("A", hears=clip)
    page = await carrier.page("A")
    assert tones_in(await page.talks()) == "prompt"
    await carrier.leg("A")
    await page.talks(3)
    assert tones_in(await page.talks()) == ""


async def test_a_clip_that_is_over_does_not_begin_again_when_the_leg_is_told_again(carrier: Carrier, tmp_path: Path):
    (tmp_path / "word.ulaw").write_bytes(sine("prompt", 0.1))
    clip = {"clip": "1", "file": str(tmp_path / "word.ulaw"), "times": 1, "at": 0.0}
    await carrier.leg("A", hears=clip)
    page = await carrier.page("A")
    await page.talks(10)
    await carrier.leg("A", hears=clip, muted=True)
    assert tones_in(await page.talks()) == ""


async def test_a_clip_may_begin_in_its_middle_for_an_engine_that_came_later(carrier: Carrier, tmp_path: Path):
    (tmp_path / "two.ulaw").write_bytes(sine("A", 5) + sine("B", 20))
    await carrier.leg("A", hears={"clip": "1", "file": str(tmp_path / "two.ulaw"), "times": 1, "at": 5.0})
    assert tones_in(await (await carrier.page("A")).talks()) == "B"


async def test_a_recording_grows_on_the_disk_and_goes_on_where_a_killed_engine_left_it(carrier: Carrier, tmp_path):
    await carrier.leg("A")
    page = await carrier.page("A", tone="A")
    file = tmp_path / "RE1.pcm"
    file.write_bytes(bytes(2 * codec.RATE))  # a second of it is there already
    told = {"recording": "RE1", "file": str(file), "leg": "A", "room": "", "channels": 1, "track": "both"}
    told |= {"paused": False, "skips": False}
    assert await carrier.orders("record", at=3.0, **told) == ""
    began = time.monotonic()
    await page.talks(60)
    assert await carrier.orders("recorded", recording="RE1") == ""
    lasted = time.monotonic() - began
    tape = file.read_bytes()
    assert not any(tape[: 6 * codec.RATE]) and tones_in(tape[6 * codec.RATE :]) == "A"
    assert len(tape) / 2 / codec.RATE == pytest.approx(3 + lasted, abs=0.25)


async def test_wrong_used_and_old_tokens_are_refused_with_a_reason(carrier: Carrier):
    await carrier.leg("A")
    await carrier.admits("A", "good")
    await carrier.admits("A", "old", seconds=-1)
    inside = await Page(carrier.http, carrier.url).enters("good")
    for token in ("good", "old", "never given", ""):
        page = await Page(carrier.http, carrier.url).enters(token)
        assert await page.is_sent_away() == (4401, "The token is wrong, used or too old."), token
    assert len(await inside.talks(3)) == 3 * len(codec.QUIET)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", ""])
async def test_another_sites_page_is_not_let_in_and_its_token_is_spent(carrier: Carrier, origin):
    await carrier.leg("A")
    await carrier.admits("A", "token")
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await Page(carrier.http, carrier.url).enters("token", origin)
    page = await Page(carrier.http, carrier.url).enters("token")
    assert (await page.is_sent_away())[0] == 4401


async def test_the_carriers_door_needs_the_secret(carrier: Carrier):
    for headers in ({}, {"Authorization": "Bearer guess"}):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await carrier.http.ws_connect(f"{carrier.url}/carrier", headers=headers)
    assert (await carrier.status())["carrier"]


@pytest.mark.parametrize("frame", [b"", bytes(159), bytes(161), bytes(5000), "text"])
async def test_a_frame_of_the_wrong_size_ends_that_line_and_no_other(carrier: Carrier, frame):
    await carrier.leg("A")
    await carrier.leg("B")
    bad, good = await carrier.page("A"), await carrier.page("B")
    await (bad.socket.send_str(frame) if isinstance(frame, str) else bad.socket.send_bytes(frame))
    assert await bad.is_sent_away() == (4400, "A frame is 160 bytes of mu-law.")
    assert tones_in(await good.talks()) == ""
    await carrier.until(event="lost", leg="A")


async def test_a_flood_ends_that_line_and_the_others_hear_at_most_a_moment_of_it(carrier: Carrier):
    for name in "ABC":
        await carrier.leg(name)
    bad = await carrier.page("A")
    speaker, listener = await carrier.page("B", tone="B"), await carrier.page("C")
    for _ in range(400):
        await bad.socket.send_bytes(sine("A", 0.02))
    assert await bad.is_sent_away() == (4429, "More than 150 frames in a second.")
    _, heard = await asyncio.gather(speaker.talks(60), listener.talks(60))
    assert tones_in(heard[-4800:]) == "B"


async def test_a_page_that_reads_nothing_is_not_waited_for_and_after_a_while_let_go(carrier, monkeypatch):
    """A tab that the browser froze. The system's buffers are small here, so that it shows within moments."""
    monkeypatch.setattr(lines, "SEND_BUFFER", 1024)
    monkeypatch.setattr(lines, "FROZEN_SECONDS", 1.0)
    for name in "ABC":
        await carrier.leg(name)
    frozen = await carrier.page("A")
    frozen.freezes(buffer=2048)
    speaker, listener = await carrier.page("B", tone="B"), await carrier.page("C")
    heard = []
    while {"event": "lost", "leg": "A"} not in carrier.events:
        heard += await asyncio.gather(speaker.talks(10), listener.talks(10))
        carrier.events += await carrier.told_meanwhile()
    assert {tones_in(each) for each in heard[3::2]} == {"B"}, "the others hear each other all the while"
    again = await carrier.page("A")
    await asyncio.gather(speaker.talks(10), again.talks(10))
    assert tones_in((await asyncio.gather(speaker.talks(20), again.talks(20)))[1]) == "B", "the tab comes back"


async def test_a_page_that_slept_hears_the_present_and_not_what_it_missed(carrier, monkeypatch):
    monkeypatch.setattr(lines, "SEND_BUFFER", 1024)
    await carrier.leg("A")
    await carrier.leg("B")
    sleeper, speaker = await carrier.page("A"), await carrier.page("B", tone="B")
    sleeper.freezes(buffer=2048)
    await speaker.talks(250)
    sleeper.wakes()
    speaker._voice = sine("C", 1)
    speaking = asyncio.create_task(speaker.talks(1000))
    heard = await sleeper.talks(120)
    speaking.cancel()
    parts = [tones_in(heard[at : at + 3200]) for at in range(0, len(heard), 3200)]
    assert parts.count("B") * 0.2 < 1.5, f"of five seconds asleep too much was played afterwards: {parts}"
    assert parts[-2:] == ["C", "C"], parts


async def test_time_that_the_engine_lost_is_silence_in_the_recording_and_not_missing(carrier, tmp_path):
    await carrier.leg("A")
    page = await carrier.page("A", tone="A")
    told = {"recording": "RE1", "file": str(tmp_path / "RE1.pcm"), "leg": "A", "room": "", "channels": 1}
    await carrier.orders("record", at=0.0, track="both", paused=False, skips=False, **told)
    began = time.monotonic()
    await page.talks(50)
    time.sleep(0.7)  # the engine's loop too: the machine was suspended, or busy with something else
    await page.talks(50)
    await carrier.orders("recorded", recording="RE1")
    lasted = time.monotonic() - began
    assert (tmp_path / "RE1.pcm").stat().st_size / 2 / codec.RATE == pytest.approx(lasted, abs=0.25)


async def test_beyond_the_cap_a_leg_is_refused_until_another_is_gone(carrier: Carrier):
    assert [await carrier.leg(name) for name in "ABCD"] == ["", "", "", ""]
    assert await carrier.leg("E") == "All 4 lines with sound are in use."
    assert await carrier.leg("A", room="two") == ""
    await carrier.orders("gone", leg="B")
    assert await carrier.leg("E") == ""
    assert (await carrier.status())["legs"] == 4


async def test_the_end_of_a_leg_ends_its_page_and_its_tokens(carrier: Carrier):
    await carrier.leg("A")
    page = await carrier.page("A")
    await carrier.admits("A", "unused")
    await carrier.orders("gone", leg="A")
    assert await page.is_sent_away() == (4410, "The call is over.")
    assert (await (await Page(carrier.http, carrier.url).enters("unused")).is_sent_away())[0] == 4401
    assert await carrier.admits("A", "late") == "There is no such leg."


async def test_a_second_page_takes_the_line_over_from_the_first(carrier: Carrier):
    await carrier.leg("A")
    first = await carrier.page("A")
    second = await carrier.page("A")
    assert await first.is_sent_away() == (4409, "Another page has this call's sound now.")
    await second.talks(5)
    assert (await carrier.status())["connected"] == 1


async def test_when_the_carrier_goes_all_its_legs_go(carrier: Carrier):
    await carrier.leg("A")
    page = await carrier.page("A")
    await carrier.socket.close()
    assert (await page.is_sent_away())[0] == 4410
    again = await Carrier(carrier.http, carrier.url).comes()
    assert (await again.status())["legs"] == 0


@pytest.mark.parametrize(
    "order",
    ["{", "[]", "null", "{}", '{"do": "dance"}', '{"do": "leg"}', '{"do": "leg", "leg": "A", "voice": {"loud": 1}}'],
)
async def test_an_order_that_makes_no_sense_is_answered_and_changes_nothing(carrier: Carrier, order):
    await carrier.socket.send_str(order)
    said = json.loads((await asyncio.wait_for(carrier.socket.receive(), 5)).data)
    assert said["ok"] is False and said["error"]
    assert (await carrier.status())["legs"] == 0


async def test_a_clip_whose_file_is_gone_is_an_error_in_words(carrier: Carrier, tmp_path):
    clip = {"clip": "1", "file": str(tmp_path / "none"), "times": 1, "at": 0.0}
    assert "No such file" in await carrier.leg("A", hears=clip)
