"""The port: everything that we ask the carrier to do, through its official SDK.

    port = get_port()
    sid = port.dial(to="+14155550123", from_=..., answer_url=callbacks.answered(leg), ...)

Runs after commit only: an open transaction would hold its locks as long as the carrier takes, and a rollback would
forget a call that rings. Each request leaves a CarrierRequest row, however it ends. Errors: `transport`.
"""

from __future__ import annotations

import functools
import logging
import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.carrier import callbacks, policy
from apps.carrier.account import Account
from apps.carrier.asking import checked_sid
from apps.carrier.facts import CallFacts, call_facts
from apps.carrier.transport import CarrierGone, CarrierLost, CarrierRefused

__all__ = ["CallFacts", "CarrierGone", "CarrierLost", "CarrierRefused", "Port", "get_port"]

logger = logging.getLogger(__name__)

PROGRESS = ["initiated", "ringing", "answered", "completed"]
_LONGEST_RING_SECONDS = 600


def get_port() -> Port:
    """The port to the configured carrier; one per process and account, because it keeps its connections."""
    return _port(os.getpid(), settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.CARRIER_BASE_URL)


@functools.lru_cache(maxsize=4)
def _port(_process: int, account: str, token: str, base_url: str) -> Port:
    return Port(account, token, base_url)


