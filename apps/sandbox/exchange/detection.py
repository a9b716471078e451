"""Answering machine detection: who took the call, decided before the document (sync) or beside it (async)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lines.phones import Phone

if TYPE_CHECKING:
    from .calls import Call


@dataclass
class Detection:
    until_end: bool = False  # DetectMessageEnd waits for the beep
    asynchronous: bool = False
    url: str = ""
    method: str = "POST"
    timeout: float = 30.0

    def of(self, call: Call) -> tuple[str, float]:
        """What is found and after how many seconds."""
        if isinstance(call.line, Phone):
            found, seconds = call.line.behaviour.detection(self.until_end)
        else:
            found, seconds = "human", 1.0
        return ("unknown", self.timeout) if seconds > self.timeout else (found, seconds)


async def outbound(call: Call) -> None:
    """What runs on a call made by the REST API once it is answered."""
    detection: Detection | None = call.detection
    if detection is not None and not detection.asynchronous:
        found, seconds = detection.of(call)
        await call.network.clock.sleep(seconds)
        _found(call, found)
        call.documents.extra = call.documents.extra | _told(found, seconds)
    elif detection is not None:
        beside(call, detection)
    await call.network.runner(call).visit_first()


def beside(call: Call, detection: Detection) -> None:
    """Decide while the call goes on, then tell whoever asked."""
    found, seconds = detection.of(call)
    call.after(seconds, lambda: _report(call, detection, found, seconds))


def _report(call: Call, detection: Detection, found: str, seconds: float) -> None:
    _found(call, found)
    if detection.url:
        params = {"CallSid": call.sid, "AccountSid": call.network.settings.account_sid} | _told(found, seconds)
        call.network.webhooks.tell(detection.url, detection.method, params, kind="call.detected", sid=call.sid)


def _found(call: Call, found: str) -> None:
    call.answered_by = found
    call.note("call.detected", answered_by=found)


def _told(found: str, seconds: float) -> dict[str, str]:
    return {"AnsweredBy": found, "MachineDetectionDuration": str(round(seconds * 1000))}
