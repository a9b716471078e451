"""Requests to the customer's web application: signed, timed out, tried again, kept in the journal."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

import aiohttp
from yarl import URL

from .clock import Clock
from .faults import Faults
from .names import iso
from .records import Book
from .signature import bare, sign

BODY_LIMIT = 64 * 1024
KEPT_ANSWER = 8_000
CONNECTION = {11201, 11202, 11203, 11210, 11220}  # what the default policy "ct" tries again


class WebhookFailed(Exception):
    """The application did not give a usable answer; `code` is Twilio's error code, `url` the address asked."""

    def __init__(self, code: int, url: str, text: str = "") -> None:
        super().__init__(f"{code} {text}")
        self.code, self.url, self.text = code, url, text


@dataclass
class Answer:
    status: int
    body: bytes
    content_type: str
    url: str


@dataclass
class Wish:
    """Connection overrides in the URL's fragment: `#rc=2&rp=5xx,rt&tt=3000`."""

    connect: float = 10.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: set[str] = field(default_factory=lambda: {"ct"})

    @classmethod
    def of(cls, url: str) -> Wish:
        told = dict(parse_qsl(urlsplit(url).fragment))
        wish = cls()
        wish.connect = _seconds(told.get("ct"), 10.0)
        wish.read = _seconds(told.get("rt"), 15.0)
        wish.total = _seconds(told.get("tt"), 15.0)
        if told.get("rc", "").isdigit():
            wish.retries = min(5, int(told["rc"]))
        if told.get("rp"):
            wish.policy = set(told["rp"].split(","))
        return wish

    def retries_on(self, failure: WebhookFailed, status: int) -> bool:
        kinds = {"all"}
        if failure.code in CONNECTION:
            kinds.add("ct")
        if failure.code == 11205:
            kinds.add("rt")
        if status >= 400:
            kinds.add("4xx" if status < 500 else "5xx")
        return bool(kinds & self.policy)


def _seconds(text: str | None, default: float) -> float:
    return max(0.1, min(default, int(text) / 1000)) if text and text.isdigit() else default


