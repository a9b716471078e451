"""Texts read aloud: recorded sentences, programs of the machine, and a word where there is neither."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.carrier.webhook import APOLOGY as NO_WAY_ON
from apps.clients.models import Client
from apps.core import numbers
from apps.destinations.models import Destination
from apps.ivr.services import APOLOGY
from apps.queues.models import Callback, Choice, Queue
from apps.sandbox import speech
from apps.sandbox.app import STATIC
from apps.sandbox.lines.phones import GREETING
from apps.sandbox.phrases import COMMA, cover, key
from apps.sandbox.sound import codec, wav
from apps.sandbox.speech import MISSING, Speech
from apps.switchboard import words
from callcenter import demo, demo_queues


def said_in_the_demo() -> list[str]:
    """What a newcomer hears on the first day, and the booth's ready lines; `words` that hold a place come below."""
    switchboard = [
        value for name, value in vars(words).items() if name.isupper() and isinstance(value, str) and "{" not in value
    ]
    booth = re.findall(r'^  "(.+)",$', (STATIC / "sound.js").read_text(encoding="utf-8"), re.MULTILINE)
    fields = [Queue._meta.get_field("comfort_message"), Client._meta.get_field("recording_announcement")]
    demos = [*demo.PROMPTS.values(), *demo.ENDINGS.values(), *demo_queues.GREETINGS.values()]
    assert len(booth) > 4 and len(switchboard) > 15
    return [*demos, *switchboard, *booth, *(field.default for field in fields), APOLOGY, NO_WAY_ON, GREETING]


def not_recorded(texts: Iterable[str]) -> list[str]:
    recorded = Speech().recorded
    return [text for text in texts if not cover(text, recorded)]


def test_what_the_demo_says_is_recorded_and_sounds_on_every_machine():
    assert not_recorded(said_in_the_demo()) == []


def test_places_and_waits_are_recorded_however_long_the_line():
    places = [f"You are number {place} in line." for place in range(2, 100)]
    waits = {words.expected_wait(seconds) for seconds in range(0, 7200, 10)}
    assert len(waits) == 21
    assert not_recorded([*places, *waits]) == []


@pytest.mark.parametrize("key", list("0123456789"))
def test_every_key_of_a_choice_in_the_demos_queues_is_recorded(key):
    call_me = Choice(key=key, action=Choice.Action.CALLBACK)
    others = [
        Choice(key=key, action=Choice.Action.GO, destination=Destination(label=label))
        for label in demo_queues.GREETINGS
    ]
    assert not_recorded(words.choices([choice]) for choice in (call_me, *others)) == []


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True) | st.just("+442079460123"))
def test_every_number_that_is_confirmed_is_recorded(number):
    for home in ("US", "GB"):
        spoken = words.CONFIRM_NUMBER.format(number=numbers.read_out(number, home), wait_on=words.WAIT_ON)
        assert not_recorded([spoken, words.ENTER_NUMBER.format(wait_on=words.WAIT_ON)]) == []


MINUTES = st.integers(1, 60 * 24 * 30).map(lambda minutes: timedelta(minutes=minutes))
MOMENTS = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(0, 60 * minutes)
)


@given(asked=MOMENTS, begins=st.none() | MINUTES, lasts=MINUTES)
def test_every_promise_of_a_callback_is_recorded(asked, begins, lasts):
    start = None if begins is None else asked + begins
    until = (start or asked) + lasts
    callback = Callback(promised_from=start, promised_until=until, expires_at=until)
    when = words.callback_time(callback, asked, ZoneInfo("America/Los_Angeles"))
    assert not_recorded([words.CALLBACK_PROMISED.format(when=when)]) == []


def test_a_callback_greets_with_the_companys_name():
    assert not_recorded([words.CALLING_BACK.format(client=demo.NAME)]) == []


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Back before  14:25.", ["back before", "14", "20", "5"]),
        ("9:05, back", ["9", "oh", "5", "back"]),
        ("0:00", ["0", "o'clock"]),
        ("Before 9, back", ["before", "9", "back"]),
        ("Back at 9", []),
        ("", []),
        (" ?! ", []),
    ],
)
def test_a_text_is_made_of_the_longest_phrases_or_of_none(text, phrases):
    known = {key(each) for each in ("back before", "Back", "before", "o'clock", "oh", "0", "5", "9", "14", "20")}
    assert [piece.phrase for piece in cover(text, known)] == phrases


@given(st.text())
def test_no_text_breaks_the_search_for_phrases(text):
    known = {"a", "b", "1"}
    assert all(piece.phrase in known for piece in cover(text, known))


async def test_phrases_in_a_row_sound_one_after_the_other_with_a_breath_between():
    speech = Speech()
    four, seven, both = [len(await speech.read(text, "en-US")) for text in ("4", "7", "4, 7.")]
    assert both == four + seven + round(COMMA * codec.RATE)


def test_every_recorded_sentence_is_a_voice_of_a_fitting_length():
    for text, path in Speech().recorded.items():
        pcm = codec.decode(wav.read(path.read_bytes()))
        seconds = len(pcm) / 2 / codec.RATE
        assert 0.03 * len(text) < seconds < 0.6 + 0.12 * len(text), text
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
