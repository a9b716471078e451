"""Sounds are decoded to their end and kept as telephones carry them."""

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.refused import Refused
from apps.core.sound import inspect
from apps.core.telephone_sound import convert
from tests.support.sounds import flac, mp3, wav


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [
        (wav(2), 2), (wav(2, codec=6), 2), (wav(2, rate=44_100, codec=1, channels=2, bits=16), 2),
        (wav(1, rate=48_000, codec=1, bits=16), 1), (mp3(80), 2.1), (flac(4), 2.05),
    ],
)  # fmt: skip
def test_whatever_is_uploaded_is_kept_as_a_telephone_carries_it(sound, seconds):
    kept = convert(sound)

    with wave.open(io.BytesIO(kept)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
    assert inspect(kept).seconds == pytest.approx(seconds, abs=0.06)


def test_what_is_heard_stays_what_it_was():
    with wave.open(io.BytesIO(convert(flac(4, value=1000)))) as file:
        samples = file.readframes(file.getnframes())

    assert {samples[i : i + 2] for i in range(0, len(samples), 2)} == {(1000).to_bytes(2, "little")}


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (b"OggS" + b"junk" * 50, "damaged"), (flac()[:60], "cut off|damaged"), (b"fLaC" + bytes(90), "damaged"),
        (b"<html>" * 20, "neither"), (wav(0.05), "empty"), (wav(4)[:-9], "cut off"), (b"", "neither"),
        (b"fLaC" + bytes(11 * 1024 * 1024), "larger than 10 MB"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused(sound, why):
    with pytest.raises(Refused, match=why):
        convert(sound)


def test_a_small_file_that_holds_a_long_sound_is_refused():
    long = flac(120)  # one minute in 2 KB
    assert len(long) < 2000

    with pytest.raises(Refused, match="longer than 1 minutes"):
        convert(long, longest_seconds=60)


@given(st.binary(max_size=300), st.sampled_from([b"", b"OggS", b"fLaC", b"ID3\x04", b"\xff\xfb\x90\x00", b"RIFF"]))
def test_no_bytes_make_it_fail_otherwise(data, head):
    try:
        convert(head + data)
    except Refused as refusal:
        assert refusal.sentence
