"""X-Twilio-Signature, as the carrier makes it: HMAC-SHA1 over the URL and the sorted form."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def bare(url: str) -> str:
    """The address as it is requested: without fragment (our own options) and without user and password."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def signed_url(url: str) -> str:
    """The address as it is signed: over https the port is dropped, over http it stays."""
    parts = urlsplit(bare(url))
    if parts.scheme != "https" or parts.port is None:
        return urlunsplit(parts)
    return urlunsplit((parts.scheme, parts.netloc.rpartition(":")[0], parts.path, parts.query, ""))


def sign(token: str, url: str, form: Mapping[str, str] | None) -> str:
    """The header's value; `form` is None for requests without a form body."""
    text = signed_url(url) + "".join(name + form[name] for name in sorted(form or {}))  # type: ignore[index]
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