class Port(Account):
    """What the product can ask of the phone network. All methods may raise CarrierRefused, CarrierGone, CarrierLost;
    those that dial or write to a number raise Refused for a forbidden one, before anything is sent.

    `call_ref` is the public id of the call on whose behalf; it only goes into the request's row.
    """

    # --- Calls -------------------------------------------------------------------------------------------------------

    def dial(
        self,
        *,
        to: str,
        from_: str,
        answer_url: str,
        status_url: str,
        timeout_seconds: int,
        call_ref: uuid.UUID | None,
        record: bool = False,
        machine_detection: str = "",
        call_token: str = "",
    ) -> str:
        """Ring `to` (a number or `client:...`), showing `from_`; the sid of the new call. The document for whoever
        answers is asked at `answer_url`. Not idempotent: after CarrierLost reconcile with `find`, never dial again.

        `machine_detection`: "Enable" or "DetectMessageEnd"; the document is asked for once it is known who answered.
        `call_token` is the leave to show the number of the caller it came with.
        """
        policy.check_address(to)
        extra: dict[str, Any] = {"record": True, "recording_channels": "dual"} if record else {}
        if machine_detection:
            extra["machine_detection"] = machine_detection
        if call_token:
            extra["call_token"] = call_token
        return self._make(
            "dial", "", call_ref,
            lambda: self._sdk.calls.create(
                to=to, from_=from_, url=answer_url, method="POST",
                fallback_url=callbacks.fallback(), fallback_method="POST",
                status_callback=status_url, status_callback_method="POST", status_callback_event=PROGRESS,
                timeout=min(_LONGEST_RING_SECONDS, max(5, timeout_seconds)), **extra,
            ),
            "CA",
        )  # fmt: skip

    def redirect(self, sid: str, url: str, *, call_ref: uuid.UUID | None) -> None:
        """Make a live call go on with the document at `url`, whatever it is doing."""
        self._ask(
            "redirect", sid, call_ref,
            lambda: self._sdk.calls(sid).update(
                url=url, method="POST", fallback_url=callbacks.fallback(), fallback_method="POST"
            ),
        )  # fmt: skip

    def hang_up(self, sid: str, *, call_ref: uuid.UUID | None) -> None:
        """End a call, ringing or answered. CarrierGone when it was over already."""
        self._ask("hang up", sid, call_ref, lambda: self._sdk.calls(sid).update(status="completed"))

    def fetch(self, sid: str, *, call_ref: uuid.UUID | None = None) -> CallFacts | None:
        """What the carrier knows of a call; None when it knows none of that sid."""
        try:
            return call_facts(self._ask("fetch call", sid, call_ref, lambda: self._sdk.calls(sid).fetch()))
        except CarrierGone:
            return None

    def find(self, *, to: str, since: datetime, call_ref: uuid.UUID | None = None) -> list[CallFacts]:
        """Calls to `to` begun at or after `since`, newest first, 50 at most: what became of a lost answer.

        The carrier tells whole seconds, so a call of the same second before `since` is among them.
        """
        found = self._ask("find calls", "", call_ref, lambda: self._sdk.calls.list(to=to, limit=50, page_size=50))
        # It filters by start, which a queued call does not have yet; so we compare ourselves.
        second = since.replace(microsecond=0)
        facts = [call_facts(call) for call in found]
        return [call for call in facts if (at := call.created_at or call.started_at) is None or at >= second]

    def live(self) -> list[CallFacts]:
        """The calls of the account that are not over, up to a thousand in each status."""
        found = []
        for status in ("queued", "ringing", "in-progress"):
            rows = self._ask(
                "list live calls", "", None,
                lambda status=status: self._sdk.calls.list(status=status, limit=1000, page_size=1000),
            )  # fmt: skip
            found += [call_facts(row) for row in rows]
        return found

    # --- Rooms -------------------------------------------------------------------------------------------------------

    def hold(self, conference_sid: str, leg_sid: str, *, on: bool, music_url: str, call_ref: uuid.UUID | None) -> None:
        """Take one leg of a room out of the conversation (hearing `music_url`), or back in."""
        extra = {"hold_url": music_url, "hold_method": "POST"} if on else {}
        self._ask(
            "hold" if on else "unhold", leg_sid, call_ref,
            lambda: self._sdk.conferences(conference_sid).participants(leg_sid).update(hold=on, **extra),
        )  # fmt: skip

    def set_voice(
        self, conference_sid: str, leg_sid: str, *, muted: bool, coaches: str, call_ref: uuid.UUID | None
    ) -> None:
        """Who in the room hears a leg: nobody (`muted`), one leg only (`coaches`, its sid), or with neither all."""
        coach = {"call_sid_to_coach": coaches} if coaches else {}
        self._ask(
            "mute" if muted else "coach" if coaches else "unmute", leg_sid, call_ref,
            lambda: self._sdk.conferences(conference_sid).participants(leg_sid).update(
                muted=muted, coaching=bool(coaches), **coach
            ),
        )  # fmt: skip

    def find_conference(self, room_name: str, *, call_ref: uuid.UUID | None = None) -> str:
        """The sid of the live conference of that name, or ""."""
        found = self._ask(
            "find room", "", call_ref,
            lambda: self._sdk.conferences.list(friendly_name=room_name, limit=5, page_size=5),
        )  # fmt: skip
        return next((str(room.sid) for room in found if room.status != "completed"), "")

    # --- Recordings --------------------------------------------------------------------------------------------------

    def start_recording(self, leg_sid: str, *, status_url: str, call_ref: uuid.UUID | None) -> str:
        """Record a live leg in two channels (what it says, what it hears); the recording's sid."""
        return self._make(
            "start recording", leg_sid, call_ref,
            lambda: self._sdk.calls(leg_sid).recordings.create(
                recording_channels="dual", recording_status_callback=status_url,
                recording_status_callback_method="POST",
                recording_status_callback_event=["in-progress", "completed", "absent"],
            ),
            "RE",
        )  # fmt: skip

    def pause_recording(self, leg_sid: str, *, call_ref: uuid.UUID | None) -> None:
        """Put silence into the leg's running recording. CarrierLost unless the carrier confirms that it is paused."""
        self._steer_recording("pause recording", leg_sid, call_ref, status="paused", pause_behavior="silence")

    def resume_recording(self, leg_sid: str, *, call_ref: uuid.UUID | None) -> None:
        """Go on with a paused recording. CarrierLost unless the carrier confirms that it runs."""
        self._steer_recording("resume recording", leg_sid, call_ref, status="in-progress")

    def stop_recording(self, leg_sid: str, *, call_ref: uuid.UUID | None) -> None:
        """End the leg's running recording. CarrierLost unless the carrier confirms it."""
        self._steer_recording("stop recording", leg_sid, call_ref, "processing", "completed", status="stopped")

    def _steer_recording(
        self, action: str, leg_sid: str, call_ref: uuid.UUID | None, *also_good: str, **order: str
    ) -> None:
        def steer() -> None:
            found = self._sdk.calls(leg_sid).recordings("Twilio.CURRENT").update(**order)
            if found.status not in (order["status"], *also_good):
                raise CarrierLost(f"The carrier did not confirm: the recording is {found.status}.")

        self._ask(action, leg_sid, call_ref, steer)

    def fetch_recording_media(
        self, recording_sid: str, *, channels: int = 2, call_ref: uuid.UUID | None = None
    ) -> Iterator[bytes]:
        """The recording as a WAV file, piece by piece. CarrierGone while it is not ready (or no more), CarrierLost when
        it breaks off: then what came is worth nothing."""
        sid = checked_sid(recording_sid, "RE")
        url = (
            f"https://api.twilio.com/2010-04-01/Accounts/{self.account}/Recordings/{sid}.wav"
            f"?RequestedChannels={channels}"
        )
        pieces = self._http.media(url, self._auth)
        # The first piece tells whether there is one; only then the row can say how it ended.
        first = self._ask("fetch recording", "", call_ref, lambda: next(pieces, b""))
        return _with_first(first, pieces)

    def delete_recording(self, recording_sid: str, *, call_ref: uuid.UUID | None = None) -> None:
        """Delete the carrier's copy; one that is not there is deleted."""
        sid = checked_sid(recording_sid, "RE")
        try:
            self._ask("delete recording", "", call_ref, lambda: self._sdk.recordings(sid).delete())
        except CarrierGone:
            logger.info("A recording to be deleted at the carrier was not there any more.")

    # --- Text messages -----------------------------------------------------------------------------------------------

    def send_sms(
        self, *, to: str, from_: str, body: str, status_url: str = "", call_ref: uuid.UUID | None = None
    ) -> str:
        """Send a text message of at most 1600 characters; its sid. After CarrierLost it may have been sent."""
        policy.check_destination(to)
        extra = {"status_callback": status_url} if status_url else {}
        return self._make(
            "send message", "", call_ref,
            lambda: self._sdk.messages.create(to=to, from_=from_, body=body[:1600], **extra),
            "SM", "MM",
        )  # fmt: skip


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