class Webhooks:
    """The one way out to the application."""

    def __init__(self, clock: Clock, token: str, journal: Book) -> None:
        self.faults = Faults()
        self.muted = False
        self._clock, self._token, self._journal = clock, token, journal
        self._session: aiohttp.ClientSession | None = None
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()

    def ask(
        self, url: str, method: str, params: dict[str, str], *, kind: str, sid: str, cookies: dict[str, str]
    ) -> asyncio.Future[Answer]:
        """Request a document. It lives on when the one who asked no longer waits: a hang-up does not undo a request."""
        return asyncio.shield(self._spawn(self._deliver(url, method, params, kind, sid, cookies)))

    def tell(self, url: str, method: str, params: dict[str, str], *, kind: str, sid: str) -> None:
        """Send a status callback, in the order of its subject, whose answer nobody reads; faults may spoil it."""
        if self.muted:
            return
        fate = self.faults.fate(params.get("CallStatus", ""))
        if not fate.copies:
            self._write(url, method, params, kind, sid, attempt=0, error="lost by a fault")
        for _ in range(fate.copies):
            if fate.delay:
                self._clock.later(fate.delay, lambda: self._queue(url, method, params, kind, sid))
            else:
                self._queue(url, method, params, kind, sid)

    def _queue(self, url: str, method: str, params: dict[str, str], kind: str, sid: str) -> None:
        before = self._tails.get(sid)

        async def send() -> None:
            if before is not None:
                await asyncio.wait([before])
            try:
                await self._deliver(url, method, params, kind, sid, {})
            except WebhookFailed:
                return  # the journal has it; a real carrier does not mind either
            finally:
                if self._tails.get(sid) is task:
                    del self._tails[sid]

        task = self._spawn(send())
        self._tails[sid] = task

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._clock.wait_for(task)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # a failure nobody waits for any more is not worth a warning: it is in the journal

    async def _deliver(
        self, url: str, method: str, params: dict[str, str], kind: str, sid: str, cookies: dict[str, str]
    ) -> Answer:
        wish, token, attempt = Wish.of(url), secrets.token_hex(16), 0
        while True:
            attempt += 1
            started = time.monotonic()
            status, answer, failure = 0, None, None
            try:
                answer = await self._once(url, method, params, wish, token, cookies)
                status = answer.status
                if not 200 <= status < 300:
                    failure = WebhookFailed(11200, url, f"HTTP status {status}")
            except WebhookFailed as error:
                failure = error
            self._write(
                url,
                method,
                params,
                kind,
                sid,
                attempt=attempt,
                status=status or None,
                answer=answer.body[:KEPT_ANSWER].decode("utf-8", "replace") if answer else None,
                ms=round((time.monotonic() - started) * 1000, 1),
                error=str(failure) if failure else None,
                token=token,
            )
            if failure is None and answer is not None:
                return answer
            if failure is not None and (attempt > wish.retries or not wish.retries_on(failure, status)):
                raise failure

    async def _once(
        self, url: str, method: str, params: dict[str, str], wish: Wish, token: str, cookies: dict[str, str]
    ) -> Answer:
        limit = aiohttp.ClientTimeout(total=wish.total, sock_connect=wish.connect, sock_read=wish.read)
        target = url
        try:
            for _ in range(11):
                async with self._open(target, method, params, token, cookies, limit) as reply:
                    for name, morsel in reply.cookies.items():
                        cookies[name] = morsel.value
                    if reply.status in (301, 302, 303, 307, 308) and "Location" in reply.headers:
                        target = urljoin(bare(target), reply.headers["Location"])
                        method = method if reply.status in (307, 308) else "GET"
                        continue
                    body = await reply.content.read(BODY_LIMIT + 1)
                    while len(body) <= BODY_LIMIT and (more := await reply.content.read(BODY_LIMIT)):
                        body += more
                    if len(body) > BODY_LIMIT:
                        raise WebhookFailed(11750, url, "the answer is longer than 64 kB")
                    return Answer(reply.status, body, reply.content_type, target)
            raise WebhookFailed(11215, url, "too many redirects")
        except TimeoutError as error:
            raise WebhookFailed(11205, url, "no answer in time") from error
        except aiohttp.ClientConnectorDNSError as error:
            raise WebhookFailed(11210, url, "the host was not found") from error
        except aiohttp.ClientSSLError as error:
            raise WebhookFailed(11220, url, "TLS failed") from error
        except aiohttp.ClientConnectionError as error:
            raise WebhookFailed(11202, url, "the connection was refused or lost") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise WebhookFailed(11200, url, "the answer could not be read") from error

    def _open(
        self,
        url: str,
        method: str,
        params: dict[str, str],
        token: str,
        cookies: dict[str, str],
        limit: aiohttp.ClientTimeout,
    ) -> Any:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=4)  # below the usual server's five seconds
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        parts = urlsplit(url)
        target, form = bare(url), None
        if method.upper() == "GET":
            query = urlencode(params)
            target += ("&" if parts.query else "?") + query if query else ""
        else:
            form = urlencode(params).encode()
        headers = {
            "X-Twilio-Signature": sign(self._token, target, params if form is not None else None),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Cache-Control": "max-age=259200",
        }
        if parts.username:
            word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(word.encode()).decode()
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return self._session.request(
            method.upper(),
            URL(target, encoded=True),  # byte for byte what was signed
            data=form,
            headers=headers,
            cookies=cookies or None,
            timeout=limit,
            allow_redirects=False,
        )

    def _write(self, url: str, method: str, params: dict[str, str], kind: str, sid: str, **rest: Any) -> None:
        entry = {"at": iso(self._clock.now()), "kind": kind, "sid": sid, "url": bare(url), "method": method.upper()}
        outcome = {"status": None, "answer": None, "ms": None, "attempt": 1, "error": None, "token": None} | rest
        self._journal.add(entry | {"params": dict(params)} | outcome)
