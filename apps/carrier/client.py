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
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import requests
from django.conf import settings
from django.db import DatabaseError, connection
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from apps.carrier import callbacks, policy
from apps.carrier.facts import (
    ApplicationFacts,
    CallFacts,
    NumberFacts,
    call_facts,
    number_facts,
)
from apps.carrier.models import CarrierRequest
from apps.carrier.transport import (
    CarrierGone,
    CarrierHttpClient,
    CarrierLost,
    CarrierRefused,
    never_sent,
)

__all__ = [
    "CallFacts",
    "CarrierGone",
    "CarrierLost",
    "CarrierRefused",
    "Port",
    "get_port",
]

logger = logging.getLogger(__name__)
T = TypeVar("T")
Outcome = CarrierRequest.Outcome

PROGRESS = ["initiated", "ringing", "answered", "completed"]
# 21220: the call is not in a state for that (it is over); 20404: there is no such thing.
_GONE = frozenset({21220, 20404})
_LONGEST_RING_SECONDS = 600


def get_port() -> Port:
    """The port to the configured carrier; one per process and account, because it keeps its connections."""
    return _port(
        os.getpid(),
        settings.TWILIO_ACCOUNT_SID,
        settings.TWILIO_AUTH_TOKEN,
        settings.CARRIER_BASE_URL,
    )


@functools.lru_cache(maxsize=4)
def _port(_process: int, account: str, token: str, base_url: str) -> Port:
    return Port(account, token, base_url)


