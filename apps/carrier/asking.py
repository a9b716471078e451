"""How each request to the carrier is made: outside of transactions, timed, kept as a row, failures in our words."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from django.db import DatabaseError, connection
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from apps.carrier.models import CarrierRequest
from apps.carrier.transport import CarrierGone, CarrierHttpClient, CarrierLost, CarrierRefused, never_sent

logger = logging.getLogger(__name__)
T = TypeVar("T")
Outcome = CarrierRequest.Outcome

# 21220: the call is not in a state for that (it is over); 20404: there is no such thing.
_GONE = frozenset({21220, 20404})


class Asking:
    """An account at the carrier and the one way to ask it for something."""

    def __init__(self, account: str, token: str, base_url: str) -> None:
        self.account = account
        self._auth = (account, token)
        self._http = CarrierHttpClient(base_url)
        # The SDK would look into the environment for what is empty, and refuse to be made without.
        self._sdk = Client(account or "missing", token or "missing", http_client=self._http)

    def _ask(self, action: str, sid: str, call_ref: uuid.UUID | None, request: Callable[[], T]) -> T:
        """Make one request, write its row, and say in our words how it ended."""
        if _in_transaction():
            raise RuntimeError(f"“{action}” was asked for inside a transaction: the carrier is called after commit.")
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

    def _make(self, action: str, sid: str, call_ref: uuid.UUID | None, make: Callable[[], Any], *prefixes: str) -> str:
        """Make one thing at the carrier; its sid. An answer that names none is a lost answer."""
        return self._ask(action, sid, call_ref, lambda: checked_sid(make().sid, *prefixes))


def _in_transaction() -> bool:
    """Whether a commit is still to come (the one around a test case does not count, as for `atomic(durable=True)`)."""
    return connection.in_atomic_block and not getattr(connection.atomic_blocks[-1], "_from_testcase", False)


def _in_our_words(error: Exception) -> Exception:
    """CarrierRefused, CarrierGone or CarrierLost for what went wrong; a mistake of ours stays what it is."""
    if isinstance(error, CarrierRefused | CarrierLost):
        return error
    if isinstance(error, TwilioException):
        status, code, message = _said(error)
        if 400 <= status < 500:
            kind = CarrierGone if code in _GONE or status == 404 else CarrierRefused
            return kind(code or status, f"The carrier refused ({code or status}): {message}")
        return CarrierLost("The carrier failed while it was asked.")
    if isinstance(error, requests.RequestException):
        if never_sent(error):
            return CarrierRefused(0, "The carrier cannot be reached. Check CARRIER_BASE_URL and the network.")
        return CarrierLost("The carrier's answer was lost.")
    if isinstance(error, ValueError | LookupError | TypeError | AttributeError | RecursionError | OSError):
        # The SDK reads the answer in the same breath: what it stumbles over came from there.
        return CarrierLost(f"The carrier's answer was not understood ({type(error).__name__}).")
    return error


def _said(error: TwilioException) -> tuple[int, int, str]:
    """HTTP status, error code (0: none) and words of a failure; for a list the SDK only hands over the answer."""
    if isinstance(error, TwilioRestException):
        return error.status, _number(error.code), str(error.msg)
    answer = error.args[1] if len(error.args) > 1 else None
    try:
        said = json.loads(answer.text) if answer is not None else {}
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    return int(getattr(answer, "status_code", 500)), _number(said.get("code")), str(said.get("message", error.args[0]))


def _number(code: object) -> int:
    return int(str(code)) if str(code).isdigit() else 0


def _keep(action: str, sid: str, call_ref: uuid.UUID | None, began: float, error: Exception | None) -> None:
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
        logger.exception("The row of a request to the carrier (%s) could not be written.", action)


def checked_sid(text: Any, *prefixes: str) -> str:
    """`text` if it is a sid of one of these kinds, fit to stand in an address. Raises CarrierLost: it is no answer."""
    text = str(text or "")
    if text[:2] in prefixes and len(text) == 34 and all(letter in "0123456789abcdef" for letter in text[2:]):
        return text
    raise CarrierLost(f"The carrier did not name a {prefixes[0]} as expected.")
