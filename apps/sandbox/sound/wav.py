"""Sound files: WAV of any usual kind as a telephone's mu-law."""

from __future__ import annotations

import struct

from . import codec

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


class Unplayable(Exception):
    """The sound cannot be played; the text says why."""


def read(data: bytes) -> bytes:
    """A WAV file as mu-law at 8000 Hz, one channel. Raises Unplayable."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise Unplayable("the sandbox plays WAV files only, and this is none")
    kind, channels, rate, bits, samples = _chunks(data)
    if kind == A_LAW:
        samples, bits = codec.decode_a_law(samples), 16
    elif kind == MU_LAW:
        if channels == 1 and rate == codec.RATE:
            return samples
        samples, bits = codec.decode(samples), 16
    elif kind != PCM or bits not in (8, 16, 24, 32):
        raise Unplayable("the WAV file is neither PCM nor A-law nor mu-law")
    if channels not in (1, 2) or not 4000 <= rate <= 192_000:
        raise Unplayable("the WAV file has more than two channels, or an odd rate")
    block = bits // 8 * channels
    pcm = codec.to_sixteen_bits(samples[: len(samples) // block * block], bits // 8)
    if channels == 2:
        pcm = codec.to_one_channel(pcm)
    return codec.encode(codec.to_phone_rate(pcm, rate))


def _chunks(data: bytes) -> tuple[int, int, int, int, bytes]:
    """Kind, channels, rate, bits and samples. Sizes that lie (a stream's header) are cut to what is there."""
    at, shape = 12, None
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if kind == EXTENSIBLE and len(body) >= 26:
                kind = struct.unpack_from("<H", body, 24)[0]
            shape = (kind, channels, rate, bits)
        elif name == b"data" and shape is not None:
            return (*shape, body)
        at += 8 + size + size % 2
    raise Unplayable("the WAV file is damaged")
