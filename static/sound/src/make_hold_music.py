#!/usr/bin/env python3
"""Makes `../hold.wav`: 36 seconds of quiet broken chords, written for this product, free to use.

12 bars of four beats at 80 a minute; 8 kHz, 16 bit, one channel, as a telephone carries it. Ends where it begins.
"""

import array
import math
import wave
from pathlib import Path

RATE = 8000
BEAT_SECONDS = 0.75
# One chord a bar, as MIDI notes from the bass up.
BARS = [
    (48, 60, 64, 67, 71), (45, 60, 64, 67, 69), (50, 60, 65, 69, 72), (43, 59, 62, 65, 69),
    (52, 59, 64, 67, 71), (45, 60, 64, 67, 72), (41, 60, 64, 65, 69), (43, 59, 62, 65, 67),
    (48, 60, 64, 67, 72), (40, 59, 64, 67, 71), (41, 60, 65, 69, 72), (43, 59, 62, 65, 71),
]  # fmt: skip
# Which notes of the chord sound on the eight half beats.
FIGURE = [1, 2, 3, 4, 3, 2, 4, 2]


def tone(midi: int, seconds: float, loud: float, decay: float) -> list[float]:
    """A soft struck note: three partials that die away, with a gentle attack."""
    hertz = 440 * 2 ** ((midi - 69) / 12)
    return [
        loud
        * min(1, at / 0.012)
        * math.exp(-at * decay)
        * sum(share * math.sin(2 * math.pi * hertz * partial * at) for partial, share in ((1, 1), (2, 0.3), (3, 0.08)))
        for at in (n / RATE for n in range(int(seconds * RATE)))
    ]


def main() -> None:
    length = int(len(BARS) * 4 * BEAT_SECONDS * RATE)
    sound = [0.0] * length
    for bar, chord in enumerate(BARS):
        start = bar * 4 * BEAT_SECONDS
        notes = [(start, chord[0], 0.16, 0.7, 3.4)]
        notes += [(start + n * BEAT_SECONDS / 2, chord[pick], 0.1, 2.2, 1.6) for n, pick in enumerate(FIGURE)]
        for at, midi, loud, decay, seconds in notes:
            for offset, value in enumerate(tone(midi, seconds, loud, decay), int(at * RATE)):
                # What still sounds at the end is heard at the beginning: no gap when it is played again.
                sound[offset % length] += value
    samples = array.array("h", (int(max(-1.0, min(1.0, value)) * 32767) for value in sound))
    with wave.open(str(Path(__file__).parent.parent / "hold.wav"), "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    main()
