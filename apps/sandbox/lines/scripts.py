"""What a scripted person does on the phone, step by step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ..clock import Mailbox

if TYPE_CHECKING:
    from ..exchange.calls import Call

STEPS = {"wait", "press", "say", "expect", "hangup"}
PATIENCE_SECONDS = 60.0

Step = dict[str, Any]


def checked(steps: Any) -> list[Step]:
    """The steps, or ValueError with a sentence."""
    if not isinstance(steps, list):
        raise ValueError("A script is a list of steps.")
    for step in steps:
        if not isinstance(step, dict) or len(STEPS & set(step)) != 1 or set(step) - STEPS - {"within_s"}:
            raise ValueError(f"A step is one of {', '.join(sorted(STEPS))}; this is none: {step!r}.")
    return steps


class Script:
    """Runs beside the call, whatever the network does with it; ends with it."""

    def __init__(self, call: Call, steps: list[Step]) -> None:
        self.call, self.steps = call, steps
        self.step = 0
        self.state = "idle"
        self.error: str | None = None
        self._ears = Mailbox(call.network.clock)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self.steps and self.call.open:
            self.state = "running"
            self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """The call is over. A script that still expected to hear something has failed."""
        if self.state != "running":
            return
        unmet = next((step["expect"] for step in self.steps[self.step :] if "expect" in step), None)
        if unmet is None:
            self.state = "done"
        else:
            self._fail(f"The call ended before {unmet!r} was heard.")
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def hear(self, entry: dict[str, Any]) -> None:
        text = entry.get("text") or entry.get("url")
        if text and self.state in ("idle", "running"):
            self._ears.put(str(text))

    def view(self) -> dict[str, Any]:
        return {"step": self.step, "steps": len(self.steps), "state": self.state, "error": self.error}

    async def _run(self) -> None:
        while self.step < len(self.steps) and self.call.open:
            if not await self._do(self.steps[self.step]):
                return
            self.step += 1
        if self.state == "running":
            self.state = "done"
            self.call.network.changed(self.call)

    async def _do(self, step: Step) -> bool:
        call, clock = self.call, self.call.network.clock
        if "wait" in step:
            await clock.sleep(float(step["wait"]))
        elif "press" in step:
            for digit in str(step["press"]):
                if digit in "wW":
                    await clock.sleep(0.5 if digit == "w" else 1)
                call.press(digit)
        elif "say" in step:
            call.speak(str(step["say"]))
            await clock.sleep(call.network.media.say_seconds(str(step["say"])))
        elif "expect" in step:
            return await self._expect(str(step["expect"]), float(step.get("within_s", PATIENCE_SECONDS)))
        elif step["hangup"]:
            self.step += 1
            self.state = "done"
            call.end(*hung_up(call), by="phone")
            return False
        return True

    async def _expect(self, wanted: str, patience: float) -> bool:
        clock = self.call.network.clock
        until = clock.now() + patience
        while (left := until - clock.now()) > 0:
            text = await self._ears.get(left)
            if text is not None and wanted.casefold() in text.casefold():
                return True
        self._fail(f"{wanted!r} was not heard within {patience:g} s.")
        return False

    def _fail(self, why: str) -> None:
        self.state, self.error = "failed", why
        self.call.note("script.failed", step=self.step, error=why)


def hung_up(call: Call) -> tuple[str]:
    """How a call ends when its phone hangs up."""
    if call.talking:
        return ("completed",)
    return ("no-answer" if call.direction == "inbound" else "busy",)
