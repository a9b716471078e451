"""Requests as the carrier sends them, signed by the official SDK's own computation."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from twilio.request_validator import RequestValidator

from tests.factories import sid

FORM = "application/x-www-form-urlencoded"


def signature(path: str, fields: dict[str, Any], token: str | None = None) -> str:
    """What the carrier would put into X-Twilio-Signature for `fields` posted to our public address of `path`."""
    return RequestValidator(token or settings.TWILIO_AUTH_TOKEN).compute_signature(
        settings.PUBLIC_BASE_URL + path, fields
    )


def about_a_call(**fields: str) -> dict[str, str]:
    """The fields of every request about a call; `fields` replace or add."""
    return {
        "AccountSid": settings.TWILIO_ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "CallSid": sid("CA"),
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "From": "+14155550123",
        "To": "+14155550100",
        **fields,
    }


def post(path: str, fields: dict[str, str], *, client: Client | None = None, **headers: str):
    """Post `fields` to `path` with the right signature; `headers` replace ("X_TWILIO_SIGNATURE")."""
    headers = {"X-Twilio-Signature": signature(path, fields), **{k.replace("_", "-"): v for k, v in headers.items()}}
    return (client or Client()).post(path, urlencode(fields), content_type=FORM, headers=headers)
