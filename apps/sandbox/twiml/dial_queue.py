"""<Dial><Queue>: the call takes the head of a queue and talks to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..exchange.queues import Entry
from .document import Node
from .outcome import Jump

if TYPE_CHECKING:
    from ..exchange.calls import Call
    from .runner import Runner


class QueueBridge:
    """The dialler's place while it talks to a caller from the queue."""

    where = "dial"

    def __init__(self, dialler: Call, entry: Entry, told: dict[str, str], farewell: tuple[str, str] | None) -> None:
        self.dialler, self.entry, self.told, self.farewell = dialler, entry, told, farewell

    def leave(self, reason: str) -> None:
        self.entry.dialler_gone = None
        self.entry.unbridge()
        self.entry.box.put("over")
        if reason == "hangup" and self.farewell is not None:
            network = self.dialler.network
            params = network.voice_params(self.dialler) | self.told
            network.webhooks.tell(*self.farewell, params, kind="dial.action", sid=self.dialler.sid)

    def key(self, digit: str) -> bool:
        return False

    def speech(self, text: str) -> bool:
        return False


async def dial_queue(runner: Runner, node: Node, noun: Node) -> Jump | None:
    call, clock = runner.call, runner.clock
    call.answer()
    action, method = runner.address(node.get("action")) if node.get("action") else "", node.get("method", "POST")

    def after(told: dict[str, str]) -> Jump | None:
        return Jump(action, method, told, kind="dial.action") if action else None

    queue = runner.network.queues.by_name(noun.text)
    if queue is None:
        return after({"DialCallStatus": "failed", "QueueResult": "error"})
    whisper = None
    if noun.get("url"):
        whisper = Jump(runner.address(noun.get("url")), noun.get("method", "POST"), kind="whisper")
    entry = await queue.head(node.number("timeout", 30))
    if entry is None:
        return after({"DialCallStatus": "no-answer", "QueueSid": queue.sid})
    queue.remove(entry, "bridged")
    gone = entry.dialler_gone = asyncio.get_running_loop().create_future()
    told = entry.result("bridged") | {"DialCallStatus": "completed", "DialCallSid": entry.call.sid}
    place = QueueBridge(call, entry, told, (action, method) if action else None)
    call.places.append(place)
    if whisper is not None:
        whisper.params = {"QueueSid": queue.sid, "QueueTime": str(entry.seconds), "DequeingCallSid": call.sid}
    begun = clock.now()
    entry.box.put(("taken", call, whisper))
    await gone
    if place in call.places:
        call.places.remove(place)
    return after(told | {"DialCallDuration": str(round(clock.now() - begun)), "DialBridged": "true"})
