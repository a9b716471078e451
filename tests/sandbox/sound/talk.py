"""What happens in the whole sandbox with sound: its engine's process, pages in its calls, and what is heard there."""

from __future__ import annotations

import array
import asyncio
import io
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable
from typing import Any

import aiohttp
import requests

from callcenter.processes import free_port, http_status, poll
from tests.sandbox.world import ACCOUNT, OURS, ROOT, TOKEN, World

from .ears import tones_in
from .pages import Page

SECRET = "between-carrier-and-engine"


class Engine:
    """The engine's process, which a test may kill and start again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts()

    def starts(self) -> None:
        command = [sys.executable, "-m", "apps.sandbox.sound", "--port", str(self.port), "--cap", "6"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"SANDBOX_SOUND_SECRET": SECRET})
        assert poll(lambda: http_status(f"{self.url}/status") == 200, timeout_s=20)

    def dies(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def has_its_carrier(self) -> bool:
        return requests.get(f"{self.url}/status", timeout=5).json()["carrier"]


async def until(true: Callable[[], bool]) -> None:
    """Wait for it, ten seconds at most, and let the pages go on meanwhile."""
    for _ in range(200):
        if await asyncio.to_thread(true):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("It did not come about within ten seconds.")


async def page(world: World, http: aiohttp.ClientSession, sid: str, tone: str = "") -> Page:
    """The page that is this call's ear and mouth."""
    url = await asyncio.to_thread(lambda: world.control("POST", f"/calls/{sid}/sound")["url"])
    heard = Page(http, "", tone)
    heard.socket = await http.ws_connect(url)
    return heard


async def talk(frames: int, *pages: Page) -> None:
    """All of them say and hear so many frames."""
    await asyncio.gather(*(each.talks(frames) for each in pages))


async def comes_to_hear(page: Page, tones: str) -> None:
    heard = ""
    for _ in range(40):
        heard = tones_in(await page.talks(12))
        if heard == tones:
            return
    raise AssertionError(f"wanted {tones!r}, heard {heard!r} last")


async def all_come_to_hear(wanted: dict[Page, str]) -> None:
    """Each of these hears its tones, now or soon; all of them talk the while."""
    found: list[list[str]] = []
    for _ in range(40):
        heard = await asyncio.gather(*(each.talks(12) for each in wanted))
        found.append([tones_in(pcm) for pcm in heard])
        if found[-1] == list(wanted.values()):
            return
    raise AssertionError(f"wanted {list(wanted.values())}, heard {found[-3:]}")


def media_url(world: World, sid: str, ending: str) -> str:
    return f"{world.sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}{ending}"


def wav_of(world: World, sid: str, wish: str = "") -> list[bytes]:
    """The PCM of each channel."""
    answer = requests.get(media_url(world, sid, f".wav{wish}"), auth=(ACCOUNT, TOKEN), timeout=10)
    assert answer.status_code == 200
    with wave.open(io.BytesIO(answer.content)) as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
        return [samples[channel :: sound.getnchannels()].tobytes() for channel in range(sound.getnchannels())]


def entry(world: World, sid: str, verb: str) -> dict[str, Any]:
    return next(each for each in world.call(sid)["heard"] if each["verb"] == verb)


async def conference(world: World, *numbers: str) -> list[str]:
    """All of them in one room, as the call center does it: call the customer, add the others."""
    world.app.answers["/out"] = "<Dial><Conference beep='false'>room</Conference></Dial>"
    sids = []
    for number in numbers:
        world.phone(number, answer="human", after_s=0)
        made = world.client.calls.create(to=number, from_=OURS, url=f"{world.app.url}/out")
        sids.append(made.sid)
    await until(lambda: all(world.where(sid) == "conference" for sid in sids))
    return sids
