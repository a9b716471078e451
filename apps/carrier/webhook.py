"""The door through which the carrier comes in.

    @carrier_webhook("step")
    def step(request, event, token): ... return [Say("..."), Hangup()]

What passes is signed by the carrier, about our account, of a known form. What it did and the row that tells of it are
one transaction, so that a repeated delivery finds the row and gets the same answer without a second effect.
"""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apps.carrier import deliveries, signature, twiml
from apps.carrier.callbacks import BadToken
from apps.carrier.deliveries import Repeated
from apps.carrier.incoming import CarrierEvent, Malformed, UnknownSubject, form, parse
from apps.carrier.models import WebhookDelivery
from apps.carrier.verbs import Hangup, Say, Verb
from apps.core import events
from apps.core.refused import Refused

logger = logging.getLogger(__name__)

View = Callable[..., Sequence[Verb] | None]
Verdict = WebhookDelivery.Verdict

LARGEST_BODY = 64 * 1024
FORM = "application/x-www-form-urlencoded"
# Reports: the carrier reads nothing into their answer.
REPORTS = frozenset({"status", "number-status", "conference", "recording", "message"})
# Documents that the carrier may fetch by GET, because they are played again and again.
READS = frozenset({"wait", "music"})
APOLOGY = "We are sorry, this call cannot go on. Please try again later. Good bye."
_DEADLOCK, _SERIALIZATION = "40P01", "40001"


@dataclass(slots=True)
class _Turned:
    """A request that does not pass: the row's verdict and reason, and the status that the sender gets."""

    verdict: WebhookDelivery.Verdict
    reason: str
    status: int


def carrier_webhook(kind: str, dedupe: bool = True) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make `view(request, event, **path) -> verbs` a view that only the carrier can use.

    Answers: 200 with the document; 204 for reports without one; 200 and an empty document when the view raises
    UnknownSubject; 200 and an apology when it raises Refused; 403 unsigned or wrongly signed; 400, 404, 405, 413, 415
    malformed; 500 when the view fails, with its effect rolled back, so that the carrier's retry can succeed.

    `dedupe=False` is for documents that are fetched again and again and change nothing. Runs inside one transaction:
    nothing in a view may talk to the outside before commit. A deadlock is tried once more, so a view may run twice.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def receive(request: HttpRequest, **path: Any) -> HttpResponse:
            passed = _inspect(kind, request)
            if isinstance(passed, _Turned):
                deliveries.keep_refused(kind, request.path, passed.verdict, passed.reason)
                return HttpResponse(passed.reason, status=passed.status, content_type="text/plain")
            event, key = passed
            return _serve(view, request, path, event, key if dedupe else None)

        receive.carrier_kind = kind  # type: ignore[attr-defined]  # how a test finds the doors
        return receive

    return decorate


def _inspect(kind: str, request: HttpRequest) -> tuple[CarrierEvent, str] | _Turned:
    """The event and the key of a request that may pass, or why it may not."""
    pairs = _pairs(kind, request)
    if isinstance(pairs, _Turned):
        return pairs
    given = request.headers.get("X-Twilio-Signature")
    if not given:
        return _Turned(Verdict.UNSIGNED, "The carrier's signature is missing.", 403)
    url = settings.PUBLIC_BASE_URL + request.get_full_path()
    posted = pairs if request.method == "POST" else []
    if not signature.is_genuine(url, posted, given, _tokens()):
        return _Turned(Verdict.FORGED, "The signature does not fit the address and the body.", 403)
    try:
        event = parse(kind, form(pairs))
    except Malformed as error:
        return _Turned(Verdict.MALFORMED, str(error), 400)
    if event.account_sid and event.account_sid != settings.TWILIO_ACCOUNT_SID:
        return _Turned(Verdict.FORGED, "It is about another account than ours.", 403)
    # Over what was signed: another order or another border between name and value is the same delivery.
    return event, hashlib.sha256(signature.signed_text(url, posted).encode()).hexdigest()


