import struct

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from apps.core.refused import Refused
from apps.core.sound import MAX_BYTES, Sound, inspect
from tests.support.sounds import mp3, wav


def test_a_telephone_wav_is_read():
    assert inspect(wav(2.5)) == Sound("wav", 2.5, 8000, 1)


def test_a_stereo_pcm_wav_is_read():
    assert inspect(wav(1, rate=44100, codec=1, channels=2, bits=16)) == Sound("wav", 1.0, 44100, 2)


def test_an_mp3_is_read_frame_by_frame():
    sound = inspect(mp3(40))

    assert (sound.kind, sound.sample_rate, sound.channels) == ("mp3", 44100, 2)
    assert sound.seconds == pytest.approx(40 * 1152 / 44100)


def test_an_mp3_without_a_tag_is_read():
    assert inspect(mp3(10, tag=False)).kind == "mp3"


def test_a_recorder_that_did_not_know_the_length_is_forgiven():
    data = bytearray(wav(1))
    data[40:44] = struct.pack("<I", 0xFFFFFFFF)

    assert inspect(bytes(data)).seconds == 1.0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither a WAV nor an MP3"),
        (b"<html>not a sound</html>", "neither a WAV nor an MP3"),
        (b"OggS" + bytes(200), "neither a WAV nor an MP3"),
        (wav(1)[:4000], "cut off"),
        (wav(1)[:30], "cut off"),
        (b"RIFF\x04\x00\x00\x00WAVE", "damaged"),
        (wav(1, codec=0x31), "cannot play"),
        (wav(1, codec=1, bits=24), "mono, 16 bit"),
        (wav(1, rate=4000), "mono, 16 bit"),
        (wav(0.01), "empty"),
        (wav(601), "longer than 10 minutes"),
        (b"RIFF" + bytes(MAX_BYTES), "larger than 10 MB"),
        (mp3(2), "damaged"),
        (mp3(5) + b"<script>" * 2000, "damaged"),
    ],
)
def test_what_a_telephone_cannot_play_is_refused_with_a_reason(data, words):
    with pytest.raises(Refused, match=words):
        inspect(data)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda tail: wav(0.2)[:44] + tail)))
def test_any_bytes_are_read_or_refused(data):
    try:
        assert inspect(data).seconds > 0
    except Refused as refusal:
        assert refusal.fields["audio"]


def test_the_music_of_the_house_is_for_telephones():
    music = (settings.BASE_DIR / "static/audio/hold.wav").read_bytes()

    assert len(music) < 400_000
    assert inspect(music) == Sound("wav", 36.0, 8000, 1)
