"""How rows are written in frames."""

from __future__ import annotations

from datetime import UTC, datetime

from apps.calls.models import Call
from apps.core import numbers


def iso(at: datetime | None) -> str | None:
    """UTC with milliseconds and Z, as the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def number(call: Call) -> str:
    """The customer's number as people write it; the carrier's word for a withheld one stays."""
    return number_of(call.customer_number)


def number_of(customer_number: str) -> str:
    """The same of `Call.customer_number` alone."""
    return numbers.pretty(customer_number) if customer_number.startswith("+") else "withheld number"