class Port:
    """What the product can ask of the phone network. All methods may raise CarrierRefused, CarrierGone, CarrierLost;
    those that dial or write to a number raise Refused for a forbidden one, before anything is sent.

    `call_ref` is the public id of the call on whose behalf; it only goes into the request's row.
    """

    def __init__(self, account: str, token: str, base_url: str) -> None:
        self.account = account
        self._auth = (account, token)
        self._http = CarrierHttpClient(base_url)
        # The SDK would look into the environment for what is empty, and refuse to be made without.
        self._sdk = Client(
            account or "missing", token or "missing", http_client=self._http
        )

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
    ) -> str:
        """Ring `to` (a number or `client:...`), showing `from_`; the sid of the new call. The document for whoever
        answers is asked at `answer_url`. Not idempotent: after CarrierLost reconcile with `find`, never dial again."""
        policy.check_address(to)
        recording = {"record": True, "recording_channels": "dual"} if record else {}
        made = self._ask(
            "dial", "", call_ref,
            lambda: self._sdk.calls.create(
                to=to, from_=from_, url=answer_url, method="POST",
                fallback_url=callbacks.fallback(), fallback_method="POST",
                status_callback=status_url, status_callback_method="POST", status_callback_event=PROGRESS,
                timeout=min(_LONGEST_RING_SECONDS, max(5, timeout_seconds)), **recording,
            ),
        )  # fmt: skip
        return _sid(made.sid, "CA")

    def redirect(self, sid: str, url: str, *, call_ref: uuid.UUID | None) -> None:
        """Make a live call go on with the document at `url`, whatever it is doing."""
        self._ask(
            "redirect", sid, call_ref,
            lambda: self._sdk.calls(sid).update(
                url=url, method="POST", fallback_url=callbacks.fallback(), fallback_method="POST"
            ),
        )  # fmt: skip

    def hang_up(self, sid: str, *, call_ref: uuid.UUID | None) -> bool:
        """End a call, ringing or answered. False when it was over already."""
        try:
            self._ask(
                "hang up",
                sid,
                call_ref,
                lambda: self._sdk.calls(sid).update(status="completed"),
            )
        except CarrierGone:
            return False
        return True

    def fetch(self, sid: str, *, call_ref: uuid.UUID | None = None) -> CallFacts | None:
        """What the carrier knows of a call; None when it knows none of that sid."""
        try:
            return call_facts(
                self._ask(
                    "fetch call", sid, call_ref, lambda: self._sdk.calls(sid).fetch()
                )
            )
        except CarrierGone:
            return None

    def find(
        self, *, to: str, since: datetime, call_ref: uuid.UUID | None = None
    ) -> list[CallFacts]:
        """Calls to `to` begun at or after `since`, newest first, 50 at most: to find out what became of a lost answer."""
        # The carrier keeps a queued call without a start time and filters by day, so we compare ourselves.
        found = self._ask(
            "find calls",
            "",
            call_ref,
            lambda: self._sdk.calls.list(to=to, limit=50, page_size=50),
        )
        facts = [call_facts(call) for call in found]
        return [
            call
            for call in facts
            if (at := call.created_at or call.started_at) is None or at >= since
        ]

    # --- Rooms -------------------------------------------------------------------------------------------------------

    def hold(
        self,
        conference_sid: str,
        leg_sid: str,
        *,
        on: bool,
        music_url: str,
        call_ref: uuid.UUID | None,
    ) -> None:
        """Take one leg of a room out of the conversation (hearing `music_url`), or back in."""
        extra = {"hold_url": music_url, "hold_method": "POST"} if on else {}
        self._ask(
            "hold" if on else "unhold", leg_sid, call_ref,
            lambda: self._sdk.conferences(conference_sid).participants(leg_sid).update(hold=on, **extra),
        )  # fmt: skip

    def mute(
        self, conference_sid: str, leg_sid: str, *, on: bool, call_ref: uuid.UUID | None
    ) -> None:
        """Let the others in the room hear a leg or not."""
        self._ask(
            "mute" if on else "unmute", leg_sid, call_ref,
            lambda: self._sdk.conferences(conference_sid).participants(leg_sid).update(muted=on),
        )  # fmt: skip

    def find_conference(
        self, room_name: str, *, call_ref: uuid.UUID | None = None
    ) -> str:
        """The sid of the live conference of that name, or ""."""
        found = self._ask(
            "find room", "", call_ref,
            lambda: self._sdk.conferences.list(friendly_name=room_name, limit=5, page_size=5),
        )  # fmt: skip
        return next((str(room.sid) for room in found if room.status != "completed"), "")

    # --- Recordings --------------------------------------------------------------------------------------------------

    def start_recording(
        self, leg_sid: str, *, status_url: str, call_ref: uuid.UUID | None
    ) -> str:
        """Record a live leg in two channels (what it says, what it hears); the recording's sid."""
        made = self._ask(
            "start recording", leg_sid, call_ref,
            lambda: self._sdk.calls(leg_sid).recordings.create(
                recording_channels="dual", recording_status_callback=status_url,
                recording_status_callback_method="POST",
                recording_status_callback_event=["in-progress", "completed", "absent"],
            ),
        )  # fmt: skip
        return _sid(made.sid, "RE")

    def pause_recording(self, leg_sid: str, *, call_ref: uuid.UUID | None) -> bool:
        """Put silence into the leg's running recording. True only when the carrier says that it is paused."""
        return self._steer_recording(
            "pause recording",
            leg_sid,
            call_ref,
            status="paused",
            pause_behavior="silence",
        )

    def resume_recording(self, leg_sid: str, *, call_ref: uuid.UUID | None) -> bool:
        """Go on with a paused recording. True when the carrier says that it runs."""
        return self._steer_recording(
            "resume recording", leg_sid, call_ref, status="in-progress"
        )

    def stop_recording(self, leg_sid: str, *, call_ref: uuid.UUID | None) -> bool:
        """End the leg's running recording. True when the carrier says that it is stopped."""
        return self._steer_recording(
            "stop recording", leg_sid, call_ref, status="stopped"
        )

    def _steer_recording(
        self, action: str, leg_sid: str, call_ref: uuid.UUID | None, **order: Any
    ) -> bool:
        recording = self._ask(
            action, leg_sid, call_ref,
            lambda: self._sdk.calls(leg_sid).recordings("Twilio.CURRENT").update(**order),
        )  # fmt: skip
        return bool(recording.status == order["status"])

    def fetch_recording_media(
        self,
        recording_sid: str,
        *,
        channels: int = 2,
        call_ref: uuid.UUID | None = None,
    ) -> Iterator[bytes]:
        """The recording as a WAV file, piece by piece. CarrierGone while it is not ready (or no more), CarrierLost when
        it breaks off: then what came is worth nothing."""
        sid = _sid(recording_sid, "RE")
        url = (
            f"https://api.twilio.com/2010-04-01/Accounts/{self.account}/Recordings/{sid}.wav"
            f"?RequestedChannels={channels}"
        )
        pieces = self._http.media(url, self._auth)
        # The first piece tells whether there is one; only then the row can say how it ended.
        first = self._ask("fetch recording", "", call_ref, lambda: next(pieces, b""))
        return _with_first(first, pieces)

    def delete_recording(
        self, recording_sid: str, *, call_ref: uuid.UUID | None = None
    ) -> None:
        """Delete the carrier's copy; one that is not there is deleted."""
        sid = _sid(recording_sid, "RE")
        try:
            self._ask(
                "delete recording",
                "",
                call_ref,
                lambda: self._sdk.recordings(sid).delete(),
            )
        except CarrierGone:
            logger.info(
                "A recording to be deleted at the carrier was not there any more."
            )

    # --- Text messages -----------------------------------------------------------------------------------------------

    def send_sms(
        self,
        *,
        to: str,
        from_: str,
        body: str,
        status_url: str = "",
        call_ref: uuid.UUID | None = None,
    ) -> str:
        """Send a text message of at most 1600 characters; its sid. After CarrierLost it may have been sent."""
        policy.check_destination(to)
        extra = {"status_callback": status_url} if status_url else {}
        made = self._ask(
            "send message", "", call_ref,
            lambda: self._sdk.messages.create(to=to, from_=from_, body=body[:1600], **extra),
        )  # fmt: skip
        return _sid(made.sid, "SM", "MM")

    # --- What is set up at the carrier -------------------------------------------------------------------------------

    def list_numbers(self) -> list[NumberFacts]:
        """All numbers of the account."""
        found = self._ask(
            "list numbers",
            "",
            None,
            lambda: self._sdk.incoming_phone_numbers.list(page_size=200),
        )
        return [number_facts(number) for number in found]

    def buy_number(self, number: str, *, name: str) -> str:
        """Take `number` into the account; its sid. With a real carrier this costs money."""
        made = self._ask(
            "buy number", "", None,
            lambda: self._sdk.incoming_phone_numbers.create(phone_number=number, friendly_name=name[:64]),
        )  # fmt: skip
        return _sid(made.sid, "PN")

    def set_number_urls(
        self, sid: str, *, voice_url: str, fallback_url: str, status_url: str
    ) -> None:
        """Tell the carrier where a number's calls are answered; takes an application or trunk off the number."""
        self._ask(
            "set number", "", None,
            lambda: self._sdk.incoming_phone_numbers(_sid(sid, "PN")).update(
                voice_application_sid="", voice_url=voice_url, voice_method="POST",
                voice_fallback_url=fallback_url, voice_fallback_method="POST",
                status_callback=status_url, status_callback_method="POST",
            ),
        )  # fmt: skip

    def fetch_application(self, sid: str) -> ApplicationFacts | None:
        """The TwiML application through which desks call out; None when there is none of that sid."""
        try:
            found = self._ask(
                "fetch application",
                "",
                None,
                lambda: self._sdk.applications(_sid(sid, "AP")).fetch(),
            )
        except CarrierGone:
            return None
        return ApplicationFacts(
            str(found.sid), found.voice_url or "", found.voice_fallback_url or ""
        )

    def set_application_urls(
        self, sid: str, *, voice_url: str, fallback_url: str, status_url: str
    ) -> None:
        """Tell the carrier where calls that a desk begins are answered."""
        self._ask(
            "set application", "", None,
            lambda: self._sdk.applications(_sid(sid, "AP")).update(
                voice_url=voice_url, voice_method="POST", voice_fallback_url=fallback_url,
                voice_fallback_method="POST", status_callback=status_url, status_callback_method="POST",
            ),
        )  # fmt: skip

    def device_token(self, identity: str, ttl_seconds: int = 900) -> str:
        """A token with which a browser is the desk `identity`: it may be rung, and call our application, nothing else."""
        token = AccessToken(
            settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET,
            identity=identity, ttl=ttl_seconds,
        )  # fmt: skip
        token.add_grant(
            VoiceGrant(
                incoming_allow=True,
                outgoing_application_sid=settings.TWILIO_TWIML_APP_SID or None,
            )
        )
        return str(token.to_jwt())

    # --- How each request is made ------------------------------------------------------------------------------------

    def _ask(
        self,
        action: str,
        sid: str,
        call_ref: uuid.UUID | None,
        request: Callable[[], T],
    ) -> T:
        """Make one request, write its row, and say in our words how it ended."""
        if _in_transaction():
            raise RuntimeError(
                f"“{action}” was asked for inside a transaction: the carrier is called after commit."
            )
        began = time.monotonic()
        try:
            answer = request()
        except Exception as error:
            said = _in_our_words(error)
            _keep(action, sid, call_ref, began, said)
            if said is error:
                raise
            raise said from error
        _keep(action, sid, call_ref, began, None)
        return answer


