"""The carrier's way in: its requests go straight to their views, on threads of their own.

They bring a signature instead of a session and leave a delivery row instead of a line in the request log, so none of
the middleware has anything to do for them; it took as long as the work itself. And a page that is slow to compute can
never make a caller wait, because it occupies another pool. Measured by `manage.py bench asgi`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.core import signals
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http.response import HttpResponseBase

PREFIX = "/carrier/"
# Twice what the views accept: they see that it is too much, and memory stays bounded.
LARGEST_BODY = 128 * 1024

Message = dict[str, Any]


class CarrierDoor(BaseHandler):
    """An ASGI application for the addresses under PREFIX: Django's own handler without any middleware."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._view_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # not in the stubs
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="carrier")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = await _read(receive)
        if body is None:
            return
        loop = asyncio.get_running_loop()
        start, end = await loop.run_in_executor(self._threads, self._answer, scope, body)
        await send(start)
        await send(end)

    def _answer(self, scope: dict[str, Any], body: bytes) -> tuple[Message, Message]:
        """Serve one request on this thread, which keeps its database connection as those of the pages do."""
        signals.request_started.send(sender=self.__class__, scope=scope)
        response: HttpResponseBase = self.get_response(ASGIRequest(scope, BytesIO(body)))
        try:
            content = b"".join(response)  # a document or nothing, never a file
            headers = [(name.lower().encode("ascii"), value.encode("latin1")) for name, value in response.items()]
            if response.status_code != HTTPStatus.NO_CONTENT:
                headers.append((b"content-length", b"%d" % len(content)))
            start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
            return start, {"type": "http.response.body", "body": content}
        finally:
            response.close()  # sends request_finished


async def _read(receive: Any) -> bytes | None:
    """The body, cut off where it is too large anyway; None when the carrier hung up while sending it."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > LARGEST_BODY:
            return body
