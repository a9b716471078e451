"""Requests as the carrier sends them: 30 form fields, signed over our public address."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from twilio.request_validator import RequestValidator

from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.clients.models import Client
from apps.ivr.models import Flow, Visit
from benchmarks.hammer import post
from callcenter.demo import MAIN

_numbers = count()


def _sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def _fields(sid: str, **more: str) -> dict[str, str]:
    """What every voice request of the carrier holds."""
    places = {
        f"{side}{what}": value
        for side in ("From", "To", "Caller", "Called")
        for what, value in (("City", "SAN FRANCISCO"), ("State", "CA"), ("Zip", "94105"), ("Country", "US"))
    }
    return {
        "CallSid": sid, "AccountSid": settings.TWILIO_ACCOUNT_SID, "ApiVersion": "2010-04-01",
        "Caller": more["From"], "Called": more["To"], **places, **more,
    }  # fmt: skip


def signed(url: str, fields: dict[str, str]) -> bytes:
    """`fields` posted to our public `url`, as bytes on the wire."""
    headers = {
        "Host": urlsplit(settings.PUBLIC_BASE_URL).netloc,
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
        "X-Twilio-Signature": RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(url, fields),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
    }
    return post(urlsplit(url).path, headers, urlencode(fields).encode())


def first_requests(path: str = "") -> Iterator[bytes]:
    """New calls to the main number, each from another caller, without end. `path`: elsewhere than to our voice URL."""
    url = settings.PUBLIC_BASE_URL + path if path else callbacks.voice()
    while True:
        caller = f"+1646{next(_numbers) % 10_000_000:07d}"
        yield signed(
            url, _fields(_sid("CA"), From=caller, To=MAIN, Direction="inbound", CallStatus="ringing", CallToken="{}")
        )


def reports(legs: list[Leg]) -> Iterator[bytes]:
    """The progress of lines that we dialled, each in order: ringing, answered, over."""
    for leg in legs:
        url = callbacks.status(leg.public_id)
        for number, status in enumerate(("ringing", "in-progress", "completed"), start=1):
            more = {"CallDuration": "30", "Duration": "1"} if status == "completed" else {}
            yield signed(
                url,
                _fields(
                    leg.sid or "", From=MAIN, To=leg.address, Direction="outbound-api", CallStatus=status,
                    CallbackSource="call-progress-events", SequenceNumber=str(number),
                    Timestamp="Fri, 02 Jan 2026 12:00:00 +0000", **more,
                ),
            )  # fmt: skip


def dialled_lines(amount: int) -> list[Leg]:
    """So many open calls with an operator's line that was just dialled, for `reports`."""
    client = Client.objects.order_by("pk").first()
    calls = Call.objects.bulk_create(
        Call(client=client, direction="inbound", customer_number="+16465550100", our_number=MAIN) for _ in range(amount)
    )
    return Leg.objects.bulk_create(
        Leg(call=call, role=Leg.Role.OPERATOR, sid=_sid("CA"), address="client:op_bench", caller_id=MAIN)
        for call in calls
    )


def lines_in_menu(flow: Flow, node: str, amount: int) -> list[Leg]:
    """So many callers who were asked the question of `node` in the published version of `flow`, for `presses`."""
    calls = Call.objects.bulk_create(
        Call(client=flow.client, direction="inbound", customer_number="+16465550100", our_number=MAIN)
        for _ in range(amount)
    )
    Visit.objects.bulk_create(Visit(flow=flow, version_id=flow.version_id, call=call, node=node) for call in calls)
    return Leg.objects.bulk_create(
        Leg(
            call=call,
            role=Leg.Role.CUSTOMER,
            sid=_sid("CA"),
            address="+16465550100",
            status="in-progress",
            outgoing=False,
        )
        for call in calls
    )


def presses(legs: list[Leg], key: str) -> Iterator[bytes]:
    """One answer from each line."""
    for leg in legs:
        more = {"From": leg.address, "To": MAIN, "Direction": "inbound", "CallStatus": "in-progress", "Digits": key}
        yield signed(callbacks.step(leg.public_id, leg.step, "menu"), _fields(leg.sid or "", **more))
