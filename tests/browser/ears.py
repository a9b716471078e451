"""Browsers with a voice and ears: each says a tone into its microphone, and tells which tones it hears."""

from __future__ import annotations

import array
import io
import math
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, Page

from callcenter.processes import poll
from tests.support.chromium import LAUNCH

# In the telephone's band, far from each other and from the house's music.
TONES = {"customer": 530, "operator": 790, "supervisor": 1270}
REFUSED = "refused"  # whose browser does not let the page use the microphone
GATE_DB = -45
PATIENCE_S = 15

# What a page's sound card would get goes through an analyser too; the microphone is left as it is, because a tone is
# noise to a filter that is made for voices.
EARS = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) {
    const ear = new AnalyserNode(this.context, { fftSize: 32768, smoothingTimeConstant: 0 });
    connect.call(this, ear);
    (window.ears ??= []).push(ear);
  }
  return connect.call(this, target, ...rest);
};
const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (ask) {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  navigator.mediaDevices.getUserMedia = () => ask({ audio: plain });
}
window.hears = (tones) => Object.fromEntries(Object.entries(tones).map(([name, hertz]) => [name, Math.max(-200,
  ...(window.ears ?? []).map((ear) => {
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const at = Math.round(hertz * ear.fftSize / ear.context.sampleRate);
    return Math.max(...bins.slice(at - 3, at + 4));
  }))]));
"""


def write_tone(path: Path, hertz: float, seconds: int = 10) -> Path:
    """A microphone's sound: 48 kHz, whole periods, so that it loops without a click."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        step = 2 * math.pi * hertz / 48_000
        file.writeframes(
            array.array("h", (round(12_000 * math.sin(step * n)) for n in range(48_000))).tobytes() * int(seconds)
        )
    return path


@contextmanager
def voice(chromium: BrowserType, folder: Path, name: str) -> Iterator[Browser]:
    """A Chromium of its own (the microphone's file is a flag of the process) that says `name`'s tone, else nothing."""
    tone = write_tone(folder / f"{name}.wav", TONES.get(name, 0))
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={tone}"]
    if name != REFUSED:
        flags.append("--use-fake-ui-for-media-stream")  # else a browser without a face says no to every question
    browser = chromium.launch(**{**LAUNCH, "args": [*LAUNCH["args"], *flags]})  # type: ignore[arg-type,misc]
    try:
        yield browser
    finally:
        browser.close()


def hears(page: Page) -> set[str]:
    levels = page.evaluate("(tones) => window.hears(tones)", TONES)
    return {name for name, level in levels.items() if level > GATE_DB}


def comes_to_hear(page: Page, *names: str) -> None:
    """The page hears these voices and no other, now or soon."""
    found: list[set[str]] = []

    def settled() -> bool:
        found.append(hears(page))
        return found[-1] == set(names)

    assert poll(settled, timeout_s=PATIENCE_S, every_s=0.3), f"wanted {set(names)}, heard {found[-3:]}"


def voices_in(recording: bytes) -> list[set[str]]:
    """Whose tones each channel of a WAV file holds."""
    with wave.open(io.BytesIO(recording)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        rate, channels = file.getframerate(), file.getnchannels()
    return [_voices(samples[channel::channels], rate) for channel in range(channels)]


def _voices(samples: array.array[int], rate: int) -> set[str]:
    """Loud anywhere: judged a second at a time."""
    found = set()
    for begin in range(0, max(1, len(samples) - rate + 1), rate):
        part = samples[begin : begin + rate]
        for name, hertz in TONES.items():
            step = 2 * math.pi * hertz / rate
            real = sum(value * math.cos(step * n) for n, value in enumerate(part))
            imaginary = sum(value * math.sin(step * n) for n, value in enumerate(part))
            if 2 * math.hypot(real, imaginary) / max(1, len(part)) / 32_768 > 10 ** (GATE_DB / 20):
                found.add(name)
    return found
