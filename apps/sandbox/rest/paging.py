"""Lists in pages: relative addresses, newest first, tokens that say after which row to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from .errors import refused

META = {"Page", "PageSize", "PageToken"}


def page(
    path: str, query: dict[str, str], key: str, rows: Sequence[Any], show: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Twilio's list envelope; `rows` are all rows in order, each with a sid."""
    size = _number(query.get("PageSize", "50"), 20007)
    if not 1 <= size <= 1000:
        raise refused(20007)
    number = _number(query.get("Page", "0"), 21481)
    start, token = number * size, query.get("PageToken", "")
    if token:
        start = _after(rows, token, size)
    shown = rows[start : start + size]
    filters = {name: value for name, value in query.items() if name not in META}

    def address(page_number: int, token: str = "") -> str:
        said = {"PageSize": size, "Page": page_number} | ({"PageToken": token} if token else {})
        return f"{path}?{urlencode(filters | said)}"

    more, before = start + size < len(rows), start > 0 and bool(shown)
    return {
        key: [show(row) for row in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1 if shown else start,
        "uri": address(number),
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1, f"PA{_sid(shown[-1])}") if more else None,
        "previous_page_uri": address(max(0, number - 1), f"PB{_sid(shown[0])}") if before else None,
    }


def _after(rows: Sequence[Any], token: str, size: int) -> int:
    direction, sid = token[:2], token[2:]
    found = next((i for i, row in enumerate(rows) if _sid(row) == sid), None)
    if direction not in ("PA", "PB") or found is None:
        raise refused(21481, "Invalid PageToken")
    return found + 1 if direction == "PA" else max(0, found - size)


def _sid(row: Any) -> str:
    """What names a row in its list: its sid, or its call's (members and participants)."""
    return str(getattr(row, "sid", None) or row.call.sid)


def _number(text: str, code: int) -> int:
    if not text.isdigit():
        raise refused(code)
    return int(text)
