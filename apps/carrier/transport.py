"""HTTP to the carrier: the official SDK's requests, sent with time-outs and limits to the configured carrier."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
# A reply that drips in is cut off here; each drop alone would keep inside the read time-out.
WHOLE_SECONDS = 12.0
LARGEST_REPLY = 4 * 1024 * 1024
_POOL = 32
_CHUNK = 64 * 1024


class CarrierRefused(Exception):
    """The carrier said no, so nothing happened. `code` is its error code (0: it was not reached at all)."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class CarrierGone(CarrierRefused):
    """What we asked about is over or was never there."""


class CarrierLost(Exception):
    """Nobody knows whether the carrier did it: the answer was lost. Find out; do not simply ask again."""


class CarrierHttpClient(HttpClient):
    """Sends the SDK's requests to `base_url` ("" is Twilio itself), keeping connections, never retrying.

    Other products than the core API (`insights`, `voice`) are put below a path of their name.
    """

    def __init__(self, base_url: str = "") -> None:
        super().__init__(logger=_silent(), is_async=False)
        self.base = urlsplit(base_url.rstrip("/")) if base_url else None
        self.session = requests.Session()
        # A proxy of the environment is for the world outside, not for a carrier next door.
        self.session.trust_env = self.base is None
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=_POOL, max_retries=0))

    def address(self, url: str) -> str:
        """Where a request for the official `url` really goes."""
        if self.base is None:
            return url
        parts = urlsplit(url)
        product = parts.netloc.partition(".")[0]
        path = self.base.path + (parts.path if product == "api" else f"/{product}{parts.path}")
        return urlunsplit((self.base.scheme, self.base.netloc, path, parts.query, ""))

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request and its whole answer. Raises what `requests` raises, and CarrierLost for an endless answer."""
        deadline = time.monotonic() + WHOLE_SECONDS
        with self.session.request(
            method.upper(),
            self.address(uri),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = b"".join(_read(answer, deadline))
            return Response(answer.status_code, body.decode("utf-8", "replace"), dict(answer.headers))

    def media(self, url: str, auth: tuple[str, str]) -> Iterator[bytes]:
        """The bytes at `url` of the carrier, piece by piece. No redirect is followed: the password is for that host.

        Raises CarrierGone for 404, CarrierRefused for any other answer than 200, CarrierLost when it breaks off.
        """
        try:
            with self.session.get(
                self.address(url),
                auth=auth,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code == 404:
                    raise CarrierGone(20404, "The carrier does not have this recording (yet).")
                if answer.status_code != 200:
                    raise CarrierRefused(
                        answer.status_code, f"The carrier answered {answer.status_code} for a recording."
                    )
                yield from _whole(answer)
        except requests.RequestException as error:
            raise CarrierLost("The recording broke off on its way.") from error


def never_sent(error: requests.RequestException) -> bool:
    """True when no connection came about, so that the carrier cannot have acted."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectionError) and type(getattr(cause, "reason", None)).__name__ in {
        "NewConnectionError",
        "NameResolutionError",
        "ConnectTimeoutError",
    }


def _read(answer: requests.Response, deadline: float) -> Iterator[bytes]:
    size = 0
    try:
        # read1 hands out what has come; read would wait for a full piece, and the deadline with it.
        while piece := answer.raw.read1(_CHUNK, decode_content=True):
            size += len(piece)
            if size > LARGEST_REPLY or time.monotonic() > deadline:
                raise CarrierLost("The carrier's answer was too large or too slow.")
            yield piece
    except urllib3.exceptions.HTTPError as error:
        raise CarrierLost("The carrier's answer broke off.") from error


def _whole(answer: requests.Response) -> Iterator[bytes]:
    """The body; raises CarrierLost when fewer bytes came than were promised."""
    promised = answer.headers.get("Content-Length")
    size = 0
    for piece in answer.iter_content(_CHUNK):
        size += len(piece)
        yield piece
    if promised is not None and promised.isdigit() and int(promised) != size:
        raise CarrierLost("The recording came incomplete.")


def _silent() -> logging.Logger:
    """The SDK would log addresses with numbers in them."""
    silent = logging.getLogger("apps.carrier.sdk")
    silent.disabled = True
    return silent
