"""What an uploaded sound file really is, read from its bytes and not from its name. Pure.

The carrier plays WAV (PCM, mu-law or A-law) and MP3; a file that it cannot play would be a silence in the caller's ear.
Formats: RIFF/WAVE (Microsoft and IBM, 1991) and MPEG audio layer III frames (ISO/IEC 11172-3, 13818-3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from apps.core.refused import Refused

MAX_BYTES = 10 * 1024 * 1024
MAX_SECONDS = 600
TOO_LARGE = f"The sound file is larger than {MAX_BYTES // 1024 // 1024} MB. Shorten it, or save it as MP3."

_WAV_CODECS = {1: "PCM", 6: "A-law", 7: "mu-law"}
_EXTENSIBLE = 0xFFFE
# kbit/s by index; MPEG 1 first, then MPEG 2 and 2.5 (layer III).
_BITRATES = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True)
class Sound:
    """A sound file that can be played. `kind` is "wav" or "mp3"."""

    kind: str
    seconds: float
    sample_rate: int
    channels: int


def inspect(data: bytes, *, longest_seconds: int = MAX_SECONDS) -> Sound:
    """Read the whole of `data`. Raises Refused when it is too large, too long, damaged or neither WAV nor MP3."""
    if len(data) > MAX_BYTES:
        raise _refused(TOO_LARGE)
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        sound = _read_wav(data)
    elif data[:3] == b"ID3" or _frame_length(data[:4]):
        sound = _read_mp3(data)
    else:
        raise _refused("This is neither a WAV nor an MP3 file. Save the recording as one of them, then upload it.")
    if sound.seconds > longest_seconds:
        raise _refused(f"The sound lasts longer than {longest_seconds // 60} minutes. Shorten it.")
    if sound.seconds < 0.1:
        raise _refused("The sound file is empty: it holds less than a tenth of a second. Record it again.")
    return sound


def _refused(sentence: str) -> Refused:
    return Refused(sentence, code="bad_sound", fields={"audio": [sentence]})


def _read_wav(data: bytes) -> Sound:
    chunks = dict(_chunks(data))
    form, body = chunks.get(b"fmt "), chunks.get(b"data")
    if form is None or body is None or len(form) < 16:
        raise _refused("The WAV file is damaged: it lacks its format or its sound. Save it again.")
    codec, channels, rate, bytes_a_second, _, bits = struct.unpack("<HHIIHH", form[:16])
    if codec == _EXTENSIBLE and len(form) >= 26:
        codec = struct.unpack("<H", form[24:26])[0]
    if codec not in _WAV_CODECS:
        raise _refused("The WAV file is in a format that telephones cannot play. Save it as PCM, 16 bit.")
    sane = 1 <= channels <= 2 and 8000 <= rate <= 48000 and (bits in (8, 16) if codec == 1 else bits == 8)
    if not sane or bytes_a_second != rate * channels * bits // 8:
        raise _refused("Telephones cannot play this WAV file. Save it as mono, 16 bit, 8000 to 48000 Hz.")
    return Sound("wav", len(body) / bytes_a_second, rate, channels)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        # A recorder that could not go back writes "to the end" as the largest size.
        if len(body) < size and size < 0x7FFFFFFF:
            raise _refused("The WAV file is cut off: it ends before its sound does. Save it again.")
        yield name, body
        at += 8 + size + size % 2


def _read_mp3(data: bytes) -> Sound:
    at, end = _skip_tag(data), len(data) - (128 if data[-128:-125] == b"TAG" else 0)
    frames, seconds, rate, channels = 0, 0.0, 0, 1
    while at + 4 <= end:
        header = data[at : at + 4]
        length = _frame_length(header)
        # The last frame is often short, and some programs write padding or a tag of their own after it.
        if not length or at + length > end:
            break
        version, rate = _rate(header)
        channels = 1 if header[3] >> 6 == 3 else 2
        seconds += (1152 if version == 3 else 576) / rate
        frames, at = frames + 1, at + length
    if frames < 3 or end - at > 8192:
        raise _refused("The MP3 file is damaged: its sound cannot be read to the end. Save it again.")
    return Sound("mp3", seconds, rate, channels)


def _skip_tag(data: bytes) -> int:
    """Where the sound begins behind an ID3v2 tag, whose size is written in four groups of 7 bits."""
    at = 0
    if data[:3] == b"ID3" and len(data) >= 10:
        size = 0
        for byte in data[6:10]:
            size = size << 7 | byte & 0x7F
        at = 10 + size
    # Some encoders pad with zeros between tag and first frame.
    while at < len(data) and data[at] == 0:
        at += 1
    return at


def _rate(header: bytes) -> tuple[int, int]:
    version = header[1] >> 3 & 3
    return version, _RATES[version][header[2] >> 2 & 3]


def _frame_length(header: bytes) -> int:
    """Bytes of the layer III frame that begins with `header`; 0 when none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    kbits = _BITRATES[0 if version == 3 else 1][bitrate]
    samples_in_bytes = 144 if version == 3 else 72
    return samples_in_bytes * kbits * 1000 // _RATES[version][rate] + (header[2] >> 1 & 1)
