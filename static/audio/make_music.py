"""Makes the sounds of the house: hold.wav (music for callers who wait) and ring.wav (the desk's bell).

    python3 static/audio/make_music.py

Needs only the standard library. Everything is composed here, so nobody's licence is needed to play it.

hold.wav is for telephones: 8000 Hz, mu-law, 36 seconds that loop without a seam (each tail that runs over the end goes
on at the beginning). All tones lie between 150 and 3000 Hz, where a telephone can carry them.
"""

import math
import struct
import wave
from array import array
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent

PHONE_RATE = 8000
BAR = 3.0  # seconds: four beats at 80 a minute
NAMES = {name: step for step, name in enumerate(["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"])}

# Twelve bars: bass, the chord from below, and a tune as (beat, note, beats).
BARS = [
    ("F3", ["A3", "C4", "E4", "G4"], [(0, "C5", 2), (2, "A4", 1.5), (3.5, "G4", 0.5)]),
    ("D3", ["A3", "C4", "F4", "A4"], [(0, "A4", 3)]),
    ("A#3", ["D4", "F4", "A4"], [(0, "D5", 1.5), (1.5, "C5", 0.5), (2, "A4", 2)]),
    ("C4", ["E4", "G4", "A#4"], [(0.5, "G4", 1), (1.5, "A4", 1), (2.5, "C5", 1.5)]),
    ("F3", ["A3", "C4", "E4", "G4"], [(0, "E5", 2), (2, "D5", 1), (3, "C5", 1)]),
    ("A3", ["C4", "E4", "G4"], [(0, "C5", 3)]),
    ("A#3", ["D4", "F4", "A4"], [(0, "F5", 1.5), (1.5, "E5", 0.5), (2, "D5", 2)]),
    ("C4", ["F4", "G4", "A#4"], [(0, "C5", 3)]),
    ("D3", ["A3", "C4", "F4"], [(0, "A4", 1), (1, "C5", 1), (2, "D5", 2)]),
    ("A3", ["C4", "E4", "G4"], [(0, "E5", 1.5), (1.5, "D5", 0.5), (2, "C5", 2)]),
    ("A#3", ["D4", "F4", "A4"], [(0, "A4", 2), (2, "C5", 1), (3, "A4", 1)]),
    ("C4", ["E4", "G4", "A#4"], [(0, "G4", 3)]),
]


def hertz(note: str) -> float:
    """The frequency of "A4" and its like, in equal temperament."""
    return 440.0 * 2 ** ((NAMES[note[:-1]] - 9) / 12 + int(note[-1]) - 4)


class Tape:
    """Seconds of sound that closes into a ring."""

    def __init__(self, seconds: float, rate: int) -> None:
        self.rate = rate
        self.samples = array("d", bytes(8 * int(seconds * rate)))

    def add(self, at: float, seconds: float, partials: Iterable[tuple[float, float]], attack: float, fade: float):
        """A tone from `at`: `partials` are (hertz, loudness); it swells for `attack` and dies away by 1/e in `fade`."""
        rate, samples, size = self.rate, self.samples, len(self.samples)
        start, length, release = int(at * rate), int(seconds * rate), 0.12 * rate
        waves = [(2 * math.pi * frequency / rate, loudness) for frequency, loudness in partials]
        for n in range(length):
            shape = min(1.0, n / (attack * rate)) * math.exp(-n / (fade * rate)) * min(1.0, (length - n) / release)
            samples[(start + n) % size] += shape * sum(loud * math.sin(step * n) for step, loud in waves)

    def echo(self, delay: float, loudness: float, times: int) -> None:
        dry, size = self.samples[:], len(self.samples)
        for turn in range(1, times + 1):
            shift, part = int(turn * delay * self.rate), loudness**turn
            for n in range(size):
                self.samples[n] += part * dry[(n - shift) % size]

    def levelled(self, peak: float) -> list[float]:
        top = max(abs(sample) for sample in self.samples)
        return [sample * peak / top for sample in self.samples]


def piano(note: str, loudness: float) -> list[tuple[float, float]]:
    """A soft electric piano: the tone, its octave and a breath of the next, never above what a telephone carries."""
    base = hertz(note)
    partials = [(base, 1.0), (2 * base, 0.28), (3 * base, 0.07), (1.003 * base, 0.35)]
    return [(frequency, loudness * part) for frequency, part in partials if frequency < 3000]


def hold_music() -> Tape:
    tape, beat = Tape(BAR * len(BARS), PHONE_RATE), BAR / 4
    for number, (bass, chord, tune) in enumerate(BARS):
        at = number * BAR
        tape.add(at, BAR, [(hertz(bass), 0.42), (2 * hertz(bass), 0.2)], 0.05, 1.6)
        for note in chord:  # a pad, two strings a hair apart
            tape.add(at - 0.2, BAR + 0.6, [(hertz(note) * d, 0.075) for d in (0.998, 1.002)], 0.9, 6.0)
        pattern = [chord[step % len(chord)] for step in (0, 1, 2, 1, len(chord) - 1, 1, 2, 1)]
        for step, note in enumerate(pattern):
            tape.add(at + step * beat / 2, 1.1, piano(note, 0.15 if step % 4 else 0.19), 0.006, 0.45)
        for start, note, beats in tune:
            tape.add(at + start * beat, beats * beat + 0.7, piano(note, 0.36), 0.012, 0.9)
    tape.echo(0.19, 0.3, 3)
    return tape


def ring() -> Tape:
    """Three rising notes of wood and glass, answered once, then silence: four seconds, to be looped."""
    tape = Tape(4.0, 16000)
    for offset, loudness in ((0.0, 1.0), (0.9, 0.7)):
        for step, note in enumerate(["D5", "A5", "F#5"]):
            base = hertz(note)
            wood = [(base, 0.5), (4.0 * base, 0.06), (2 * base, 0.12)]
            tape.add(offset + step * 0.17, 1.3, [(f, part * loudness) for f, part in wood], 0.004, 0.28)
    tape.echo(0.11, 0.22, 2)
    return tape


def mu_law(sample: float) -> int:
    """One sample (-1 to 1) as ITU-T G.711 mu-law writes it."""
    value = max(-32635, min(32635, round(sample * 32767)))
    sign, value = (0x80, -value) if value < 0 else (0, value)
    value += 132
    exponent = value.bit_length() - 8
    return ~(sign | exponent << 4 | value >> exponent + 3 & 0x0F) & 0xFF


def write_mu_law(path: Path, samples: list[float], rate: int) -> None:
    body = bytes(map(mu_law, samples))
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 7, 1, rate, rate, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, len(body))
    chunks = form + fact + struct.pack("<4sI", b"data", len(body)) + body
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks)


def write_pcm(path: Path, samples: list[float], rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *(round(32767 * sample) for sample in samples)))


if __name__ == "__main__":
    write_mu_law(FOLDER / "hold.wav", hold_music().levelled(0.5), PHONE_RATE)
    write_pcm(FOLDER / "ring.wav", ring().levelled(0.45), 16000)
