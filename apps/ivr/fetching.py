"""Asking a web service, guarded: only https, only public addresses, no redirects, little time and a small answer.

The name is resolved once, each of its addresses is judged, and the connection goes to the one that was judged: a name
that changes its address meanwhile leads nowhere else. The certificate must be for the name.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

MOST_BYTES = 64 * 1024
_CHUNK = 8 * 1024
TOO_LATE = "it did not answer in time"


class NoAnswer(Exception):
    """The web service gave nothing of use; the text says why."""


def fetch(address: str, path: str, *, headers: dict[str, str], timeout_seconds: float) -> Any:
    """The JSON that stands at `path` below `address`. Raises NoAnswer, after `timeout_seconds` at the latest."""
    until = time.monotonic() + timeout_seconds
    host, port, target = split(address, path)
    line = _Line(
        judged(host, port), port, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED",
        ca_certs=settings.LOOKUP_CA_FILE or None, timeout=timeout_seconds,
    )  # fmt: skip
    # Time-outs of a socket begin anew with each byte; this one does not.
    alarm = threading.Timer(timeout_seconds, line.cut)
    alarm.daemon = True
    alarm.start()
    try:
        line.request(
            "GET", target, preload_content=False,
            headers={"Host": _host_header(host, port), "Accept": "application/json", **headers},
        )  # fmt: skip
        answer = line.getresponse()
        body = _read(answer, until)
    except (HTTPError, HTTPException, OSError) as error:
        raise NoAnswer(_told(error, late=time.monotonic() >= until)) from error
    finally:
        alarm.cancel()
        line.let_go()
    if not 200 <= answer.status < 300:
        raise NoAnswer(f"it answered {answer.status}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoAnswer("its answer is no JSON") from error


def split(address: str, path: str) -> tuple[str, int, str]:
    """Host, port and target of the request. Raises NoAnswer for what is not https or leaves the address."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise NoAnswer("its address is not of the form https://host/path/")
    target = f"{parts.path.rstrip('/')}/{path.lstrip('/')}"
    if any(unquote(segment) in (".", "..") for segment in target.partition("?")[0].split("/")):
        raise NoAnswer("the path leads out of its address")
    if not target.isascii() or any(sign <= " " or sign in "\\#" for sign in target):
        raise NoAnswer("the path holds a sign that no address has")
    return parts.hostname, parts.port or 443, target


def judged(host: str, port: int) -> str:
    """An address of `host` to connect to. Raises NoAnswer when any of its addresses is not public.

    Of private networks only those that the setting LOOKUP_NETWORKS names may be reached.
    """
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise NoAnswer("its name is not known") from error
    for one in found:
        if not may_reach(one):
            raise NoAnswer("its address is in a private network")
    return sorted(found, key=lambda one: (":" in one, one))[0]


def may_reach(address: str) -> bool:
    """Is this IP address public, or in one of the networks that were allowed?"""
    judged_ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(judged_ip, "ipv4_mapped", None)
    ip = mapped or judged_ip
    allowed = (ipaddress.ip_network(one) for one in settings.LOOKUP_NETWORKS)
    return any(ip.version == one.version and ip in one for one in allowed) or (
        ip.is_global and not ip.is_multicast and not _carries_another(ip)
    )


def _carries_another(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """An IPv6 address that a gateway turns into an IPv4 one, which may be private."""
    return ip.version == 6 and any(ip in ipaddress.ip_network(one) for one in ("64:ff9b::/96", "2002::/16"))


def _host_header(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == 443 else f"{name}:{port}"


def _read(answer: BaseHTTPResponse, until: float) -> bytes:
    """The whole answer, if it is small and comes in time, however slowly it drips."""
    body = b""
    for chunk in answer.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > MOST_BYTES:
            raise NoAnswer(f"its answer is larger than {MOST_BYTES // 1024} KB")
    if time.monotonic() >= until:
        raise NoAnswer(TOO_LATE)
    return body


class _Line(HTTPSConnection):
    """A connection that another thread can cut, whatever it is waiting for."""

    _end: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        raw = super()._new_conn()
        self._end = raw.dup()  # the TLS layer takes the first one away
        return raw

    def cut(self) -> None:
        with suppress(OSError):  # the other side was faster
            if self._end is not None:
                self._end.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        self.close()
        if self._end is not None:
            self._end.close()


def _told(error: Exception, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return TOO_LATE
    return "its certificate is not valid" if isinstance(error, ssl.SSLError) else "it cannot be reached"
