"""What the carrier tells us, as a value: a form's fields checked and named in our words.

Pure. Fields that we know must have their proper form and appear once: the carrier's signature does not protect the
border between a name and its value. Fields that we do not know are kept and ignored, for the carrier
adds some now and then.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

CALL_STATUSES = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "answered"}
    | {"completed", "busy", "failed", "no-answer", "canceled"}
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,63}")
_LONGEST_VALUE = 4096


class Malformed(ValueError):
    """The request does not have the form of the carrier's. The text says which field, never its value."""


class UnknownSubject(LookupError):
    """Raised by a view: the request is genuine, but about something that we do not know."""


def _sid(prefix: str) -> re.Pattern[str]:
    return re.compile(f"{prefix}[0-9a-f]{{32}}")


def _one_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


# Callers' networks deliver strange things as a number; a strange caller is still a caller.
_ADDRESS = re.compile(r"[^\x00-\x1f\x7f]{0,320}")
_COUNT = re.compile(r"|[0-9]{1,9}")
_FLAG = _one_of("", "true", "false")
# Every field that we read, and what it must look like.
_FORMS: dict[str, re.Pattern[str]] = {
    "AccountSid": _sid("AC"),
    "CallSid": _sid("CA"),
    "ParentCallSid": re.compile("|CA[0-9a-f]{32}"),
    "DialCallSid": re.compile("|CA[0-9a-f]{32}"),
    "CallStatus": _one_of(*sorted(CALL_STATUSES)),
    "DialCallStatus": _one_of(*sorted(CALL_STATUSES)),
    "From": _ADDRESS,
    "To": _ADDRESS,
    "Direction": re.compile(r"[a-z\-]{1,30}"),
    "Digits": re.compile(r"[0-9A-D*#wW]{0,64}|hangup"),
    "CallDuration": _COUNT,
    "SequenceNumber": _COUNT,
    "ErrorCode": _COUNT,
    "SipResponseCode": _COUNT,
    "QueueTime": _COUNT,
    "QueuePosition": _COUNT,
    "QueueResult": re.compile(r"[a-z\-]{1,40}"),
    "QueueSid": _sid("QU"),
    "ConferenceSid": _sid("CF"),
    "StatusCallbackEvent": re.compile(r"[a-z\-]{1,40}"),
    "Muted": _FLAG,
    "Hold": _FLAG,
    "RecordingSid": _sid("RE"),
    "RecordingStatus": _one_of("in-progress", "paused", "stopped", "completed", "absent", "failed"),
    "RecordingDuration": re.compile(r"|-1|[0-9]{1,9}"),
    "RecordingChannels": _COUNT,
    "MessageSid": re.compile("[SM]M[0-9a-f]{32}"),
    "MessageStatus": re.compile(r"[a-z_]{1,30}"),
    "AnsweredBy": re.compile(r"[a-z_]{1,40}"),
}
_CALL = ("AccountSid", "CallSid", "CallStatus")
# Without these a request of the kind says nothing. Kinds that are not named tell of a call.
_NEEDED: dict[str, tuple[str, ...]] = {
    "conference": ("AccountSid", "ConferenceSid", "StatusCallbackEvent"),
    "recording": ("AccountSid", "RecordingSid", "RecordingStatus"),
    "message": ("AccountSid", "MessageSid", "MessageStatus"),
    # Both are read to somebody who is on the line: better without a field than not at all.
    "music": (),
    "fallback": (),
}


@dataclass(slots=True)
class CarrierEvent:
    """One request of the carrier. Empty text and None mean that the field was not there.

    Times are seconds, `at` is when the carrier says it happened. A view sets `call_ref` (the call's public id) where it
    answers with a document, so that the delivery is found by call; progress reports are found by `call_sid` as well.
    """

    kind: str
    params: dict[str, str] = field(repr=False)
    account_sid: str = ""
    call_sid: str = ""
    call_status: str = ""
    from_: str = field(default="", repr=False)
    to: str = field(default="", repr=False)
    direction: str = ""
    digits: str = field(default="", repr=False)
    speech: str = field(default="", repr=False)
    parent_call_sid: str = ""
    sequence: int | None = None
    at: datetime | None = None
    duration_seconds: int | None = None
    error_code: int | None = None
    dial_status: str = ""
    dial_sid: str = ""
    queue_result: str = ""
    queue_seconds: int | None = None
    conference_sid: str = ""
    conference_event: str = ""
    room_name: str = ""
    reason: str = ""
    recording_sid: str = ""
    recording_status: str = ""
    recording_seconds: int | None = None
    message_sid: str = ""
    message_status: str = ""
    call_ref: uuid.UUID | None = None


def form(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields by name. Raises Malformed when a name is strange, comes twice, or a value is too long or not text."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if not _NAME.fullmatch(name):
            raise Malformed("A field has a name that the carrier does not use.")
        if name in fields:
            raise Malformed(f"{name} comes more than once.")
        if len(value) > _LONGEST_VALUE or "\x00" in value:
            raise Malformed(f"{name} is too long or holds a zero byte.")
        fields[name] = value
    return fields


def parse(kind: str, fields: Mapping[str, str]) -> CarrierEvent:
    """The event that `fields` tell of. Raises Malformed when one that we read is missing or has a wrong form."""
    for name in _NEEDED.get(kind, _CALL):
        if name not in fields:
            raise Malformed(f"{name} is missing.")
    for name, pattern in _FORMS.items():
        value = fields.get(name)
        if value is None or pattern.fullmatch(value):
            continue
        if kind == "fallback":
            fields = {known: fields[known] for known in fields if known != name}
        else:
            raise Malformed(f"{name} has a form that the carrier does not use.")
    get = fields.get
    return CarrierEvent(
        kind=kind,
        params=dict(fields),
        account_sid=get("AccountSid", ""),
        call_sid=get("CallSid", ""),
        call_status=get("CallStatus", ""),
        from_=get("From", ""),
        to=get("To", ""),
        direction=get("Direction", ""),
        digits=get("Digits", ""),
        speech=get("SpeechResult", ""),
        parent_call_sid=get("ParentCallSid", ""),
        sequence=_count(get("SequenceNumber")),
        at=_time(get("Timestamp", "")),
        duration_seconds=_count(get("CallDuration")),
        error_code=_count(get("ErrorCode")),
        dial_status=get("DialCallStatus", ""),
        dial_sid=get("DialCallSid", ""),
        queue_result=get("QueueResult", ""),
        queue_seconds=_count(get("QueueTime")),
        conference_sid=get("ConferenceSid", ""),
        conference_event=get("StatusCallbackEvent", ""),
        room_name=get("FriendlyName", ""),
        reason=get("ReasonParticipantLeft", "") or get("ReasonConferenceEnded", ""),
        recording_sid=get("RecordingSid", ""),
        recording_status=get("RecordingStatus", ""),
        recording_seconds=_count(get("RecordingDuration")),
        message_sid=get("MessageSid", ""),
        message_status=get("MessageStatus", ""),
    )


def _count(text: str | None) -> int | None:
    return int(text) if text and text != "-1" else None


def _time(text: str) -> datetime | None:
    """The carrier's time stamp (RFC 2822); one that cannot be read counts as absent, for it is only a hint."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
