"""The engine's doors: /carrier for the one carrier, /media for pages with a token, /status for health."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any

from aiohttp import WSMsgType, web

from .engine import Engine, Refused
from .lines import Line

LARGEST = 64 * 1024


class Server:
    def __init__(self, engine: Engine, secret: str) -> None:
        self.engine, self._secret = engine, secret
        self._carrier: web.WebSocketResponse | None = None
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        engine.report = self._outbox.put_nowait

    def application(self) -> web.Application:
        application = web.Application()
        routes = [web.get("/carrier", self.carrier), web.get("/media", self.media), web.get("/status", self.status)]
        application.add_routes(routes)
        application.cleanup_ctx.append(self._ticking)
        return application

    async def status(self, request: web.Request) -> web.Response:
        ticks = request.query.get("ticks", "")
        status = self.engine.status(int(ticks)) if ticks.isdigit() and int(ticks) else self.engine.status()
        return web.json_response(status | {"carrier": self._carrier is not None})

    async def carrier(self, request: web.Request) -> web.StreamResponse:
        """The carrier's orders in, replies and events out. A new one takes the old one's place."""
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self._secret}"):
            raise web.HTTPForbidden(text="The secret is wrong.")
        socket = web.WebSocketResponse(max_msg_size=LARGEST, compress=False)
        await socket.prepare(request)
        if self._carrier is not None:
            await self._carrier.close(code=4409, message=b"Another carrier has come.")
        self.engine.clear()
        self._carrier, self._outbox = socket, asyncio.Queue()
        self.engine.report = self._outbox.put_nowait
        sending = asyncio.get_running_loop().create_task(self._send(socket, self._outbox))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._outbox.put_nowait(self._answer(message.data))
        finally:
            sending.cancel()
            if self._carrier is socket:
                self._carrier = None
                self.engine.clear()
        return socket

    async def media(self, request: web.Request) -> web.StreamResponse:
        """A page's sound. The token says whose, serves once, and only the site that asked for it."""
        admission = self.engine.admissions.pop(request.query.get("token", ""), None)
        if admission is not None and request.headers.get("Origin", "") != admission.origin:
            raise web.HTTPForbidden(text="Another site's page may not listen here.")
        socket = web.WebSocketResponse(max_msg_size=LARGEST, compress=False, heartbeat=20, timeout=2)
        await socket.prepare(request)
        if admission is None or admission.until < asyncio.get_running_loop().time():
            await socket.close(code=4401, message=b"The token is wrong, used or too old.")
            return socket
        leg = self.engine.hall.legs.get(admission.leg)
        if leg is None or request.transport is None:
            await socket.close(code=4410, message=b"The call is over.")
            return socket
        if before := self.engine.lines.get(admission.leg):
            before.close(4409, "Another page has this call's sound now.")
        line = self.engine.lines[admission.leg] = Line(admission.leg, leg.inbox, socket, request.transport)
        self.engine.report({"event": "connected", "leg": admission.leg})
        try:
            await line.receive()
        finally:
            if self.engine.lines.get(admission.leg) is line:
                del self.engine.lines[admission.leg]
                self.engine.report({"event": "lost", "leg": admission.leg})
        return socket

    def _answer(self, text: str) -> dict[str, Any]:
        told: dict[str, Any] = {}
        try:
            told = json.loads(text)
            self.engine.obey(told)
        except (Refused, ValueError, AttributeError) as error:
            return {"id": told.get("id") if isinstance(told, dict) else None, "ok": False, "error": str(error)}
        return {"id": told.get("id"), "ok": True}

    async def _send(self, socket: web.WebSocketResponse, outbox: asyncio.Queue[dict[str, Any]]) -> None:
        while True:
            await socket.send_json(await outbox.get())

    async def _ticking(self, application: web.Application) -> Any:
        ticking = asyncio.get_running_loop().create_task(self.engine.run())
        ticking.add_done_callback(_die_with_the_clock)
        yield
        ticking.cancel()
        self.engine.clear()


def _die_with_the_clock(ticking: asyncio.Task[None]) -> None:
    """An engine whose clock stopped is of no use: let the one who started it start another."""
    if not ticking.cancelled() and (error := ticking.exception()):
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "The clock stopped.", "exception": error})
        loop.call_soon(_end)


def _end() -> None:
    raise SystemExit(1)
