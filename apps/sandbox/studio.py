"""Media with real sound: what the network's calls hear and say, told to the engine as a picture of how it should be."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from .clock import MANUAL, resolve
from .library import Library
from .media import RATE, ClockMedia, Playing, Silent, Sound, write_wav
from .sound import codec
from .wire import Wire

if TYPE_CHECKING:
    from .exchange.calls import Call
    from .exchange.network import Network
    from .exchange.recordings import Recording

TOKEN_SECONDS = 60.0
READY_SECONDS = 3.0


class Studio:
    """Real time only: while the clock is moved by hand, everything is as without sound."""

    def __init__(self, network: Network, *, url: str, secret: str, folder: Path) -> None:
        self._network, self._url = network, url
        self._clock_only = ClockMedia()
        self._tapes = folder / "recordings"
        # A new carrier remembers nothing; what it recorded before cannot be asked for any more.
        for old in (self._tapes, folder / "clips"):
            shutil.rmtree(old, ignore_errors=True)
        self._tapes.mkdir(parents=True)
        self._library = Library(folder / "clips")
        self._wire = Wire(url, secret, self.picture, self._on_event)
        self._names: WeakKeyDictionary[Playing, str] = WeakKeyDictionary()
        self._numbers = itertools.count(1)
        self._wanted: WeakSet[Call] = WeakSet()  # whose sound a page has asked for
        self._awaited: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def sockets(self) -> str:
        """Where pages find the engine."""
        return self._url.replace("http", "ws", 1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._wire.start()
        try:
            yield
        finally:
            for task in list(self._tasks):
                task.cancel()
            await self._wire.close()
            await self._library.close()

    # As the network's media

    def say_seconds(self, text: str) -> float:
        return self._clock_only.say_seconds(text)

    async def spoken(self, text: str, language: str) -> Sound:
        media = self._clock_only if self._manual else self._library
        return await media.spoken(text, language)

    async def fetched(self, url: str) -> Sound:
        media = self._clock_only if self._manual else self._library
        return await media.fetched(url)

    def made(self, name: str, digits: str = "") -> Sound:
        media = self._clock_only if self._manual else self._library
        return media.made(name, digits)

    async def ready(self, call: Call) -> None:
        if self._manual or not self._wire.is_open:
            return
        listening = self._awaited[call.sid] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(listening, READY_SECONDS)
        except TimeoutError:
            call.note("sound.awaited_in_vain")
        finally:
            del self._awaited[call.sid]

    def speak(self, call: Call, text: str, language: str = "en-US") -> dict[str, Any]:
        if self._manual:
            return {}
        task = asyncio.get_running_loop().create_task(self._speak(call, text, language))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        why = self._library.mute(text, language)
        return {"sounds": False, "why": why} if why else {"sounds": True}

    def beep(self, call: Call) -> None:
        if not self._manual:
            sound = self.made("beep")
            playing = call.play(sound)
            call.after(sound.seconds + sound.tail, lambda: call.stop(playing))

    def touch(self) -> None:
        self._wire.touch()

    def wav(self, recording: Recording, channels: int) -> bytes:
        """As long as the network says, silent where it was paused, whatever became of the engine meanwhile."""
        tape = self._tape(recording)
        if self._manual and not tape.exists():
            return self._clock_only.wav(recording, channels)
        data = tape.read_bytes() if tape.exists() else b""
        block, parts, at = codec.WIDTH * recording.channels, [], 0
        for sounds, seconds in recording.stretches:
            size = round(seconds * RATE) * block
            part = data[at : at + size] if sounds else b""
            parts.append(part + bytes(size - len(part)))
            at += size
        pcm = b"".join(parts)
        return write_wav(codec.to_one_channel(pcm) if recording.channels == 2 and channels == 1 else pcm, channels)

    def mp3(self, recording: Recording) -> bytes:
        if self._manual:
            return self._clock_only.mp3(recording)
        raise Silent("The sandbox has no encoder for MP3: ask for the recording as .wav.")

    def erase(self, recording: Recording) -> None:
        self._tape(recording).unlink(missing_ok=True)

    # For pages

    async def admit(self, call: Call, origin: str) -> dict[str, Any]:
        """A one-time address for the page that is this call's ear and mouth. Raises Silent."""
        if self._manual:
            raise Silent("The clock is moved by hand, and sound needs real time.")
        token = secrets.token_urlsafe(24)
        self._wanted.add(call)
        await self._wire.admit(call.sid, token, origin, TOKEN_SECONDS)
        return {"url": f"{self.sockets}/media?token={token}"}

    # For the engine

    def picture(self) -> dict[str, Any]:
        """All legs and recordings as they should be right now."""
        if self._manual:
            return {"legs": {}, "recordings": {}}
        calls = [call for call in self._network.live.values() if self._sounds(call)]
        return {
            "legs": {call.sid: self._leg(call) for call in calls},
            "recordings": {each.sid: self._recording(each) for each in self._network.recordings.running},
        }

    def _sounds(self, call: Call) -> bool:
        return call.talking or bool(call.sounds) or call in self._wanted

    @property
    def _manual(self) -> bool:
        return self._network.clock.mode == MANUAL

    def _leg(self, call: Call) -> dict[str, Any]:
        voice = asdict(self._network.voice(call))
        del voice["leg"]
        hears = self._clip(call.sounds[-1]) if call.sounds else None
        return {"voice": voice, "hears": hears, "says": self._clip(call.mouth) if call.mouth else None}

    def _clip(self, playing: Playing) -> dict[str, Any] | None:
        sound = playing.sound
        if sound.file is None:
            return None
        name = self._names.get(playing)
        if name is None:
            name = self._names[playing] = str(next(self._numbers))
        at = max(0.0, self._network.clock.now() - playing.since)
        return {"clip": name, "file": str(sound.file), "times": playing.times, "at": at if at > 0.1 else 0.0}

    def _recording(self, recording: Recording) -> dict[str, Any]:
        room = recording.conference
        return {
            "file": str(self._tape(recording)),
            "leg": "" if room else recording.call.sid,
            "room": room.sid if room else "",
            "channels": recording.channels,
            "track": recording.track,
            "paused": recording.status == "paused",
            "skips": recording.skips,
            "at": recording.position,
        }

    def _tape(self, recording: Recording) -> Path:
        return self._tapes / f"{recording.sid}.pcm"

    def _on_event(self, event: dict[str, Any]) -> None:
        call = self._network.calls.get(event["leg"])
        if call is None:
            return
        if event["event"] == "voice":
            call.voice(event["speaking"])
        else:
            call.note(f"sound.{event['event']}")
            if event["event"] == "connected" and (waiting := self._awaited.get(call.sid)):
                resolve(waiting)

    async def _speak(self, call: Call, text: str, language: str) -> None:
        sound = await self._library.spoken(text, language)
        if sound.file is not None and call.open:
            call.mouth = Playing(sound, 1, self._network.clock.now())
            self.touch()
