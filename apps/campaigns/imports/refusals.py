"""Cells that a spreadsheet opens without running them."""

from __future__ import annotations

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(cell: str) -> str:
    """`cell` for a file that people open in a spreadsheet: with an apostrophe in front where it could be a formula.

    Read again by an import, the apostrophe is dropped (`bare`), so that corrected rows can be sent once more.
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def bare(cell: str) -> str:
    """`cell` without the apostrophe of `harmless`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
