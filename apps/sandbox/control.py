"""The /sandbox/ API: tests and the phone booth act as the people on the phone, move the clock and read the books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .clock import MANUAL, REAL
from .control_devices import ACTIONS, Unknown
from .exchange.calls import Call
from .exchange.network import Network
from .faults import Faults
from .lines.phones import Behaviour
from .lines.scripts import checked, hung_up
from .media import Silent
from .names import iso

Body = dict[str, Any]
Handler = Callable[[Network, Body, Request], Any]


def view(call: Call) -> dict[str, Any]:
    """All that a test or the booth may want to know of a call."""
    here = call.network.conferences.of(call)
    queue = next((place.queue.friendly_name for place in call.places if hasattr(place, "queue")), None)
    return {
        "sid": call.sid,
        "parent": call.parent_sid,
        "status": call.status,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "where": call.where,
        "conference": here.conference.friendly_name if here else None,
        "queue": queue,
        "muted": call.mic_muted or bool(here and here.manner.muted),
        "on_hold": bool(here and here.manner.hold),
        "coaching": here.manner.coach or None if here else None,
        "hears": [other.sid for other in call.network.heard_by(call)],
        "answered_by": call.answered_by,
        "created_at": iso(call.created),
        "answered_at": iso(call.started),
        "ended_at": iso(call.ended),
        "params": call.params,
        "heard": call.heard,
        "events": call.events,
        "script": call.script.view() if call.script else None,
    }


def dial_in(network: Network, body: Body, request: Request) -> Body:
    script = checked(body.get("script") or [])
    heard = body.get("sound") is True
    call = network.phones.dial_in(from_=str(body["from"]), to=str(body["to"]), script=script, heard=heard)
    return {"sid": call.sid}


def calls(network: Network, body: Body, request: Request) -> list[Body]:
    limit = int(request.query_params.get("limit", 100))
    rows = list(network.calls.values())[-limit:]
    return [view(call) for call in reversed(rows)]


def call(network: Network, body: Body, request: Request) -> Body:
    return view(_call(network, request))


def press(network: Network, body: Body, request: Request) -> Body:
    return {"taken": _call(network, request).press(str(body["digits"]))}


def say(network: Network, body: Body, request: Request) -> Body:
    _call(network, request).speak(str(body["text"]))
    return {}


def hang_up(network: Network, body: Body, request: Request) -> Body:
    found = _call(network, request)
    found.end(*hung_up(found), by="phone")
    return {"status": found.status}


async def sound(network: Network, body: Body, request: Request) -> Body:
    """The address where the page that asks becomes the ear and mouth of this phone."""
    return await network.media.admit(_call(network, request), request.headers.get("origin", ""))


def phones(network: Network, body: Body, request: Request) -> Body:
    return {number: behaviour.view() for number, behaviour in network.phones.rows.items()}


def set_phone(network: Network, body: Body, request: Request) -> Body:
    behaviour = network.phones.rows[request.path_params["number"]] = Behaviour.told(body)
    return behaviour.view()


def forget_phone(network: Network, body: Body, request: Request) -> Body:
    network.phones.rows.pop(request.path_params["number"], None)
    return {}


def numbers(network: Network, body: Body, request: Request) -> list[Body]:
    return [{"sid": row.sid, "phone_number": row.phone_number} | row.fields for row in network.numbers.rows.values()]


def conferences(network: Network, body: Body, request: Request) -> list[Body]:
    return [
        {
            "sid": row.sid,
            "name": row.friendly_name,
            "status": row.status,
            "reason": row.reason,
            "participants": [each.call.sid for each in row.present],
        }
        for row in network.conferences.rows.values()
    ]


def devices(network: Network, body: Body, request: Request) -> list[Body]:
    return network.devices.view()


def act_on_device(network: Network, body: Body, request: Request) -> Body:
    identity, action = request.path_params["identity"], request.path_params["action"]
    handler = ACTIONS.get(action)
    if handler is None:
        raise ValueError(f"A device can {', '.join(ACTIONS)}, not {action}.")
    return handler(network.devices, identity, body)


def faults(network: Network, body: Body, request: Request) -> Body:
    return network.webhooks.faults.told


def set_faults(network: Network, body: Body, request: Request) -> Body:
    network.webhooks.faults = Faults(body)
    return body


def journal(network: Network, body: Body, request: Request) -> Body:
    return {"entries": network.journal.after(int(request.query_params.get("after", 0)))}


def ledger(network: Network, body: Body, request: Request) -> Body:
    return {"entries": network.ledger.after(int(request.query_params.get("after", 0)))}


async def clock(network: Network, body: Body, request: Request) -> Body:
    """`mode`, `now` (ISO, manual only) and `advance_s`, in that order; answers when the network is quiet."""
    if "mode" in body or "now" in body:
        mode = body.get("mode", network.clock.mode)
        if mode not in (REAL, MANUAL):
            raise ValueError("mode is real or manual.")
        now = body.get("now")
        at = datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp() if now else None
        network.clock.set_mode(mode, at)
    if "advance_s" in body:
        await network.clock.advance(float(body["advance_s"]))
    return show_clock(network, body, request)


def show_clock(network: Network, body: Body, request: Request) -> Body:
    state = network.clock
    view = {"now": iso(state.now()), "mode": state.mode}
    return view | {"pending_timers": state.pending, "in_flight": state.in_flight}


async def reset(network: Network, body: Body, request: Request) -> Body:
    await network.reset(numbers=body.get("numbers") is False)
    return {}


def _call(network: Network, request: Request) -> Call:
    found = network.calls.get(request.path_params["sid"])
    if found is None:
        raise Unknown("There is no call with this sid.")
    return found


def foreign(request: HTTPConnection) -> bool:
    """A page of another site speaks, which a browser admits in its Origin header."""
    origin = request.headers.get("origin")
    return bool(origin) and urlsplit(origin or "").netloc != request.headers.get("host")


def route(path: str, **handlers: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        if foreign(request):
            return JSONResponse({"error": "Another site's page may not act here."}, status_code=403)
        handler = handlers.get(request.method)
        if handler is None:
            return JSONResponse({"error": "This method has no meaning here."}, status_code=405)
        try:
            body = await request.json() if await request.body() else {}
            said = handler(request.app.state.network, body, request)
            return JSONResponse(await said if isinstance(said, Awaitable) else said)
        except Silent as error:
            return JSONResponse({"error": str(error)}, status_code=409)
        except Unknown as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except KeyError as error:
            return JSONResponse({"error": f"{error.args[0]} is missing."}, status_code=400)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return Route("/sandbox" + path, endpoint, methods=["GET", "POST", "PUT", "DELETE"])


ROUTES = [
    route("/calls", GET=calls, POST=dial_in),
    route("/calls/{sid}", GET=call),
    route("/calls/{sid}/press", POST=press),
    route("/calls/{sid}/say", POST=say),
    route("/calls/{sid}/hangup", POST=hang_up),
    route("/calls/{sid}/sound", POST=sound),
    route("/phones", GET=phones),
    route("/phones/{number}", PUT=set_phone, DELETE=forget_phone),
    route("/numbers", GET=numbers),
    route("/conferences", GET=conferences),
    route("/devices", GET=devices),
    route("/devices/{identity}/{action}", POST=act_on_device),
    route("/faults", GET=faults, PUT=set_faults),
    route("/journal", GET=journal),
    route("/ledger", GET=ledger),
    route("/clock", GET=show_clock, POST=clock),
    route("/reset", POST=reset),
]
