"""A text as a row of recorded phrases: how exchanges have always read out numbers, places and times. Pure.

A phrase is looked up by its words without case, spaces and stops; numbers and times are taken apart, so that 27
recordings read every number below a hundred: 14:25 is 14, 20, 5 and 9:05 is 9, oh, 5.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

STOPS = ".,:;!?"
LONGEST = 48  # words of a phrase
JOINED, COMMA, FULL_STOP = 0.04, 0.16, 0.32  # seconds after a phrase
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")


@dataclass(frozen=True)
class Piece:
    """A phrase, by its key, and how many seconds of silence follow it."""

    phrase: str
    pause: float


def key(text: str) -> str:
    """By which a phrase is found."""
    return " ".join(word for word, _ in _words(text))


def cover(text: str, phrases: Container[str]) -> list[Piece]:
    """The text as pieces of these phrases, the longest first; [] when some word of it is in none."""
    words, pieces, at = list(_words(text)), [], 0
    while at < len(words):
        for end in range(min(len(words), at + LONGEST), at, -1):
            phrase = " ".join(word for word, _ in words[at:end])
            if phrase in phrases:
                pieces.append(Piece(phrase, words[end - 1][1]))
                at = end
                break
        else:
            return []
    return pieces


def _words(text: str) -> Iterator[tuple[str, float]]:
    """Each word and the pause after it."""
    for said in text.casefold().split():
        bare = said.strip(STOPS)
        parts = _spoken(bare)
        for part in parts[:-1]:
            yield part, JOINED
        if parts:
            yield parts[-1], JOINED if said.endswith(bare) else COMMA if said.endswith(",") else FULL_STOP


def _spoken(word: str) -> list[str]:
    """The words that read a number or a time aloud; every other word is itself."""
    if clock := _CLOCK.fullmatch(word):
        hour, minute = clock.groups()
        rest = ["o'clock"] if minute == "00" else ["oh", minute[1]] if minute[0] == "0" else _spoken(minute)
        return [*_spoken(str(int(hour))), *rest]
    if re.fullmatch(r"[2-9][1-9]", word):
        return [f"{word[0]}0", word[1]]
    return [word] if word else []
