"""The verbs that hold a call for a while or send it elsewhere: Say Play Pause Redirect Hangup Reject Leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .document import Node
from .outcome import Ending, Jump

if TYPE_CHECKING:
    from .runner import Runner

FOREVER = 1000  # what loop="0" means


async def say(runner: Runner, node: Node) -> None:
    seconds = runner.network.media.say_seconds(node.text)
    await _sound(runner, node, "Say", seconds, text=node.text, language=node.get("language", "en-US"))


async def play(runner: Runner, node: Node) -> None:
    if node.get("digits"):
        digits = node.get("digits")
        await _sound(runner, node, "Tones", 0.5 * len(digits), digits=digits)
    elif node.text:
        url = runner.address(node.text)
        await _sound(runner, node, "Play", runner.network.media.play_seconds(url), url=url)


async def pause(runner: Runner, node: Node) -> None:
    seconds = node.number("length", 1)
    runner.call.hear("Pause", where=runner.where, seconds=seconds)
    await runner.clock.sleep(seconds)


async def redirect(runner: Runner, node: Node) -> Jump:
    return Jump(runner.address(node.text or None), node.get("method", "POST"), kind="redirect")


async def hangup(runner: Runner, node: Node) -> Ending:
    return Ending.HANGUP


async def reject(runner: Runner, node: Node) -> Ending:
    busy = node.get("reason") == "busy"
    runner.call.hear("Reject", text="Busy." if busy else "This number is not in service.")
    runner.call.end("busy" if busy else "no-answer", sip_code=486 if busy else 403)
    return Ending.HANGUP


async def leave(runner: Runner, node: Node) -> Ending:
    return Ending.LEAVE


async def _sound(runner: Runner, node: Node, verb: str, seconds: float, **what: Any) -> None:
    times = node.number("loop", 1) or FOREVER
    if times > 1:
        what["loop"] = node.number("loop", 1)
    runner.call.hear(verb, where=runner.where, seconds=seconds, **what)
    await runner.clock.sleep(seconds * times)
