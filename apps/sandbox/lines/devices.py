"""Browser devices: they register under an identity, ring together, and the first to accept has the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..clock import Timer
from ..names import split_client
from .line import Line

if TYPE_CHECKING:
    from ..exchange.calls import Call
    from ..exchange.network import Network

GRACE_SECONDS = 3.0


class Registration:
    """One browser tab (or a headless device of the control API); `send` carries messages to it."""

    def __init__(self, identity: str, send: Callable[[dict[str, Any]], None], *, headless: bool = False) -> None:
        self.identity, self.send, self.headless = identity, send, headless


class DeviceLine(Line):
    """A leg to or from a browser device."""

    def __init__(self, call: Call, devices: Devices, identity: str, registration: Registration | None = None) -> None:
        super().__init__(call)
        self.devices, self.identity = devices, identity
        self.registration = registration  # whose leg it is: the one that accepted, or that connected
        self.ringing: list[Registration] = []
        self.ref: str | None = None
        self._grace: Timer | None = None

    @property
    def state(self) -> str:
        return "open" if self.call.talking else "ringing" if self.call.direction != "inbound" else "connecting"

    def view(self) -> dict[str, Any]:
        call = self.call
        view = {"sid": call.sid, "state": self.state, "from": call.from_, "to": call.to, "params": call.params}
        return view | {"muted": call.mic_muted}

    def ring(self) -> None:
        self.ringing = list(self.devices.registrations(self.identity))
        self.devices.lines[self.call.sid] = self
        if not self.ringing:
            self.call.end("failed", sip_code=480)
            return
        self.call.ring()
        said = {"callSid": self.call.sid, "from": self.call.from_, "to": self.call.to, "params": self.call.params}
        for registration in self.ringing:
            registration.send({"type": "incoming"} | said)
        self.devices.changed()

    def accept(self, registration: Registration) -> None:
        """First come, first served: the others are told to stop."""
        if registration not in self.ringing or self.call.status != "ringing":
            registration.send({"type": "cancel", "callSid": self.call.sid})
            return
        self._stop_ringing(but=registration)
        self.registration = registration
        self.call.answer()

    def reject(self, registration: Registration) -> None:
        """This tab will not take it; when none is left the caller finds it busy."""
        if registration in self.ringing:
            self.ringing.remove(registration)
            if not self.ringing and self.call.status == "ringing":
                self.call.end("busy", sip_code=486, by="device")

    def gone(self, registration: Registration) -> None:
        """The tab's socket died: a ringing leg rings on elsewhere, a talking one waits a moment for it to return."""
        if registration in self.ringing:
            self.ringing.remove(registration)
        if self.registration is registration and self.call.open:
            self.registration = None
            self.call.note("device.lost", identity=self.identity)
            self._grace = self.call.after(GRACE_SECONDS, lambda: self.call.end("completed", by="device lost"))

    def resume(self, registration: Registration) -> bool:
        """A tab of the same identity is back within the grace."""
        if self._grace is None or not self.call.open or self.registration is not None:
            return False
        self._grace.cancel()
        self._grace = None
        self.registration = registration
        self.call.note("device.resumed", identity=self.identity)
        return True

    def answered(self) -> None:
        self._send({"type": "accepted", "callSid": self.call.sid, "ref": self.ref})
        self.devices.changed()

    def ended(self) -> None:
        reason = self.call.status
        self._stop_ringing()
        self._send({"type": "disconnect", "callSid": self.call.sid, "reason": reason})
        self.devices.lines.pop(self.call.sid, None)
        self.devices.changed()

    def heard(self, entry: dict[str, Any]) -> None:
        said = {"verb": entry["verb"], "text": entry.get("text"), "url": entry.get("url")}
        self._send({"type": "heard", "callSid": self.call.sid} | said)

    def _stop_ringing(self, but: Registration | None = None) -> None:
        for registration in self.ringing:
            if registration is not but:
                registration.send({"type": "cancel", "callSid": self.call.sid})
        self.ringing = []

    def _send(self, message: dict[str, Any]) -> None:
        if self.registration is not None:
            self.registration.send(message)


class Devices:
    """All registrations by identity, and the legs of devices."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._registered: dict[str, list[Registration]] = {}
        self.lines: dict[str, DeviceLine] = {}

    def registrations(self, identity: str) -> list[Registration]:
        return self._registered.get(identity, [])

    def register(self, registration: Registration) -> None:
        self._registered.setdefault(registration.identity, []).append(registration)
        self.network.fact("device.registered", identity=registration.identity)
        registration.send({"type": "registered", "identity": registration.identity})
        resumed = [line.view() for line in self.of(registration.identity) if line.resume(registration)]
        if resumed:
            calls = [{"callSid": view["sid"]} | view for view in resumed]
            registration.send({"type": "resumed", "calls": calls})
        self.changed()

    def unregister(self, registration: Registration, *, lost: bool = False) -> None:
        """The device rings no more. `lost` means that its socket died, which its legs notice too."""
        others = self._registered.get(registration.identity, [])
        if registration in others:
            others.remove(registration)
            if not others:
                del self._registered[registration.identity]
            self.network.fact("device.unregistered", identity=registration.identity, lost=lost)
        for line in self.of(registration.identity):
            if lost:
                line.gone(registration)
            elif registration in line.ringing:
                line.ringing.remove(registration)
        self.changed()

    def forget_headless(self) -> None:
        for registrations in list(self._registered.values()):
            for registration in [each for each in registrations if each.headless]:
                self.unregister(registration)

    def line(self, call: Call) -> DeviceLine:
        """A leg that rings a device: custom parameters may stand in the address."""
        identity, params = split_client(call.to)
        call.to = f"client:{identity}"
        call.params |= params
        return DeviceLine(call, self, identity)

    def connect(self, registration: Registration, params: dict[str, str], ref: str | None = None) -> Call:
        """`device.connect()`: a leg from the browser into the network."""

        def line(call: Call) -> DeviceLine:
            made = self.lines[call.sid] = DeviceLine(call, self, registration.identity, registration)
            made.ref = ref
            registration.send({"type": "connecting", "ref": ref, "callSid": call.sid})
            return made

        call = self.network.from_device(registration.identity, params, line)
        self.changed()
        return call

    def of(self, identity: str) -> list[DeviceLine]:
        return [line for line in list(self.lines.values()) if line.identity == identity and line.call.open]

    def view(self) -> list[dict[str, Any]]:
        identities = dict.fromkeys([*self._registered, *(line.identity for line in self.lines.values())])
        return [
            {
                "identity": identity,
                "registered": bool(self.registrations(identity)),
                "registrations": len(self.registrations(identity)),
                "calls": [line.view() for line in self.of(identity)],
            }
            for identity in identities
        ]

    def changed(self) -> None:
        self.network.devices_changed()
