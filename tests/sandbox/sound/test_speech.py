"""Texts read aloud: recorded sentences, programs of the machine, and a word where there is neither."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apps.ivr.services import APOLOGY
from apps.queues.models import Queue
from apps.sandbox import speech
from apps.sandbox.app import STATIC
from apps.sandbox.lines.phones import GREETING
from apps.sandbox.sound import codec, wav
from apps.sandbox.speech import MISSING, Speech, plain
from apps.switchboard import words
from callcenter import demo


def said_in_the_demo() -> list[str]:
    """What a newcomer hears on the first day, and the booth's ready lines."""
    switchboard = [value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)]
    booth = re.findall(r'^  "(.+)",$', (STATIC / "sound.js").read_text(encoding="utf-8"), re.MULTILINE)
    comfort = Queue._meta.get_field("comfort_message").default
    assert len(booth) > 4 and len(switchboard) > 4
    return [*demo.PROMPTS.values(), *demo.ENDINGS.values(), *switchboard, *booth, comfort, APOLOGY, GREETING]


def test_what_the_demo_says_is_recorded_and_sounds_on_every_machine():
    recorded = Speech().recorded
    assert [text for text in said_in_the_demo() if plain(text) not in recorded] == []


def test_every_recorded_sentence_is_a_voice_of_a_fitting_length():
    for text, path in Speech().recorded.items():
        pcm = codec.decode(wav.read(path.read_bytes()))
        seconds = len(pcm) / 2 / codec.RATE
        assert 0.03 * len(text) < seconds < 0.5 + 0.12 * len(text), text
        assert codec.rms(pcm, 2) > 500, text


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any voice, and the folder where one may be put."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def reader() -> Speech:
    speech = Speech()
    speech._piper = ()  # whatever is installed beside the tests
    return speech


def program(folder: Path, script: str) -> None:
    (folder / "espeak-ng").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "espeak-ng").chmod(0o755)


async def test_without_any_voice_the_listener_is_told_what_to_do(bare):
    assert reader().mute("Never said before.", "en-US") == MISSING
    with pytest.raises(wav.Unplayable, match="install espeak-ng"):
        await reader().read("Never said before.", "en-US")


@pytest.mark.parametrize(
    ("language", "voice"),
    [("en-US", "en-us"), ("en_GB", "en-gb"), ("de-DE", "de"), ("pt-BR", "pt-br"), ("es", "es"), ("", "en-us")],
)
async def test_a_program_is_asked_in_the_texts_language(bare, language, voice):
    program(bare, f'/bin/cat > {bare}/text; echo "$@" > {bare}/options')
    with pytest.raises(wav.Unplayable, match="espeak-ng gave no sound"):
        await reader().read("Guten Tag", language)
    assert (bare / "text").read_text() == "Guten Tag"
    assert (bare / "options").read_text().split() == ["--stdout", "-v", voice, "-s", "160"]


async def test_a_text_cannot_give_the_program_options(bare):
    """It goes in by the standard input, whatever it looks like."""
    program(bare, f'/bin/cat > {bare}/text; echo "$#" > {bare}/count')
    with pytest.raises(wav.Unplayable):
        await reader().read("-w /etc/passwd; rm -rf $(HOME)", "en-US")
    assert (bare / "text").read_text() == "-w /etc/passwd; rm -rf $(HOME)"
    assert (bare / "count").read_text().strip() == "5"


async def test_a_program_that_never_ends_is_ended(bare, monkeypatch):
    monkeypatch.setattr(speech, "PATIENCE_SECONDS", 0.2)
    program(bare, "exec /bin/sleep 60")
    with pytest.raises(wav.Unplayable, match=r"took longer than 0\.2 s"):
        await reader().read("Hello", "en-US")
