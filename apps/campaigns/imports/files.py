"""From bytes to rows of cells: encoding, delimiter, quotes, NULs, lines without end. Nothing is read whole.

A broken row is a row with a `fault`; the rows after it are read on. A file that is no table of text at all is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from charset_normalizer import from_bytes

LARGEST_BYTES = 100 * 1024 * 1024
LOOKED_AT = 64 * 1024  # of the beginning, to tell what the file is
LONGEST_LINE = 256 * 1024  # characters
MOST_LINES = 40  # that one row in quotes may reach over
DELIMITERS = (",", ";", "\t", "|")
CONTROL = bytes([*range(9), *range(14, 32), 127])  # which text does not have
FEW = 20  # characters that are not ASCII: too few to tell one encoding by
UNREADABLE = "\ufffd"
# What files that are no text begin with.
SIGNATURES = {
    b"PK\x03\x04": "That is an Excel workbook or another packed file. In Excel, choose “Save as” and “CSV UTF-8”.",
    b"\xd0\xcf\x11\xe0": "That is an old Excel workbook. In Excel, choose “Save as” and “CSV UTF-8”.",
    b"%PDF": "That is a PDF. Export the contacts as CSV from where they come from.",
    b"\x1f\x8b": "That is a packed file. Unpack it first.",
}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class FileRefused(Exception):
    """The file cannot be taken at all; the text is a sentence for a person."""


class Row(NamedTuple):
    """`line` is the line of the file on which the row begins, 1 the first. With a `fault` the cells are a guess."""

    line: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Format:
    """How a file is written. `headings` are unique; a file without a heading has “Column 1” and so on. `samples`: the
    cells of the first rows."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    has_heading: bool
    samples: tuple[tuple[str, ...], ...] = ()


def examine(file: BinaryIO, size: int, *, encoding: str = "", delimiter: str = "") -> Format:
    """What the file is; the position of `file` is moved. `encoding` and `delimiter` given are taken as they are.

    Raises FileRefused.
    """
    if size > LARGEST_BYTES:
        raise FileRefused(
            f"The file has {_megabytes(size)}; {_megabytes(LARGEST_BYTES)} are the most that is taken at once. "
            "Split it and import the parts one by one."
        )
    file.seek(0)
    head = file.read(LOOKED_AT)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise FileRefused("The file is empty. Choose one with a heading and a row for each contact.")
    for signature, sentence in SIGNATURES.items():
        if head.startswith(signature):
            raise FileRefused(sentence)
    encoding = _known(encoding) if encoding else _encoding(file, head)
    if not encoding.startswith("utf-16") and len(head) - len(head.translate(None, CONTROL)) > max(8, len(head) / 100):
        raise FileRefused("That is not a text file. Export the contacts as CSV from where they come from.")
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    delimiter = delimiter or _delimiter(text)
    first = []
    for row in _rows(io.StringIO(text, newline=""), delimiter):
        first.append(row)
        if len(first) == 6:
            break
    usable = [row for row in first if not row.fault]
    if not usable:
        raise FileRefused(f"No row of the file can be read. The first one: {first[0].fault}" if first else "No rows.")
    has_heading = _is_heading(first[0].cells) and not first[0].fault
    if has_heading and len(first) == 1:
        raise FileRefused("The file has a heading and no row below it: there is nobody in it.")
    width = max(len(row.cells) for row in usable)
    named = first[0].cells if has_heading else []
    samples = tuple(tuple(row.cells) for row in usable if row is not first[0] or not has_heading)
    return Format(encoding, delimiter, _unique(named, width), has_heading, samples[:5])


