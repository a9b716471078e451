"""What an answer, or a value, means. Pure."""

from __future__ import annotations

import re
from typing import Any

from apps.ivr.graph import Case, Node, Option
from apps.ivr.values import LONGEST_VALUE, Digits, Heard, Speech


def is_keys(answer: str) -> bool:
    """Was this pressed, not spoken?"""
    return all(sign in "0123456789*#ABCDwW•" for sign in answer)


def option_of(options: tuple[Option, ...], heard: Heard) -> Option | None:
    """The option that was pressed, or whose longest phrase was said."""
    if isinstance(heard, Digits):
        return next((option for option in options if option.key == heard.keys), None)
    if not isinstance(heard, Speech):
        return None
    said = f" {_plain(heard.text)} "
    meant = [
        (len(_plain(phrase)), -n, option)
        for n, option in enumerate(options)
        for phrase in option.phrases
        if _plain(phrase) and f" {_plain(phrase)} " in said
    ]
    return max(meant, key=lambda one: one[:2])[2] if meant else None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())


def fits(node: Node, keys: str) -> bool:
    """Digits alone, of the right length, in the form of one of the patterns."""
    if not (keys.isascii() and keys.isdigit() and node["min_digits"] <= len(keys) <= node["max_digits"]):
        return False
    return not node["pattern"] or any(matches(pattern, keys) for pattern in node["pattern"])


def matches(pattern: str, digits: str) -> bool:
    """Does the dial plan's `pattern` fit `digits`? X is any digit, Z is 1 to 9, N is 2 to 9."""
    classes = {"X": "0123456789", "Z": "123456789", "N": "23456789"}
    return len(pattern) == len(digits) and all(
        digit in classes.get(mark, mark) for mark, digit in zip(pattern, digits, strict=True)
    )


def holds(case: Case, value: str, wanted: str) -> bool:
    """Is the case true of `value`? Small and large letters are the same; no number is neither above nor below."""
    one, other = value.strip().casefold(), wanted.strip().casefold()
    match case.test:
        case "equals" | "not":
            return (one == other) == (case.test == "equals")
        case "contains":
            return other in one
        case "starts":
            return one.startswith(other)
        case "empty":
            return not one
    try:
        left, right = float(one), float(other)
    except ValueError:
        return False
    return left > right if case.test == "above" else left < right


def picked(answer: Any, path: str) -> str:
    """The value at `path` ("customer.orders.0.status") of a web service's answer, as a text; "" where there is none."""
    here = answer
    for part in path.split("."):
        if isinstance(here, dict):
            here = here.get(part)
        elif isinstance(here, list) and part.isascii() and part.isdigit() and int(part[:6]) < len(here):
            here = here[int(part[:6])]
        else:
            return ""
    if isinstance(here, bool):
        return "yes" if here else "no"
    return str(here)[:LONGEST_VALUE] if isinstance(here, str | int | float) else ""
