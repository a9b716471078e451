"""The verbs that hold a call for a while or send it elsewhere: Say Play Pause Redirect Hangup Reject Leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..media import Sound
from .document import Node
from .outcome import Ending, Jump

if TYPE_CHECKING:
    from .runner import Runner

FOREVER = 1000  # what loop="0" means


async def say(runner: Runner, node: Node) -> None:
    language = node.get("language", "en-US")
    sound = await runner.network.media.spoken(node.text, language)
    await _sound(runner, node, "Say", sound, text=node.text, language=language)


async def play(runner: Runner, node: Node) -> None:
    if node.get("digits"):
        digits = node.get("digits")
        await _sound(runner, node, "Tones", runner.network.media.made("keys", digits), digits=digits)
    elif node.text:
        url = runner.address(node.text)
        await _sound(runner, node, "Play", await runner.network.media.fetched(url), url=url)


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


async def _sound(runner: Runner, node: Node, verb: str, sound: Sound, **what: Any) -> None:
    loops = node.number("loop", 1)
    if loops != 1:
        what["loop"] = loops
    runner.call.hear(verb, where=runner.where, seconds=sound.seconds, **what, **sound.told())
    playing = runner.call.play(sound, loops)
    try:
        await runner.clock.sleep(sound.seconds * (loops or FOREVER) + sound.tail)
    finally:
        runner.call.stop(playing)
