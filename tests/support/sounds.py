"""Small sound files, made here."""

import struct


def wav(seconds: float = 1.0, *, rate: int = 8000, codec: int = 7, channels: int = 1, bits: int = 8) -> bytes:
    """A WAV file of silence; mu-law unless said."""
    body = b"\xff" * int(seconds * rate * channels * bits // 8)
    form = struct.pack("<HHIIHH", codec, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def mp3(frames: int = 40, *, tag: bool = True) -> bytes:
    """An MP3 file: MPEG 1 layer III, 128 kbit/s, 44100 Hz, stereo; 417 bytes and 26 ms a frame."""
    frame = bytes([0xFF, 0xFB, 0x90, 0x00]) + bytes(413)
    return (b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) if tag else b"") + frame * frames
