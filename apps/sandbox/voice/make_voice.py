"""Reads what the demo says aloud, into WAV files beside this one, for machines without a voice of their own.

    pip install -r requirements/voice.in
    python -m apps.sandbox.voice.make_voice

Makes what is missing and removes what nobody says any more; to have one made afresh, remove its file. Piper's American
voice "joe" is in the public domain (CC0); the files are mu-law at 8000 Hz, as a telephone has them.
"""

from __future__ import annotations

import array
import asyncio
import json
import re
import struct

from apps.sandbox.sound import codec, wav
from apps.sandbox.speech import RECORDED, Speech

# Said again and again, and therefore recorded in one breath.
SENTENCES = (
    "Thank you for calling Northline Freight.",
    "For dispatch, press 1. For billing, press 2. For dispatch in Spanish, press 3. To hear this again, press 0.",
    "Sorry, that is not one of the choices.",
    "We did not hear a key.",
    "This call may be recorded.",
    "You are in line for dispatch.",
    "You are in line for billing.",
    "You are in line for a dispatcher who speaks Spanish.",
    "Thank you for waiting. Somebody will be with you soon.",
    "You are next.",
    *(f"You are number {place} in line." for place in range(2, 11)),
    "We expect to answer you in less than a minute.",
    "We expect that it takes an hour or longer.",
    "To be called back and keep your place, press 1.",
    "We will gladly call you back. You keep your place in line.",
    "To be called there, press 1. To give another number, press 2.",
    "To go on waiting instead, press star.",
    "We have no number that we can call you back at.",
    "Please key the number with its area code, then press the hash key.",
    "Sorry, we cannot call that number.",
    "Sorry, we did not understand that.",
    "Sorry, that key has no meaning here.",
    "You are back in line, in your old place.",
    "Sorry, we cannot call you back at the moment.",
    "Your callback stands already.",
    "Hello, this is Northline Freight.",
    "You asked us to call you back. One moment, please: we connect you.",
    "We are sorry, our colleague could not stay on the line. We will call you again. Good-bye.",
    "This callback is not needed any more.",
    "The customer cannot be called.",
    "We are closed now. We are sorry that we could not help you today.",
    "The office is closed. Our dispatchers answer day and night on the main number. Good-bye.",
    "All of us are on the phone. Please try again in a few minutes. Good-bye.",
    "This call cannot be taken. Good-bye.",
    "One moment, please.",
    "The caller has gone.",
    "We are sorry, we could not understand your choice. Please call again. Good-bye.",
    "We are sorry, we cannot take your call right now. Please try again later. Good-bye.",
    "We are sorry, all our lines are busy. Please try again later. Good-bye.",
    "We are sorry, nobody answers there. Please try again later. Good-bye.",
    "We are sorry, the connection to our colleague was lost. Good-bye.",
    "We are sorry, this call cannot go on. Please try again later. Good bye.",
    "This number is not in use. Good-bye.",
    "We are sorry, an application error has occurred. Goodbye.",
    "You have reached my voicemail. Please leave a message.",
    # What a customer without a microphone can say in the booth.
    "Good morning. I have a question about my delivery.",
    "The order number is four seven one one.",
    "Can you tell me when it will arrive?",
    "Yes, please.",
    "No, thank you.",
    "Could you repeat that, please?",
    "Thank you very much. Good-bye.",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# Between them stand numbers, times, and names of queues.
PARTS = (
    "You are number", "in line", "We expect to answer you in about", "minute", "minutes", "The number is",
    "To be called back and keep your place, press", "For dispatch, press", "For billing, press",
    "For dispatch in Spanish, press", "Thank you. We will call you back", "You can hang up now. Good-bye.",
    "as soon as an operator is free, at the latest", "at", "before", "between", "and", "today", "tomorrow",
    *(f"on {name}" for name in (*DAYS, *MONTHS)),
)  # fmt: skip
# How a voice reads what is written otherwise.
NUMBERS = {str(number): f"{number}." for number in (*range(1, 21), *range(30, 100, 10))} | {"0": "Zero."}
SIGNS = NUMBERS | {"oh": "Oh.", "o'clock": "O'clock."}

QUIET, EDGE = 40, 80  # rms of 16-bit samples that is no voice yet; samples in 10 ms


async def main() -> None:
    speech = Speech()
    speech.recorded = {}  # afresh, not from the files of last time
    index = {}
    for phrase, read in ({text: text for text in (*SENTENCES, *PARTS)} | SIGNS).items():
        name = index[phrase] = f"{re.sub('[^a-z0-9]+', '-', read.casefold()).strip('-')[:48].rstrip('-')}.wav"
        if not (RECORDED / name).exists():
            (RECORDED / name).write_bytes(_file(_trimmed(await speech.read(read, "en-US"))))
    if len(set(index.values())) < len(index):
        raise SystemExit("Two phrases have one file: lengthen the names.")
    for old in {file.name for file in RECORDED.glob("*.wav")} - set(index.values()):
        (RECORDED / old).unlink()
    (RECORDED / "index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _trimmed(sound: bytes) -> bytes:
    """Without the silence before and after: what joins phrases says how long to wait. 20 ms stay for soft sounds."""
    pcm = codec.decode(sound)
    loud = [at for at in range(0, len(sound) - EDGE, EDGE) if codec.rms(pcm[2 * at : 2 * (at + EDGE)], 2) > QUIET]
    if not loud:
        raise SystemExit("The voice said nothing.")
    return _faded(pcm[2 * max(0, loud[0] - 2 * EDGE) : 2 * (loud[-1] + 3 * EDGE)])


def _faded(pcm: bytes) -> bytes:
    """Soft edges of 10 ms, so that no piece begins with a click."""
    samples = array.array("h", pcm)
    for n in range(min(EDGE, len(samples))):
        samples[n] = samples[n] * n // EDGE
        samples[-1 - n] = samples[-1 - n] * n // EDGE
    return codec.encode(samples.tobytes())


def _file(sound: bytes) -> bytes:
    sound += b"\xff" * (len(sound) % 2)
    shape = struct.pack("<4sIHHIIHHH", b"fmt ", 18, wav.MU_LAW, 1, 8000, 8000, 1, 8, 0)
    body = shape + struct.pack("<4sII", b"fact", 4, len(sound)) + struct.pack("<4sI", b"data", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


if __name__ == "__main__":
    asyncio.run(main())
