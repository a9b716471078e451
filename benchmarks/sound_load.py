"""People who talk all the time: python -m benchmarks.sound_load URL LEGS SECONDS. Prints a line when all are in, and
at the end what they heard, as JSON."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from typing import Any

import aiohttp

FRAME, FRAME_SECONDS = 160, 0.02
VOICE = bytes((n * 37) % 256 for n in range(FRAME))
GAP_SECONDS = 0.04
WARM_UP_SECONDS = 3.0


class Carrier:
    """The one who opens legs and gives out tokens."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http, self._url, self._secret = http, url, secret
        self._ids = itertools.count(1)

    async def comes(self) -> Carrier:
        headers = {"Authorization": f"Bearer {self._secret}"}
        self.socket = await self._http.ws_connect(f"{self._url}/carrier", headers=headers)
        return self

    async def orders(self, do: str, **what: Any) -> str:
        """ "" when it was done, else why not."""
        number = next(self._ids)
        await self.socket.send_json({"id": number, "do": do} | what)
        while (said := await self.socket.receive_json()).get("id") != number:
            pass
        return said.get("error", "")

    async def admits(self, leg: str, room: str, origin: str = "") -> str:
        """A leg in a room, and the token of its page."""
        await self.orders("leg", leg=leg, voice={"room": room})
        token = f"token-{leg}"
        if refusal := await self.orders("admit", leg=leg, token=token, origin=origin, seconds=60):
            raise RuntimeError(refusal)
        return token

    async def keep_reading(self) -> None:
        """The engine's reports, which nobody wants here, must not pile up."""
        async for _ in self.socket:
            pass


class Person:
    """Says a frame every 20 ms and measures how evenly the others' frames come."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames = self.gaps = 0

    async def listens(self, since: float) -> None:
        last = 0.0
        async for message in self.socket:
            now = time.monotonic()
            if last and now > since and message.type is aiohttp.WSMsgType.BINARY:
                self.frames += 1
                self.gaps += now - last > GAP_SECONDS
            last = now


async def main(url: str, legs: int, seconds: float) -> None:
    # aiohttp's own limit is a hundred connections.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        carrier = await Carrier(http, url, os.environ["SANDBOX_SOUND_SECRET"]).comes()
        tokens = [await carrier.admits(str(number), f"room {number // 2}") for number in range(legs)]
        reading = asyncio.create_task(carrier.keep_reading())
        people = [Person(await http.ws_connect(f"{url}/media?token={token}")) for token in tokens]
        print("in", flush=True)
        since = time.monotonic() + WARM_UP_SECONDS
        listening = [asyncio.create_task(person.listens(since)) for person in people]
        behind = await _talk(people, seconds)
        for task in [*listening, reading]:
            task.cancel()
    frames, gaps = sum(person.frames for person in people), sum(person.gaps for person in people)
    print(json.dumps({"gap40_percent": round(100 * gaps / max(1, frames), 2), "behind_ms": round(1000 * behind)}))


async def _talk(people: list[Person], seconds: float) -> float:
    """Everybody a frame every 20 ms; returns how far this process fell behind at worst after the warm-up."""
    began = due = time.monotonic()
    worst = 0.0
    while due - began < seconds:
        for person in people:
            await person.socket.send_bytes(VOICE)
        due += FRAME_SECONDS
        late = time.monotonic() - due
        if due - began > WARM_UP_SECONDS:
            worst = max(worst, late)
        await asyncio.sleep(max(0.0, -late))
    return worst


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
