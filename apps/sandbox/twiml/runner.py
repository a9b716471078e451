"""Fetches documents and runs their verbs on a call, one at a time, top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..exchange.calls import Report
from ..exchange.notices import WARNING
from ..webhooks import Answer, WebhookFailed
from . import dial, enqueue, gather, record, simple
from .document import Node, TwimlError, check, parse
from .outcome import Ending, Inline, Jump, Outcome, Step
from .situations import CALL

if TYPE_CHECKING:
    from ..exchange.calls import Call

VERBS = {
    "Say": simple.say,
    "Play": simple.play,
    "Pause": simple.pause,
    "Redirect": simple.redirect,
    "Hangup": simple.hangup,
    "Reject": simple.reject,
    "Leave": simple.leave,
    "Gather": gather.gather,
    "Dial": dial.dial,
    "Enqueue": enqueue.enqueue,
    "Record": record.record,
}
SILENT = {"Reject", "Pause", "Redirect"}  # verbs that do not answer a ringing call
XML = {"text/xml", "application/xml", "text/html"}
JUMPS_AT_ONCE = 40


class Runner:
    """Runs documents in one of the situations a call can be in.

    `verbs` may run here, others are an error with code `refused`; `where` is what the call hears these documents as;
    `extra` are parameters that go with every request; `main` documents answer the call and fall back to its fallback
    URL, others raise WebhookFailed.
    """

    def __init__(
        self,
        call: Call,
        *,
        verbs: frozenset[str] = CALL,
        where: str = "document",
        extra: Callable[[], dict[str, str]] = dict,
        main: bool = True,
        refused: int = 12200,
    ) -> None:
        self.call, self.network, self.clock = call, call.network, call.network.clock
        self.verbs, self.where, self.extra, self.main, self.refused = verbs, where, extra, main, refused
        self.here: Jump | None = None  # the address of the running document; None for an inline one
        self._instant, self._jumps = 0.0, 0

    def aside(
        self, verbs: frozenset[str], where: str, *, refused: int = 12200, extra: Callable[[], dict[str, str]] = dict
    ) -> Runner:
        """Runs documents beside the main one on the same call: wait music, a whisper."""
        return Runner(self.call, verbs=verbs, where=where, extra=extra, main=False, refused=refused)

    async def visit_first(self) -> Ending:
        """Begin with the documents the call was made for."""
        documents = self.call.documents
        if documents.url:
            return await self.visit(Jump(documents.url, documents.method, documents.extra))
        return await self.visit(Inline(documents.twiml))

    async def visit(self, step: Step) -> Ending:
        """Run this document and all that follow from it."""
        while True:
            try:
                await self._breathe()
                outcome = await self._run(await self._open(step), first=True)
            except (WebhookFailed, TwimlError) as error:
                failure = self._failure(error, step)
                if not self.main:
                    raise failure from error
                outcome = await self._fall_back(failure, step)
            if isinstance(outcome, Jump):
                step = outcome
                continue
            return outcome

    async def play(self, nodes: Sequence[Node]) -> None:
        """Run nested prompts."""
        for node in nodes:
            await VERBS[node.name](self, node)

    def address(self, said: str | None) -> str:
        """An action's address: relative to the running document; nothing said means that document itself."""
        if self.here is None:
            if not said or not urlsplit(said).scheme:
                raise TwimlError(11100, "A document given inline needs absolute addresses.")
            return said
        return urljoin(self.here.url, said) if said else self.here.url

    def report(self, node: Node, name: str) -> Report | None:
        """The callback that an element asks for with NAME, NAMEEvent and NAMEMethod."""
        if not node.get(name):
            return None
        events = node.words(
            f"{name}Event", "completed" if name != "statusCallback" or node.name != "Conference" else "start end"
        )
        return Report(self.address(node.get(name)), node.get(f"{name}Method", "POST"), events)

    async def _run(self, root: Node, *, first: bool) -> Outcome:
        for node in root.children:
            if node.name not in self.verbs:
                raise TwimlError(self.refused, f"{node.name} cannot be used here.")
            if node.name == "Reject" and not first:
                continue  # only as the first verb
            if self.main and self._answers(node):
                self.call.answer()
            outcome = await VERBS[node.name](self, node)
            first = False
            if outcome is not None:
                return outcome
        if self.main:
            self.call.answer()
        return Ending.DONE

    def _answers(self, node: Node) -> bool:
        return node.name not in SILENT and not (node.name == "Dial" and node.flag("answerOnBridge"))

    async def _open(self, step: Step) -> Node:
        if isinstance(step, Inline):
            self.here = None
            return self._checked(parse(step.twiml.encode()))
        params = self.network.voice_params(self.call) | self.extra() | step.params
        self.here = step
        answer = await self.network.webhooks.ask(
            step.url, step.method, params, kind=step.kind, sid=self.call.sid, cookies=self.call.cookies
        )
        self.here = Jump(answer.url, step.method)
        return self._checked(self._read(answer))

    def _read(self, answer: Answer) -> Node:
        kind = answer.content_type
        if kind.startswith("audio/"):
            return Node("Response", children=[Node("Play", texts=[answer.url]), Node("Hangup")])
        if kind == "text/plain":
            try:
                return parse(answer.body)
            except TwimlError:
                spoken = answer.body.decode("utf-8", "replace")
                return Node("Response", children=[Node("Say", texts=[spoken]), Node("Hangup")])
        if kind not in XML and answer.body.strip():
            raise TwimlError(12300, f"The content type {kind} is not TwiML.")
        return parse(answer.body)

    def _checked(self, root: Node) -> Node:
        for warning in check(root):
            self.network.notices.add(self.call, 12200, warning, self.here.url if self.here else "", level=WARNING)
        return root

    def _failure(self, error: WebhookFailed | TwimlError, step: Step) -> WebhookFailed:
        if isinstance(error, WebhookFailed):
            return error
        return WebhookFailed(error.code, step.url if isinstance(step, Jump) else "", error.text)

    async def _fall_back(self, failure: WebhookFailed, step: Step) -> Outcome:
        """The fallback document, or the sentence that Twilio says when there is none."""
        self.network.notices.add(self.call, failure.code, failure.text, failure.url)
        documents = self.call.documents
        if documents.fallback_url and not (isinstance(step, Jump) and step.kind == "fallback"):
            params = {"ErrorCode": str(failure.code), "ErrorUrl": failure.url}
            return Jump(documents.fallback_url, documents.fallback_method, params, kind="fallback")
        self.call.answer()
        text = "We are sorry, an application error has occurred. Goodbye."
        sound = await self.network.media.spoken(text, "en-US")
        self.call.hear("Error", text=text, code=failure.code, **sound.told())
        self.call.play(sound)
        await self.clock.sleep(sound.seconds + sound.tail)
        return Ending.HANGUP

    async def _breathe(self) -> None:
        """Documents that send each other in circles without taking time get a second's rest now and then."""
        now = self.clock.now()
        self._jumps = self._jumps + 1 if now - self._instant < 0.5 else 0
        self._instant = now if not self._jumps else self._instant
        if self._jumps > JUMPS_AT_ONCE:
            self._jumps = 0
            await self.clock.sleep(1)
