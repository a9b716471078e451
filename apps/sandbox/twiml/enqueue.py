"""<Enqueue>: the caller waits in a queue, hearing the wait document again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange.queues import Entry
from ..webhooks import WebhookFailed
from .document import Node, TwimlError
from .outcome import Ending, Jump
from .situations import LISTEN, QUEUE_WAIT

if TYPE_CHECKING:
    from ..exchange.calls import Call
    from .runner import Runner

NAME_LIMIT = 64


async def enqueue(runner: Runner, node: Node) -> Jump | Ending | None:
    call, name = runner.call, node.text
    if len(name) > NAME_LIMIT:
        raise TwimlError(14205, "A queue's name has at most 64 letters.")
    queue = runner.network.queues.open(name or "default", node.number("maxQueueSize", 0) or None)
    method = node.get("method", "POST")
    action = runner.address(node.get("action")) if node.get("action") else ""
    wait_url, step = node.get("waitUrl"), None
    if wait_url:
        step = Jump(runner.address(wait_url), node.get("waitUrlMethod", "POST"), kind="wait")
    if queue.full:
        runner.network.notices.add(call, 14207, "The queue is full.")
        return (
            Jump(action, method, {"QueueResult": "queue-full", "QueueSid": queue.sid}, "enqueue.action")
            if action
            else None
        )
    entry = queue.put(call)
    entry.action = (action, method) if action else None
    call.places.append(entry)
    word = await _wait(runner, node, entry, step)
    if entry in call.places:
        call.places.remove(entry)
    queue.remove(entry, word)
    entry.unbridge()
    if word == "hangup":
        entry.action = None
        if action:
            params = runner.network.voice_params(call) | entry.result("hangup")
            call.on_end.append(lambda: _farewell(runner, action, method, params))
        return Ending.HANGUP
    if word == "system-error":
        raise TwimlError(11200, "The wait document failed.")
    return Jump(action, method, entry.result(word), "enqueue.action") if action else None


def _farewell(runner: Runner, url: str, method: str, params: dict[str, str]) -> None:
    params = params | {"CallStatus": runner.call.status}
    runner.network.webhooks.tell(url, method, params, kind="enqueue.action", sid=runner.call.sid)


async def _wait(runner: Runner, node: Node, entry: Entry, step: Jump | None) -> str:
    """How the waiting ended, as QueueResult."""
    waiting = runner.call.spawn(_listen(runner, node, entry, step))
    waiting.add_done_callback(lambda task: None if task.cancelled() else entry.box.put(task.result()))
    word = await entry.box.get()
    if not isinstance(word, tuple):
        return str(word)
    waiting.cancel()
    _, dialler, whisper = word
    await _bridge(runner, entry, dialler, whisper)
    return "bridged"


async def _bridge(runner: Runner, entry: Entry, dialler: Call, whisper: Jump | None) -> None:
    if whisper is not None:
        try:
            await runner.aside(LISTEN, "whisper", refused=13201).visit(whisper)
        except WebhookFailed as failure:
            runner.network.notices.add(runner.call, failure.code, failure.text, failure.url)
    entry.bridged = True
    runner.call.partner, dialler.partner = dialler, runner.call
    runner.call.note("call.bridged", other=dialler.sid)
    await entry.box.get()


async def _listen(runner: Runner, node: Node, entry: Entry, step: Jump | None) -> str:
    """The wait documents, as long as it lasts; returns the QueueResult that they cause."""
    if step is None:
        silent, music = "waitUrl" in node.attrs, runner.network.media.made("music")
        runner.call.hear("Silence" if silent else "Music", where="queue", **({} if silent else music.told()))
        playing = None if silent else runner.call.play(music, times=0)
        try:
            await runner.clock.sleep(10**9)
        finally:
            runner.call.stop(playing)
        return "hangup"
    waiting = runner.aside(QUEUE_WAIT, "queue", extra=entry.params)
    while True:
        begun = runner.clock.now()
        try:
            ending = await waiting.visit(step)
        except WebhookFailed as failure:
            runner.network.notices.add(runner.call, failure.code, failure.text, failure.url)
            return "system-error"
        if ending is Ending.LEAVE:
            return "leave"
        if ending is Ending.HANGUP:
            return "hangup"
        if runner.clock.now() - begun < 1:
            await runner.clock.sleep(1)  # an empty document must not be asked for in a circle
