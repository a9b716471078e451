"""Names and how they are written: sids, phone numbers, dates."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_NANP = re.compile(r"^\+1(\d{3})(\d{3})(\d{4})$")


def new_sid(prefix: str) -> str:
    """A fresh sid: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def is_number(text: str) -> bool:
    return bool(E164.match(text))


def formatted(number: str) -> str:
    """North American numbers as (415) 867-5308, all others as they are."""
    match = _NANP.match(number)
    return "({}) {}-{}".format(*match.groups()) if match else number


def rfc2822(at: float | None) -> str | None:
    """Twilio's dates: `Tue, 31 Aug 2010 20:36:28 +0000`."""
    return None if at is None else format_datetime(datetime.fromtimestamp(at, UTC))


def iso(at: float | None) -> str | None:
    """Dates of our own control API: ISO 8601 with milliseconds and Z."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def split_client(address: str) -> tuple[str, dict[str, str]]:
    """`client:op_7?leg=abc` is identity op_7 with the custom parameter leg."""
    identity, _, query = address.removeprefix("client:").partition("?")
    return identity, dict(parse_qsl(query, keep_blank_values=True))
