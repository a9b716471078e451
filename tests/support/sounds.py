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


def flac(blocks: int = 4, *, value: int = 1000) -> bytes:
    """A FLAC file (RFC 9639) of one unmoving value: 8000 Hz, mono, 16 bit; a block is about half a second."""
    samples = 4096 * blocks
    about = (4096).to_bytes(2, "big") * 2 + bytes(6) + (8000 << 44 | 15 << 36 | samples).to_bytes(8, "big") + bytes(16)
    sound = b"fLaC" + b"\x80" + len(about).to_bytes(3, "big") + about
    for number in range(blocks):
        head = bytes([0xFF, 0xF8, 0xC4, 0x08, number])
        frame = head + _crc(head, 8, 0x07) + b"\x00" + value.to_bytes(2, "big")
        sound += frame + _crc(frame, 16, 0x8005)
    return sound


def _crc(data: bytes, bits: int, polynomial: int) -> bytes:
    rest, top = 0, 1 << bits - 1
    for byte in data:
        rest ^= byte << bits - 8
        for _bit in range(8):
            rest = (rest << 1 ^ polynomial if rest & top else rest << 1) & (top * 2 - 1)
    return rest.to_bytes(bits // 8, "big")
