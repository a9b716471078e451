"""Sound files made fit for a telephone. Pure.

Decoded to the end, so that a damaged one is found before a caller meets silence, and written as the carrier's lines
carry it: 8000 Hz, one channel, 16 bit (RIFF/WAVE, PCM).
"""

from __future__ import annotations

import io
import wave

import miniaudio

from apps.core import sound
from apps.core.refused import Refused

RATE = 8000
_OTHERS = {b"OggS": "Ogg Vorbis", b"fLaC": "FLAC"}


def convert(data: bytes, *, longest_seconds: int = sound.MAX_SECONDS) -> bytes:
    """`data` (WAV, MP3, FLAC or Ogg Vorbis) as a WAV file for the telephone.

    Raises Refused when it is too large, too long, too short, damaged, or of another kind.
    """
    if data[:4] not in _OTHERS or len(data) > sound.MAX_BYTES:
        sound.inspect(data, longest_seconds=longest_seconds)
    samples = _decoded(data, longest_seconds)
    if len(samples) < RATE // 10 * 2:
        raise _refused("The sound file is empty: it holds less than a tenth of a second. Record it again.")
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)
    return written.getvalue()


def _decoded(data: bytes, longest_seconds: int) -> bytes:
    """The samples. Decoded piece by piece: a small file can hold a very long silence."""
    samples = bytearray()
    try:
        pieces = miniaudio.stream_memory(
            data, output_format=miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE
        )
        for piece in pieces:
            samples += piece.tobytes()
            if len(samples) > longest_seconds * RATE * 2:
                raise _refused(f"The sound lasts longer than {longest_seconds // 60} minutes. Shorten it.")
    except miniaudio.MiniaudioError as error:
        kind = _OTHERS.get(data[:4], "sound")
        raise _refused(f"The {kind} file cannot be played: it is damaged. Save it again.") from error
    if data[:4] == b"fLaC" and len(samples) < _promised(data) * 0.98:
        raise _refused("The FLAC file is cut off: it ends before its sound does. Save it again.")
    return bytes(samples)


def _promised(data: bytes) -> float:
    """How many bytes of samples the head of a FLAC file promises; 0 when it does not say."""
    head = miniaudio.flac_get_info(data)
    return head.num_frames / head.sample_rate * RATE * 2


def _refused(sentence: str) -> Refused:
    return Refused(sentence, code="bad_sound", fields={"audio": [sentence]})
