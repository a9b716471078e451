"""Sound files, rates, and frames that come unevenly."""

import array
import io
import math
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sandbox.media import write_wav
from apps.sandbox.sound import codec, tones, wav
from apps.sandbox.sound.hall import Track
from apps.sandbox.sound.jitter import DEEPEST, Jitter

from .ears import strength


def file(rate: int, *, hertz: float = 440, channels: int = 1, width: int = 2, seconds: float = 1.0) -> bytes:
    """A WAV file of one tone, 0.5 loud."""
    out = io.BytesIO()
    top = 2 ** (8 * width - 1) - 1
    with wave.open(out, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(width)
        target.setframerate(rate)
        for n in range(round(rate * seconds)):
            value = round(top * 0.5 * math.sin(2 * math.pi * hertz * n / rate))
            sample = (value + 128).to_bytes(1, "little") if width == 1 else value.to_bytes(width, "little", signed=True)
            target.writeframesraw(sample * channels)
    return out.getvalue()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
def test_a_file_of_any_rate_plays_at_its_pitch_and_length(rate):
    pcm = codec.decode(wav.read(file(rate)))
    assert abs(len(pcm) / 2 / codec.RATE - 1) < 0.01
    assert 0.47 < strength(pcm[1600:-1600], 440) < 0.53


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_samples_of_any_width_are_read(width):
    assert 0.47 < strength(codec.decode(wav.read(file(8000, width=width))), 440) < 0.53


def test_two_channels_become_one():
    pcm = codec.decode(wav.read(file(16000, channels=2)))
    assert len(pcm) == 2 * codec.RATE
    assert strength(pcm, 440) > 0.9


def test_what_a_telephone_cannot_carry_is_filtered_out_instead_of_folded_down():
    pcm = codec.decode(wav.read(file(48000, hertz=6000)))
    assert strength(pcm, 2000) < 0.01


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ID3\x04 an MP3", "WAV files only"),
        (b"", "WAV files only"),
        (file(8000)[:40], "damaged"),
        (b"RIFF\x00\x00\x00\x00WAVE", "damaged"),
        (file(8000, channels=3), "more than two channels"),
    ],
)
def test_what_cannot_be_played_is_refused_with_a_reason(data, why):
    with pytest.raises(wav.Unplayable, match=why):
        wav.read(data)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(noise):
    for data in (noise, b"RIFF0000WAVE" + noise, file(8000, seconds=0.01)[:44] + noise):
        try:
            assert isinstance(wav.read(data), bytes)
        except wav.Unplayable:
            continue


def test_what_is_written_can_be_read_by_others():
    pcm = array.array("h", range(-800, 800)).tobytes()
    with wave.open(io.BytesIO(write_wav(pcm, 2))) as read:
        assert (read.getnchannels(), read.getframerate(), read.getsampwidth()) == (2, 8000, 2)
        assert read.readframes(read.getnframes()) == pcm


def test_a_key_is_its_two_pitches_for_a_moment_of_half_a_second():
    sound = codec.decode(tones.keys("5#"))
    assert len(sound) == 2 * codec.RATE
    five, hash_ = sound[: 2 * 1280], sound[2 * 4000 : 2 * 5280]
    assert strength(five, 770) > 0.15 < strength(five, 1336)
    assert strength(hash_, 941) > 0.15 < strength(hash_, 1477)


@given(st.integers(1, 700), st.integers(0, 4))
def test_a_clip_gives_each_of_its_samples_in_order_as_often_as_told(size, times):
    sound = bytes((n * 7) % 256 for n in range(size))
    track, frames = Track("x", sound, times), []
    while (frame := track.take()) is not None and len(frames) < 20:
        frames.append(frame)
    given_out, wanted = b"".join(frames), codec.decode(sound * (times or 4000))
    played = min(len(given_out), len(wanted))
    assert given_out[:played] == wanted[:played]
    assert not any(given_out[len(wanted) :])
    assert times == 0 or len(frames) == 20 or len(given_out) >= len(wanted)


def test_frames_are_given_out_in_order_and_silence_when_there_are_none():
    line = Jitter()
    assert line.take() is None and not line.underruns
    line.put(b"1")
    assert line.take() == b"1"
    assert line.take() is None and line.underruns == 1
    line.put(b"2")
    assert line.take() is None, "it ran dry once and wants a reserve"
    line.put(b"3")
    assert [line.take(), line.take()] == [b"2", b"3"]


def test_after_a_stall_the_past_is_dropped():
    line = Jitter()
    for n in range(30):
        line.put(b"%d" % n)
    assert line.dropped == 30 - DEEPEST
    assert line.take() == b"24"


def test_a_queue_that_stays_deep_is_trimmed_by_a_frame_a_second():
    line = Jitter()
    for n in range(5):
        line.put(b"%d" % n)
    for n in range(100):
        line.take()
        line.put(b"%d" % n)
    assert line.dropped == 2
