"""What a manager writes for the desks of a queue: a script, an address of another system, fields to fill in. Pure.

In script and address `{name}`, `{number}` ... stand for facts of the call. A field is one line: its label, a star when
it must be filled in, and after a colon the answers to choose from.

    Load number*
    Size*: small, large
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError

FACTS = ("name", "company", "number", "queue", "operator", "our_number", "call", "tags")
_PLACE = re.compile(r"\{([^{}]*)\}")
_LABEL = re.compile(r"[^:*]{1,60}")
MOST_FIELDS = 12


@dataclass(frozen=True, slots=True)
class Field:
    """`choices` empty: free text."""

    label: str
    required: bool
    choices: tuple[str, ...] = ()


def fill(text: str, facts: Mapping[str, str]) -> str:
    """`text` with the facts in their places; a place that means nothing stays as it is written."""
    return _PLACE.sub(lambda place: facts.get(place[1], place[0]), text)


def fill_address(address: str, facts: Mapping[str, str]) -> str:
    """The same for a web address: what is filled in cannot change where it leads."""
    return fill(address, {name: quote(value, safe="") for name, value in facts.items()})


def check_places(text: str) -> None:
    """Raise ValidationError for a place that means nothing."""
    unknown = sorted({place for place in _PLACE.findall(text) if place not in FACTS})
    if unknown:
        known = ", ".join(f"{{{fact}}}" for fact in FACTS)
        raise ValidationError(f"{{{unknown[0]}}} means nothing here. You can use {known}.")


def check_address(address: str) -> None:
    """Raise ValidationError unless it is a web address whose host is written out."""
    check_places(address)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise ValidationError("This is not a web address.") from error
    if parts.scheme not in {"https", "http"} or not parts.hostname or _PLACE.search(parts.netloc):
        raise ValidationError("Write a whole web address, such as https://crm.example.com/?phone={number}.")


def fields(text: str) -> list[Field]:
    """The fields that `text` asks for. Raises ValidationError for a line that cannot be read."""
    found: list[Field] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, answers = line.partition(":")
        label = head.strip().removesuffix("*").strip()
        if not _LABEL.fullmatch(label):
            raise ValidationError(f"“{line[:60]}” is no field: write a label of at most 60 letters, then * or a colon.")
        choices = tuple(filter(None, (answer.strip() for answer in answers.split(","))))
        found.append(Field(label, head.strip().endswith("*"), choices))
    if len(found) > MOST_FIELDS:
        raise ValidationError(f"At most {MOST_FIELDS} fields: nobody fills in more after a call.")
    if len({field.label for field in found}) < len(found):
        raise ValidationError("Two fields have the same label.")
    return found


def check_fields(text: str) -> None:
    """Raise ValidationError when `fields` would."""
    fields(text)