def _in_transaction() -> bool:
    """Whether a commit is still to come (the one around a test case does not count, as for `atomic(durable=True)`)."""
    return connection.in_atomic_block and not getattr(
        connection.atomic_blocks[-1], "_from_testcase", False
    )


def _in_our_words(error: Exception) -> Exception:
    """CarrierRefused, CarrierGone or CarrierLost for what went wrong; a mistake of ours stays what it is."""
    if isinstance(error, CarrierRefused | CarrierLost):
        return error
    if isinstance(error, TwilioRestException) and 400 <= error.status < 500:
        code = int(error.code) if str(error.code or "").isdigit() else error.status
        kind = CarrierGone if code in _GONE or error.status == 404 else CarrierRefused
        return kind(code, f"The carrier refused ({code}): {error.msg}")
    if isinstance(error, TwilioException):
        return CarrierLost("The carrier failed while it was asked.")
    if isinstance(error, requests.RequestException):
        if never_sent(error):
            return CarrierRefused(
                0,
                "The carrier cannot be reached. Check CARRIER_BASE_URL and the network.",
            )
        return CarrierLost("The carrier's answer was lost.")
    if isinstance(error, ValueError | KeyError | TypeError | AttributeError | OSError):
        # The SDK reads the answer in the same breath: what it stumbles over came from there.
        return CarrierLost(
            f"The carrier's answer was not understood ({type(error).__name__})."
        )
    return error


def _keep(
    action: str,
    sid: str,
    call_ref: uuid.UUID | None,
    began: float,
    error: Exception | None,
) -> None:
    outcome = Outcome.DONE
    if isinstance(error, CarrierRefused):
        outcome = Outcome.REFUSED
    elif error is not None:
        outcome = Outcome.LOST
    try:
        CarrierRequest.objects.create(
            action=action, outcome=outcome, call_sid=sid, call_ref=call_ref,
            error_code=getattr(error, "code", None), detail=str(error)[:300] if error else "",
            milliseconds=int((time.monotonic() - began) * 1000),
        )  # fmt: skip
    except DatabaseError:
        # The carrier has acted: to lose the row is better than to lose what it answered.
        logger.exception(
            "The row of a request to the carrier (%s) could not be written.", action
        )


def _sid(text: Any, *prefixes: str) -> str:
    """`text` if it is a sid of that kind; it goes into addresses. Raises CarrierLost: what else came is not an answer."""
    text = str(text or "")
    if (
        text[:2] in prefixes
        and len(text) == 34
        and all(letter in "0123456789abcdef" for letter in text[2:])
    ):
        return text
    raise CarrierLost(f"The carrier did not name a {prefixes[0]} as expected.")


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
