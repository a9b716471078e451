"""A recording on its way to the disk: bare 16-bit PCM, so that a crash leaves no wrong header behind."""

from __future__ import annotations

from pathlib import Path

from . import codec

BLOCK = codec.RATE  # bytes kept back before they are written: half a second of one channel


class Tape:
    """Goes on where an earlier one ended, so an engine that was killed continues its recordings."""

    def __init__(self, path: Path, channels: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._rate = codec.RATE * codec.WIDTH * channels
        self._block = codec.WIDTH * channels
        self._file = path.open("ab", buffering=0)
        self._kept = bytearray()

    @property
    def seconds(self) -> float:
        return (self._file.tell() + len(self._kept)) / self._rate

    def write(self, frame: bytes) -> None:
        self._kept += frame
        if len(self._kept) >= BLOCK:
            self._flush()

    def align(self, seconds: float) -> None:
        """The recording is so long by now: what is missing (nobody was here to write it) is silence."""
        missing = round((seconds - self.seconds) * codec.RATE)
        if missing > codec.RATE // 10:
            self._kept += bytes(missing * self._block)
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        self._file.write(self._kept)
        self._kept.clear()