def _pairs(kind: str, request: HttpRequest) -> list[tuple[str, str]] | _Turned:
    """The form's fields in the order of the body (of the query for GET), read with all limits."""
    if request.method == "GET" and kind in READS:
        raw = request.META.get("QUERY_STRING", "").encode()
    elif request.method != "POST":
        return _Turned(Verdict.MALFORMED, "Only POST is answered here.", 405)
    elif request.content_type != FORM:
        return _Turned(Verdict.MALFORMED, "Only a posted form is read here.", 415)
    else:
        try:
            raw = request.body
        except RequestDataTooBig:
            raw = b" " * (LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        return _Turned(Verdict.OVERSIZED, "The body is larger than 64 kB.", 413)
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        return _Turned(Verdict.MALFORMED, "The body is not a form in UTF-8, or has too many fields.", 400)


def _tokens() -> list[str]:
    """The account's present token and, while it is being changed, the previous one. An empty one signs nothing."""
    return [token for token in (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_PREVIOUS) if token]


def _serve(view: View, request: HttpRequest, path: dict, event: CarrierEvent, key: str | None) -> HttpResponse:
    """Run the view and keep what happened; every way out leaves one row."""
    where = request.path
    try:
        return _reply(event.kind, _effect(view, request, path, event, key))
    except Repeated:
        return _reply(event.kind, deliveries.repeat(key))
    except UnknownSubject as unknown:
        return _reply(event.kind, deliveries.keep(event, key, where, Verdict.UNKNOWN, reason=str(unknown)))
    except BadToken as bad:
        deliveries.keep_refused(event.kind, where, Verdict.MALFORMED, str(bad))
        # Not an empty document: whoever is on the line goes on to the fallback and hears a good-bye.
        return HttpResponse(str(bad), status=404, content_type="text/plain")
    except Refused as refusal:
        reply = "" if event.kind in REPORTS else twiml.render(_apology(event, refusal))
        kept = deliveries.keep(event, key, where, Verdict.ACCEPTED, reason=refusal.sentence, reply=reply)
        return _reply(event.kind, kept)
    except Exception as error:
        if key and (committed := deliveries.committed(key)) is not None:
            logger.exception("After a %s request was carried out, something that follows it failed.", event.kind)
            return _reply(event.kind, committed)
        logger.exception("A %s request of the carrier failed.", event.kind)
        deliveries.keep(event, None, where, Verdict.FAILED, reason=type(error).__name__)
        return HttpResponse("This failed here.", status=500, content_type="text/plain")


def _effect(view: View, request: HttpRequest, path: dict, event: CarrierEvent, key: str | None) -> str:
    """The view's reply, its effect and the row committed together. Raises Repeated when the row was there before.

    The row of a document comes first, so that a repeated request never runs the view. The row of a report comes last,
    which saves a statement on every one of the most frequent requests; a repetition then runs the view and is undone.
    """
    for last in (False, True):
        try:
            with transaction.atomic():
                if key is None or event.kind in REPORTS:
                    reply = _spoken(view(request, event, **path))
                    deliveries.write(event, key, request.path, reply=reply)
                else:
                    row = deliveries.write(event, key, request.path)
                    with events.gathered():
                        reply = _spoken(view(request, event, **path))
                    deliveries.complete(row, reply, event.call_ref)
                return reply
        except OperationalError as error:
            if last or getattr(error.__cause__, "sqlstate", "") not in (_DEADLOCK, _SERIALIZATION):
                raise
    raise AssertionError("unreachable")


def _spoken(verbs: Sequence[Verb] | None) -> str:
    return twiml.render(verbs) if verbs else ""


def _apology(event: CarrierEvent, refusal: Refused) -> list[Verb]:
    """A desk hears why; a customer hears that we are sorry, because the sentence is not written for them."""
    return [Say(refusal.sentence if event.from_.startswith("client:") else APOLOGY), Hangup()]


def _reply(kind: str, document: str) -> HttpResponse:
    if not document and kind in REPORTS:
        return HttpResponse(status=204)
    return HttpResponse(document or twiml.EMPTY, content_type="text/xml; charset=utf-8")
