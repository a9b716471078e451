"""One REST request: who asks, of what, with which words; and the routes that answer."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..exchange.calls import Call
from ..exchange.network import Network
from .errors import RestError, missing, refused
from .forms import Form
from .paging import page

ROOT = "/2010-04-01/Accounts/{account}"
Handler = Callable[["Ask"], Any]


@dataclass
class Ask:
    network: Network
    path: str
    method: str
    parts: dict[str, str]
    query: dict[str, str]
    form: Form

    @property
    def account(self) -> str:
        return f"/2010-04-01/Accounts/{self.network.settings.account_sid}"

    def listed(self, key: str, rows: Sequence[Any], show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return page(self.path, self.query, key, rows, show)

    def call(self, name: str = "sid") -> Call:
        call = self.network.calls.get(self.parts[name])
        if call is None:
            raise missing(self.path)
        return call

    def dated(self, rows: Sequence[Any], field: str, get: Callable[[Any], float | None]) -> list[Any]:
        """Filter by `Field`, `Field<` and `Field>`, whole days or instants in ISO."""
        for suffix in ("", "<", ">", "<=", ">="):
            said = self.query.get(field + suffix)
            if not said:
                continue
            begin, end = _span(said)
            keep = {
                "": (begin, end),
                "<": (0.0, end),
                "<=": (0.0, end),
                ">": (begin, float("inf")),
                ">=": (begin, float("inf")),
            }[suffix]
            rows = [row for row in rows if keep[0] <= (get(row) or -1) < keep[1]]
        return list(rows)


def route(path: str, **handlers: Handler) -> Route:
    """A resource: a function for each method that returns what to answer.

    A dict is answered with 200 (201 for creations, marked by `created`), None with 204.
    """

    async def endpoint(request: Request) -> Response:
        network: Network = request.app.state.network
        try:
            _authenticate(network, request)
            handler = handlers.get(request.method)
            if handler is None:
                raise RestError(405, 20004)
            form = Form(await request.body())
            parts = {name: str(value) for name, value in request.path_params.items()}
            ask = Ask(network, request.url.path, request.method, parts, dict(request.query_params), form)
            said = handler(ask)
        except RestError as error:
            return error.answer()
        if isinstance(said, Response):
            return said
        if said is None:
            return Response(status_code=204)
        return JSONResponse(said, status_code=201 if getattr(handler, "creates", False) else 200)

    return Route(ROOT + path, endpoint, methods=["GET", "POST", "DELETE"])


def creates(handler: Handler) -> Handler:
    """Mark a handler whose success is 201."""
    handler.creates = True  # type: ignore[attr-defined]
    return handler


def _authenticate(network: Network, request: Request) -> None:
    settings = network.settings
    kind, _, said = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, word = base64.b64decode(said).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user, word = "", ""
    secret = {settings.account_sid: settings.auth_token, settings.api_key: settings.api_secret}.get(user)
    right = secret is not None and secrets.compare_digest(word.encode(), secret.encode())
    if kind.lower() != "basic" or not right or request.path_params["account"] != settings.account_sid:
        raise RestError(401, 20003)


def _span(said: str) -> tuple[float, float]:
    try:
        at = datetime.fromisoformat(said.replace("Z", "+00:00"))
    except ValueError as error:
        raise refused(20422, "The date is not valid") from error
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.timestamp(), at.timestamp() + (86_400 if len(said) == 10 else 0.001)
