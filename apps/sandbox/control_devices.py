"""What a test can do at a browser device: register it, answer, refuse, hang up, connect, mute, press keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .lines.devices import DeviceLine, Devices, Registration
from .lines.scripts import hung_up

Body = dict[str, Any]


class Unknown(Exception):
    """What was named does not exist."""


def _register(devices: Devices, identity: str, body: Body) -> Body:
    if not any(each.headless for each in devices.registrations(identity)):
        devices.register(Registration(identity, lambda message: None, headless=True))
    return {"identity": identity}


def _unregister(devices: Devices, identity: str, body: Body) -> Body:
    """Its tab dies; `{"lost": false}` means that it takes its leave properly, which keeps its calls."""
    for each in [each for each in devices.registrations(identity) if each.headless]:
        devices.unregister(each, lost=bool(body.get("lost", True)))
    return {}


def _answer(devices: Devices, identity: str, body: Body) -> Body:
    line = _line(devices, identity, body, "ringing")
    line.accept(_preferred(line))
    return {"sid": line.call.sid, "status": line.call.status}


def _reject(devices: Devices, identity: str, body: Body) -> Body:
    line = _line(devices, identity, body, "ringing")
    for registration in list(line.ringing):
        line.reject(registration)
    return {"sid": line.call.sid, "status": line.call.status}


def _hangup(devices: Devices, identity: str, body: Body) -> Body:
    line = _line(devices, identity, body, "")
    line.call.end(*hung_up(line.call), by="device")
    return {"sid": line.call.sid, "status": line.call.status}


def _connect(devices: Devices, identity: str, body: Body) -> Body:
    registered = devices.registrations(identity)
    if not registered:
        raise ValueError("The device is not registered.")
    params = {str(name): str(value) for name, value in (body.get("params") or {}).items()}
    return {"sid": devices.connect(registered[0], params).sid}


def _mute(devices: Devices, identity: str, body: Body) -> Body:
    line = _line(devices, identity, body, "")
    mute_device(line, bool(body.get("muted", True)))
    return {"sid": line.call.sid, "muted": line.call.mic_muted}


def _press(devices: Devices, identity: str, body: Body) -> Body:
    return {"taken": _line(devices, identity, body, "").call.press(str(body["digits"]))}


def mute_device(line: DeviceLine, muted: bool) -> None:
    line.call.mic_muted = muted
    line.call.note("device.muted" if muted else "device.unmuted", identity=line.identity)


ACTIONS: dict[str, Callable[[Devices, str, Body], Body]] = {
    "register": _register,
    "unregister": _unregister,
    "answer": _answer,
    "reject": _reject,
    "hangup": _hangup,
    "connect": _connect,
    "mute": _mute,
    "press": _press,
}


def _line(devices: Devices, identity: str, body: Body, state: str) -> DeviceLine:
    """The leg meant: the one named by `sid`, else the only or newest one in that state."""
    lines = [line for line in devices.of(identity) if not state or line.state == state]
    if body.get("sid"):
        lines = [line for line in lines if line.call.sid == body["sid"]]
    if not lines:
        raise Unknown(f"This device has no {state or 'open'} call.")
    return lines[-1]


def _preferred(line: DeviceLine) -> Registration:
    return next((each for each in line.ringing if each.headless), line.ringing[0])
