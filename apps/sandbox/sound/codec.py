"""Samples: mu-law as phones send it, 16-bit PCM as it is mixed, and other rates brought down to a telephone's."""

from __future__ import annotations

import math
import warnings
from functools import lru_cache

with warnings.catch_warnings():
    # Leaves the standard library with Python 3.13; from there on the package audioop-lts brings it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

RATE = 8000
FRAME = 160  # samples in 20 ms
FRAME_SECONDS = FRAME / RATE
WIDTH = 2  # bytes of a PCM sample
QUIET = bytes(FRAME * WIDTH)
QUIET_ULAW = b"\xff" * FRAME
TAPS = 63

add = audioop.add  # both of one length; what is too loud is clipped
rms = audioop.rms


def decode(ulaw: bytes) -> bytes:
    return audioop.ulaw2lin(ulaw, WIDTH)


def encode(pcm: bytes) -> bytes:
    return audioop.lin2ulaw(pcm, WIDTH)


def decode_a_law(data: bytes) -> bytes:
    return audioop.alaw2lin(data, WIDTH)


def to_sixteen_bits(data: bytes, width: int) -> bytes:
    """Samples of 1 (unsigned, as WAV has it), 2, 3 or 4 bytes as 16-bit PCM."""
    if width == 1:
        data = audioop.bias(data, 1, -128)
    return data if width == WIDTH else audioop.lin2lin(data, width, WIDTH)


def to_one_channel(pcm: bytes) -> bytes:
    """Two channels, added and clipped."""
    return audioop.tomono(pcm, WIDTH, 1, 1)


def interleave(left: bytes, right: bytes) -> bytes:
    return add(audioop.tostereo(left, WIDTH, 1, 0), audioop.tostereo(right, WIDTH, 0, 1), WIDTH)


def to_phone_rate(pcm: bytes, rate: int) -> bytes:
    """One channel of 16-bit PCM at `rate` as 8000 Hz; what a telephone cannot carry is filtered out first."""
    if rate == RATE:
        return pcm
    if rate > RATE:
        pcm = _low_pass(pcm, 3400 / rate)
    return audioop.ratecv(pcm, WIDTH, 1, rate, RATE, None)[0]


def _low_pass(pcm: bytes, cut: float) -> bytes:
    """A windowed sinc, tap by tap over the whole sound: shifted copies, weighed and added, all of it in C."""
    middle = TAPS // 2
    padded = bytes(4 * middle) + audioop.lin2lin(pcm, WIDTH, 4) + bytes(4 * middle)
    size = len(pcm) // WIDTH * 4
    total = bytes(size)
    for tap, weight in enumerate(_sinc(cut)):
        total = audioop.add(total, audioop.mul(padded[4 * tap : 4 * tap + size], 4, weight), 4)
    return audioop.lin2lin(total, 4, WIDTH)


@lru_cache(maxsize=16)
def _sinc(cut: float) -> tuple[float, ...]:
    middle = TAPS // 2
    taps = []
    for n in range(-middle, middle + 1):
        wave = 2 * cut if not n else math.sin(2 * math.pi * cut * n) / (math.pi * n)
        taps.append(wave * (0.54 + 0.46 * math.cos(math.pi * n / middle)))
    return tuple(tap / sum(taps) for tap in taps)
