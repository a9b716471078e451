"""What the carrier tells about its things, as values of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call at the carrier. `duration_seconds` is None unless it was answered and is over."""

    sid: str
    status: str
    direction: str
    duration_seconds: int | None
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """A number of the account and where its calls are answered."""

    sid: str
    number: str
    name: str
    voice_url: str
    fallback_url: str
    status_url: str
    application_sid: str


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """The application through which desks call out."""

    sid: str
    voice_url: str
    fallback_url: str


def call_facts(call: Any) -> CallFacts:
    """From the SDK's call."""
    duration = str(call.duration or "")
    return CallFacts(
        sid=str(call.sid),
        status=str(call.status),
        direction=str(call.direction or ""),
        duration_seconds=int(duration) if duration.isdigit() else None,
        created_at=_utc(call.date_created),
        started_at=_utc(call.start_time),
        ended_at=_utc(call.end_time),
    )


def number_facts(number: Any) -> NumberFacts:
    """From the SDK's incoming phone number."""
    return NumberFacts(
        sid=str(number.sid),
        number=str(number.phone_number),
        name=number.friendly_name or "",
        voice_url=number.voice_url or "",
        fallback_url=number.voice_fallback_url or "",
        status_url=number.status_callback or "",
        application_sid=number.voice_application_sid or "",
    )


def _utc(at: Any) -> datetime | None:
    """The SDK gives aware times; what it could not read it leaves as text."""
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
