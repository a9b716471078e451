"""<Gather>: keys or words from the phone while a prompt is played and for a while after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clock import Mailbox
from .document import Node
from .outcome import Jump

if TYPE_CHECKING:
    from .runner import Runner

PROMPT_OVER = "prompt over"


@dataclass
class Spoken:
    text: str


class Listening:
    """The place of a call whose keys and words are being gathered."""

    where = "gather"

    def __init__(self, box: Mailbox, kinds: tuple[str, ...]) -> None:
        self._box, self._keys, self._words = box, "dtmf" in kinds, "speech" in kinds

    def leave(self, reason: str) -> None:
        """Nothing is posted for a gather that was interrupted."""

    def key(self, digit: str) -> bool:
        if self._keys:
            self._box.put(digit)
        return self._keys

    def speech(self, text: str) -> bool:
        if self._words:
            self._box.put(Spoken(text))
        return self._words


async def gather(runner: Runner, node: Node) -> Jump | None:
    action = runner.address(node.get("action")) if node.get("action") else ""
    box = Mailbox(runner.clock)
    place = Listening(box, node.words("input", "dtmf"))
    runner.call.places.append(place)
    runner.network.changed(runner.call)
    prompts = runner.call.spawn(runner.play(node.children))
    prompts.add_done_callback(lambda _: box.put(PROMPT_OVER))
    try:
        heard = await _collect(node, box, prompts.cancel)
    finally:
        prompts.cancel()
        if place in runner.call.places:
            runner.call.places.remove(place)
    if not heard and not node.flag("actionOnEmptyResult"):
        return None
    return Jump(action or runner.address(None), node.get("method", "POST"), heard or {"Digits": ""}, kind="gather")


async def _collect(node: Node, box: Mailbox, stop_prompt: object) -> dict[str, str]:
    timeout = float(node.number("timeout", 5))
    wanted = node.number("numDigits", 0)
    last = node.get("finishOnKey", "#")
    digits, prompting = "", True
    while True:
        item = await box.get(None if prompting else timeout)
        if item == PROMPT_OVER:
            prompting = False
            continue
        if item is None:
            break
        stop_prompt()  # type: ignore[operator]
        prompting = False
        if isinstance(item, Spoken):
            return {"SpeechResult": item.text, "Confidence": "0.9"}
        if item in last:
            break
        digits += item
        if wanted and len(digits) >= wanted:
            break
    return {"Digits": digits} if digits else {}
