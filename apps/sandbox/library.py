"""Everything that can be played, as files of mu-law: texts read aloud, files fetched, tones made.

Each is made once; a fetched file is asked for again after a minute, because somebody may have put a better one there.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from .media import ClockMedia, Sound
from .sound import codec, tones, wav
from .speech import Speech

LARGEST = 20_000_000  # bytes of a file to play: twenty minutes of 16-bit sound
TAIL_SECONDS = 0.08
FETCH_SECONDS = 10.0
FRESH_SECONDS = 60.0


class Library:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._speech = Speech()
        self._clock = ClockMedia()
        self._known: dict[str, Sound] = {}
        self._fetched_at: dict[str, float] = {}
        self._under_way: dict[str, asyncio.Task[Sound]] = {}
        self._session: aiohttp.ClientSession | None = None
        folder.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def spoken(self, text: str, language: str) -> Sound:
        seconds = self._clock.say_seconds(text)
        if not text.strip():
            return Sound(seconds)
        return await self._once(f"say {language} {text}", seconds, lambda: self._speech.read(text, language))

    def mute(self, text: str, language: str) -> str:
        """Why this cannot be read aloud; "" when it can."""
        return self._speech.mute(text, language)

    async def fetched(self, url: str) -> Sound:
        key = f"play {url}"
        if time.monotonic() - self._fetched_at.get(key, -FRESH_SECONDS) >= FRESH_SECONDS:
            self._known.pop(key, None)
            self._fetched_at[key] = time.monotonic()
        return await self._once(key, self._clock.play_seconds(url), lambda: self._fetch(url))

    def made(self, name: str, digits: str = "") -> Sound:
        key = f"made {name} {digits}"
        if key not in self._known:
            sound = tones.keys(digits) if name == "keys" else {"beep": tones.beep, "ringing": tones.ringing,
                                                               "music": tones.music}[name]()  # fmt: skip
            self._known[key] = self._keep(sound)
        return self._known[key]

    async def _once(self, key: str, seconds: float, make: Callable[[], Awaitable[bytes]]) -> Sound:
        """The sound of this name. Several who want it wait for one; none of them can stop it for the others."""
        if key in self._known:
            return self._known[key]
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.get_running_loop().create_task(self._make(key, seconds, make))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, key: str, seconds: float, make: Callable[[], Awaitable[bytes]]) -> Sound:
        try:
            sound = await make()
        except wav.Unplayable as problem:
            return Sound(seconds, why=str(problem))  # not kept: the file may be better tomorrow
        if not sound:
            return Sound(seconds, why="The sound is empty.")
        self._known[key] = self._keep(sound)
        return self._known[key]

    async def _fetch(self, url: str) -> bytes:
        limit = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        try:
            if self._session is None:
                self._session = aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar())
            async with self._session.get(url) as reply:
                if reply.status != 200:
                    raise wav.Unplayable(f"The sound was not there: its address answered {reply.status}.")
                data = b""
                async for part in reply.content.iter_chunked(65_536):
                    data += part
                    if len(data) > LARGEST:
                        raise wav.Unplayable("The sound is longer than twenty minutes.")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise wav.Unplayable("The sound could not be fetched from its address.") from error
        try:
            return await asyncio.to_thread(wav.read, data)
        except wav.Unplayable as error:
            raise wav.Unplayable(f"The sound cannot be played: {error}.") from error

    def _keep(self, sound: bytes) -> Sound:
        """By its content: whoever knows a file by its name (the engine does) never plays an old one."""
        file = self._folder / f"{hashlib.sha256(sound).hexdigest()[:32]}.ulaw"
        if not file.exists():
            file.write_bytes(sound)
        return Sound(len(sound) / codec.RATE, file, TAIL_SECONDS)