def records(file: BinaryIO, kind: Format) -> Generator[Row, None, None]:
    """The rows below the heading, one after the other; empty lines are passed over."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=kind.encoding, errors="replace", newline="")
    try:
        rows = _rows(text, kind.delimiter)
        if kind.has_heading:
            next(rows, None)
        yield from rows
    finally:
        text.detach()  # the file is the caller's, who closes it


def _rows(text: io.TextIOBase, delimiter: str) -> Iterator[Row]:
    lines = _Lines(text)
    while (found := lines.next()) is not None:
        number, line, fault = found
        if not line.strip("\ufeff\r\n \x00" + delimiter):
            continue
        if fault:
            yield Row(number, [line[:200]], fault)
            continue
        more = lines.until_quotes_close(line) if line.count('"') % 2 else []
        cells = _cells(line + "".join(text for _number, text, _fault in more or ()), delimiter)
        if more is None or (more and cells is None):
            # The lines below are rows of their own.
            lines.again(more or [])
            yield Row(number, _loosely(line, delimiter), "A quote is opened and never closed.")
        elif cells is None:
            yield Row(number, _loosely(line, delimiter), "The quotes do not match: write a quote inside quotes twice.")
        else:
            yield _row(number, cells)


def _cells(text: str, delimiter: str) -> list[str] | None:
    """None when its quotes are against the rules."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _row(number: int, cells: list[str]) -> Row:
    cells, line = [cell.strip() for cell in cells], "".join(cells)
    if "\x00" in line:
        return Row(number, [cell.replace("\x00", "") for cell in cells], "It has NUL characters, which no text has.")
    if UNREADABLE in line:
        return Row(number, cells, "Some characters cannot be read in the encoding of the file.")
    return Row(number, cells)


def _loosely(line: str, delimiter: str) -> list[str]:
    """Cells of a line that no rule reads, for the file of refused rows."""
    return [cell.strip().replace("\x00", "") for cell in line.rstrip("\r\n").split(delimiter)]


class _Lines:
    """Lines with their numbers, some of which were read too far and are given again."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text, self._number = text, 0
        self._again: deque[tuple[int, str, str]] = deque()

    def next(self) -> tuple[int, str, str] | None:
        return self._again.popleft() if self._again else self._read()

    def again(self, lines: list[tuple[int, str, str]]) -> None:
        """They come once more."""
        self._again.extendleft(reversed(lines))

    def until_quotes_close(self, first: str) -> list[tuple[int, str, str]] | None:
        """The lines up to the one with the closing quote; None when none of the next ones has it: they come again."""
        taken: list[tuple[int, str, str]] = []
        length = len(first)
        for _ in range(MOST_LINES - 1):
            found = self.next()
            if found is None:
                break
            taken.append(found)
            length += len(found[1])
            if found[2] or length > LONGEST_LINE:
                break
            if found[1].count('"') % 2:
                return taken
        self.again(taken)
        return None

    def _read(self) -> tuple[int, str, str] | None:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            return None
        self._number += 1
        number = self._number
        if len(line) < LONGEST_LINE or line.endswith(("\n", "\r")):
            return number, line, ""
        while (rest := self._text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        return number, line, f"The line is longer than {LONGEST_LINE:,} characters."


def _encoding(file: BinaryIO, head: bytes) -> str:
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    zeros = head.count(0)
    if zeros > len(head) / 5:
        # Western text of two bytes a character: every other one is zero.
        return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    if _is_utf8(file):
        return "utf-8"
    if sum(byte > 127 for byte in head) < FEW:
        return "cp1252"
    best = from_bytes(head).best()
    # Several encodings of the West differ in nothing that is there; this is the one that spreadsheets write.
    same = best is None or str(best) == head.decode("cp1252", "replace")
    return "cp1252" if same or best is None else best.encoding


def _is_utf8(file: BinaryIO) -> bool:
    """Whether the file is UTF-8, a broken row here and there allowed; those are refused one by one later."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    while chunk := file.read(1024 * 1024):
        if chunk.isascii():
            continue
        text = decoder.decode(chunk)
        broken = text.count(UNREADABLE)
        bad += broken
        good += sum(not character.isascii() for character in text) - broken
    return not bad or good > 2 * bad


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise FileRefused(f"“{encoding}” is no encoding that is known here.") from error


def _delimiter(text: str) -> str:
    """The sign that parts the first lines most evenly into the most cells."""
    lines = [line for line in text.splitlines()[:20] if line.strip()] or [""]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        most = max(set(counts), key=counts.count)
        return (counts.count(most) if most else 0, most)

    return max(DELIMITERS, key=evenness)


def _is_heading(cells: list[str]) -> bool:
    """A heading has words: no cell of it looks like a number, an address or a whole telephone number."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and not any("@" in cell or sum(map(str.isdigit, cell)) >= 5 for cell in filled)


def _unique(cells: list[str], width: int) -> tuple[str, ...]:
    found: list[str] = []
    for number in range(width):
        name = (cells[number] if number < len(cells) else "").strip("\ufeff ")[:80] or f"Column {number + 1}"
        again, plain = 2, name
        while name in found:
            name, again = f"{plain} ({again})", again + 1
        found.append(name)
    return tuple(found)


def _megabytes(size: int) -> str:
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{size / 1024**2:.0f} MB"
