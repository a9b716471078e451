"""The web application: Twilio's REST API, the control API, the sockets and the phone booth's page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from . import control, sockets
from .exchange.network import Network
from .rest import calls, conferences, messages, notices, numbers, queues, recordings
from .rest.errors import RestError

STATIC = Path(__file__).parent / "static"


def build(network: Network) -> ASGIApp:
    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with network.media.running():
            yield
        await network.close()

    rest = (calls, recordings, conferences, queues, messages, numbers, notices)
    routes: list[Any] = [route for room in rest for route in room.ROUTES]
    routes += [*control.ROUTES, *sockets.ROUTES]
    if STATIC.is_dir():
        routes.append(Mount("/", Pages(directory=STATIC, html=True, sockets=network.media.sockets)))
    app = Starlette(routes=routes, lifespan=life)
    app.state.network = network
    return Unreliable(app, network)


class Pages(StaticFiles):
    """The booth's files. Nothing of them speaks to anybody but the sandbox and its sound engine."""

    def __init__(self, *, sockets: str, **options: Any) -> None:
        super().__init__(**options)
        self._policy = (
            f"default-src 'self'; connect-src 'self' {sockets}; media-src *; img-src 'self' data:; "
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        )

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers["Content-Security-Policy"] = self._policy
        return response


class Unreliable:
    """The faults of the REST API: late, refused, or carried out with the answer lost."""

    def __init__(self, app: ASGIApp, network: Network) -> None:
        self.app, self.network = app, network

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/2010-04-01/"):
            await self.app(scope, receive, send)
            return
        faults = self.network.webhooks.faults
        if faults.latency:
            await asyncio.sleep(faults.latency)
        refusal = faults.refusal(scope["path"])
        if refusal is not None:
            await RestError(*refusal).answer()(scope, receive, send)
        elif faults.loses_answer(scope["method"], scope["path"]):
            await self.app(scope, receive, _nowhere)
            await _break_off(receive)
        else:
            await self.app(scope, receive, send)


async def _nowhere(message: Any) -> None:
    """Where lost answers go."""


async def _break_off(receive: Receive) -> None:
    """Close the connection without a word: the server's own receive function knows its transport."""
    cycle = getattr(receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise RuntimeError("This server does not let go of a connection; run the sandbox on uvicorn.")
    transport.abort()
    while not cycle.disconnected:  # type: ignore[union-attr]
        await asyncio.sleep(0)
