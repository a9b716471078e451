"""Trying a door as somebody: what the matrix's words mean, and how each kind of route is asked."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch
from uuid import uuid4

from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.conf import settings
from django.contrib import admin
from django.core.signing import dumps
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory

from apps.core.models import User
from apps.ivr.models import Flow, FlowCase, FlowVersion
from apps.live.hub import get_hub
from callcenter.composition import websocket_urlpatterns
from tests.house.routes import Route
from tests.house.world import ADMIN, COLUMNS, KEY, NOBODY, READER, Two

# Let in (what the service then says is the service's matter), 403, 404, to the login or 401, 405.
YES, NO, NONE, LOGIN, NEVER = "yes", "no", "none", "login", "never"
# A model in the admin: list its rows, add one, open a row of A, change it, delete it, delete chosen rows of the list.
LETTERS = "laocdm"
FORM = "application/x-www-form-urlencoded"
_CLOSED = {4401: LOGIN, 4403: NO}


class Doors:
    """`ask(route, column)` tries a route as one of the people, undoes what it did and returns the table's word."""

    def __init__(self, world: Two) -> None:
        self.world = world
        self._sessions = {name: self._sign_in(name) for name in COLUMNS if name not in (NOBODY, KEY)}

    def _sign_in(self, column: str) -> str:
        client = Client()
        client.force_login(self.world.people[column])
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    def come_in(self, column: str, user: User) -> None:
        """Let `user` be tried as well, as `column`."""
        self.world.people[column] = user
        self._sessions[column] = self._sign_in(column)

    def client(self, column: str) -> Client:
        """A browser of this person, or a program with the operator's key."""
        client = Client()
        if column == KEY:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.world.key}"
        elif column != NOBODY:
            client.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[column]
        return client

    def ask(self, route: Route, column: str) -> str:
        if route.method == "SOCKET":
            return self._socket(route, column)
        ways = {"PAGES": self._letters, "ACTION": self._action}
        with transaction.atomic():
            try:
                return ways.get(route.method, self._request)(route, column)
            finally:
                transaction.set_rollback(True)

    def send(self, method: str, address: str, column: str, data: Any = None, *, drawn: bool | None = None) -> Any:
        """The reply to a request as this person. Unless asked for, only two have pages drawn: that takes long."""
        body: dict[str, Any] = {} if method == "GET" else {"data": data or {}}
        if method != "GET" and address.startswith("/api/"):
            body["content_type"] = "application/json"
        if method != "GET" and address.startswith("/carrier/"):
            body = {"data": "CallStatus=ringing", "content_type": FORM}  # well-formed, and not signed
        ask = getattr(self.client(column), method.lower())
        if drawn or (drawn is None and column in (ADMIN, READER)):
            return ask(address, **body)
        with patch.object(SimpleTemplateResponse, "rendered_content", ""):
            return ask(address, **body)

    def address(self, route: Route) -> str:
        """The route's path with A's row in it."""
        row = self.world.thing(route.model) if route.model and route.names_a_row else None
        path = route.path
        for place, value in {
            "<public_id>": getattr(row or self.world.prompt, "public_id", ""), "<object_id>": getattr(row, "pk", ""),
            "<id>": getattr(row, "pk", ""), "<token>": dumps("of a stranger"), "<url>": "nowhere/",
            "<app_label>": "calls", "<content_type_id>": "1", "<digest>": "0" * 16, "<extension>": "wav",
            "<flow>": self.world.thing(Flow).public_id, "<number>": self.world.thing(FlowVersion).number,
            "<other>": "0", "<case>": self.world.thing(FlowCase).public_id,
            "<party>": uuid4(), "<colleague>": uuid4(), "<message>": uuid4(), "<queue>": uuid4(), "<answer>": "refuse",
        }.items():  # fmt: skip
            path = path.replace(place, str(value))
        return path

    def _request(self, route: Route, column: str) -> str:
        try:
            return _word(self.send(route.method, self.address(route), column), of_a_row=route.names_a_row)
        except RuntimeError as error:
            # Every test is a transaction, and the carrier's port works in none: who came so far was let in.
            if "transaction" in str(error):
                return YES
            raise

    def _action(self, route: Route, column: str) -> str:
        name, model = route.path.partition("?action=")[2], route.model
        assert model is not None
        if column in (NOBODY, KEY):
            return LOGIN
        user = self.world.people[column]
        if not user.is_staff:
            return LOGIN
        return YES if name in _actions_for(user, model) else NO

    def _letters(self, route: Route, column: str) -> str:
        model = route.model
        assert model is not None
        row = f"{route.path}{self.world.thing(model).pk}"
        asked = {
            "l": ("GET", route.path), "a": ("GET", f"{route.path}add/"), "o": ("GET", f"{row}/change/"),
            "c": ("POST", f"{row}/change/"), "d": ("GET", f"{row}/delete/"),
        }  # fmt: skip
        words = {letter: _word(self.send(method, address, column)) for letter, (method, address) in asked.items()}
        words["history"] = _word(self.send("GET", f"{row}/history/", column))
        assert (words["history"] == YES) == (words["o"] == YES), f"{route}: the history is another door for {column}."
        if set(words.values()) == {LOGIN}:
            return LOGIN
        user = self.world.people[column]
        words["m"] = YES if "delete_selected" in _actions_for(user, model) else NO
        return "".join(letter if words[letter] == YES else "-" for letter in LETTERS)

    # A socket's database work would close the connection of a test in a transaction: its test has none.
    def _socket(self, route: Route, column: str) -> str:
        first = self.first_frame(route.path, column)
        return _CLOSED[first["code"]] if first["type"] == "websocket.close" else YES

    def first_frame(self, path: str, column: str) -> dict[str, Any]:
        """What a socket says first to this person: a message, or that it closes."""
        return async_to_sync(_first_frame)(path, self._sessions.get(column, ""))


def _actions_for(user, model) -> list[str]:
    request = RequestFactory().get("/")
    request.user = type(user).objects.get(pk=user.pk)
    return list(admin.site._registry[model].get_actions(request))


async def _first_frame(path: str, session: str) -> dict[str, Any]:
    scope = {"type": "websocket", "path": path, "cookies": {settings.SESSION_COOKIE_NAME: session} if session else {}}
    socket = ApplicationCommunicator(URLRouter(websocket_urlpatterns()), scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(10))["type"] == "websocket.accept"
    first = await socket.receive_output(10)
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(10)
    await get_hub().stop()  # its thread reads the tables that the test empties at its end
    return first


def _word(reply, *, of_a_row: bool = True) -> str:
    status, to = reply.status_code, reply.headers.get("Location", "")
    if status == 401 or (status == 302 and "login/" in to):
        return LOGIN
    if status == 302 and to == "/admin/" and of_a_row:  # how the admin says that it has no such row
        return NONE
    assert status != 500, f"{reply.request['PATH_INFO']}: {status}"
    return {403: NO, 404: NONE, 405: NEVER}.get(status, YES)
