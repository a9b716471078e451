"""Websockets: browser devices at /sandbox/device, onlookers at /sandbox/watch.

A device speaks JSON. It sends register, unregister, connect, accept, reject, hangup, digits, mute, say, sound, ping; it
receives registered, unregistered, error, incoming, cancel, connecting, accepted, disconnect, heard, resumed, sound,
pong. `sound` asks for the one-time address of a call's sound and gets its `url`, or `why` there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import jwt
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from .control import foreign, view
from .control_devices import mute_device
from .exchange.calls import Call
from .exchange.network import Network
from .lines.devices import DeviceLine, Registration
from .lines.scripts import hung_up
from .media import Silent

WATCH_SECONDS = 0.1
Message = dict[str, Any]


class Outbox:
    """Messages to one socket, sent in order by one task, so that the network never waits for a browser."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._queue: asyncio.Queue[Message] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._send())

    def put(self, message: Message) -> None:
        self._queue.put_nowait(message)

    def close(self) -> None:
        self._task.cancel()

    async def _send(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the reader notices the end of the socket
            while True:
                await self._socket.send_text(json.dumps(await self._queue.get()))


class DeviceSocket:
    def __init__(self, network: Network, outbox: Outbox, origin: str) -> None:
        self.network, self.outbox, self.origin = network, outbox, origin
        self.registration: Registration | None = None

    def take(self, message: Message) -> None:
        """One message from the browser."""
        kind = message.get("type")
        if kind == "ping":
            self.outbox.put({"type": "pong"})
        elif kind == "register":
            self._register(str(message.get("token", "")))
        elif self.registration is None:
            self._error(31201, "Register first.")
        elif kind == "unregister":
            self.network.devices.unregister(self.registration)
            self.outbox.put({"type": "unregistered", "reason": "asked"})
        elif kind == "connect":
            params = {str(name): str(value) for name, value in (message.get("params") or {}).items()}
            self.network.devices.connect(self.registration, params, message.get("ref"))
        else:
            self._on_call(self.registration, kind, message)

    def lost(self) -> None:
        if self.registration is not None:
            self.network.devices.unregister(self.registration, lost=True)

    def _register(self, token: str) -> None:
        try:
            identity = self._identity(token)
        except jwt.ExpiredSignatureError:
            self._error(31205, "The token has expired.")
        except (jwt.InvalidTokenError, KeyError, TypeError):
            self._error(31204, "The token is not valid.")
        else:
            if self.registration is not None and self.registration.identity == identity:
                known = self.network.devices.registrations(identity)
                if self.registration in known:  # a fresh token for a device that is there already
                    self.outbox.put({"type": "registered", "identity": identity})
                    return
            self.registration = Registration(identity, self.outbox.put)
            self.network.devices.register(self.registration)

    def _identity(self, token: str) -> str:
        settings = self.network.settings
        claims = jwt.decode(token, settings.api_secret, algorithms=["HS256"], options={"require": ["exp"]}, leeway=5)
        grants = claims["grants"]
        if not isinstance(grants["voice"], dict) or claims.get("sub") != settings.account_sid:
            raise jwt.InvalidTokenError
        return str(grants["identity"])

    def _on_call(self, registration: Registration, kind: Any, message: Message) -> None:
        line = self.network.devices.lines.get(str(message.get("callSid")))
        if line is None or line.identity != registration.identity:
            self.outbox.put({"type": "cancel", "callSid": message.get("callSid")})
        elif kind == "accept":
            line.accept(registration)
        elif kind == "reject":
            line.reject(registration)
        elif line.registration is not registration:
            self._error(31000, "Another tab has this call.")
        else:
            self._talk(line, kind, message)

    def _talk(self, line: DeviceLine, kind: Any, message: Message) -> None:
        call = line.call
        if kind == "hangup":
            call.end(*hung_up(call), by="device")
        elif kind == "digits":
            call.press(str(message.get("digits", "")))
        elif kind == "mute":
            mute_device(line, bool(message.get("muted")))
        elif kind == "sound":
            self._send_sound(call)
        elif kind == "say":
            call.speak(str(message.get("text", "")))
        else:
            self._error(31000, f"There is no message of type {kind}.")

    def _send_sound(self, call: Call) -> None:
        async def answer() -> None:
            try:
                said = await self.network.media.admit(call, self.origin)
            except Silent as silence:
                said = {"why": str(silence)}
            self.outbox.put({"type": "sound", "callSid": call.sid} | said)

        call.spawn(answer())

    def _error(self, code: int, text: str) -> None:
        self.outbox.put({"type": "error", "code": code, "message": text})


async def device(socket: WebSocket) -> None:
    await socket.accept()
    outbox = Outbox(socket)
    here = DeviceSocket(socket.app.state.network, outbox, socket.headers.get("origin", ""))
    try:
        while True:
            try:
                message = json.loads(await socket.receive_text())
            except ValueError:
                message = {}
            here.take(message if isinstance(message, dict) else {})
    except WebSocketDisconnect:
        here.lost()
    finally:
        outbox.close()


async def watch(socket: WebSocket) -> None:
    """Pushes each changed call, at most ten times a second, and the devices when they change."""
    if foreign(socket):
        await socket.close(1008)
        return
    await socket.accept()
    network: Network = socket.app.state.network
    dirty: dict[str, Any] = {"devices": None}
    for call in list(network.calls.values())[-50:]:
        dirty[call.sid] = call

    def changed(kind: str, what: Any) -> None:
        dirty[what.sid if kind == "call" else kind] = what

    async def push() -> None:
        while True:
            batch = dict(dirty)
            dirty.clear()
            for name, what in batch.items():
                said = {"devices": network.devices.view()} if name == "devices" else view(what)
                await socket.send_text(json.dumps({"type": "devices" if name == "devices" else "call"} | said))
            await asyncio.sleep(WATCH_SECONDS)

    network.watchers.append(changed)
    pushing = asyncio.get_running_loop().create_task(push())
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        return
    finally:
        pushing.cancel()
        network.watchers.remove(changed)


ROUTES = [WebSocketRoute("/sandbox/device", device), WebSocketRoute("/sandbox/watch", watch)]
