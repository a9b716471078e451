"""<Dial>: which of its forms; and dialling phones, of which the first to answer is bridged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..clock import Mailbox
from ..exchange.calls import Call, Documents, Report
from ..exchange.recordings import Recording, Wanted
from ..media import Playing
from ..names import is_number
from ..webhooks import WebhookFailed
from . import dial_queue, dial_room
from .document import Node, TwimlError
from .outcome import Ending, Jump
from .situations import WHISPER

if TYPE_CHECKING:
    from .runner import Runner

RECORDED = {"true", "record-from-answer", "record-from-ringing"}
RECORDED_DUAL = {"record-from-answer-dual", "record-from-ringing-dual"}


async def dial(runner: Runner, node: Node) -> Jump | None:
    kinds = {child.name for child in node.children}
    if "Conference" in kinds:
        return await dial_room.dial_conference(runner, node, node.children[0])
    if "Queue" in kinds:
        return await dial_queue.dial_queue(runner, node, node.children[0])
    nouns = node.children or ([Node("Number", texts=[node.text])] if node.text else [])
    if not nouns:
        return None
    return await _dial_phones(runner, node, nouns)


class Dialling:
    """The parent's place while it rings phones and while it talks to the one that answered."""

    where = "dial"

    def __init__(self, runner: Runner, node: Node) -> None:
        self.runner, self.node, self.parent = runner, node, runner.call
        self.box = Mailbox(runner.clock)
        self.legs: list[Call] = []
        self.winner: Call | None = None
        self.bridged_at: float | None = None
        self.lasted = 0
        self.bridged = False
        self.recording: Recording | None = None
        self.ringing: Playing | None = None
        self.action = runner.address(node.get("action")) if node.get("action") else ""
        self.last_status = "no-answer"

    # As the parent's place

    def leave(self, reason: str) -> None:
        winner = self.winner
        self.part()
        for leg in self.legs:
            leg.end("completed" if leg.talking else "canceled")
        if reason == "hangup" and self.action:
            params = self.runner.network.voice_params(self.parent) | self.result(winner)
            method = self.node.get("method", "POST")
            self.runner.network.webhooks.tell(self.action, method, params, kind="dial.action", sid=self.parent.sid)

    def key(self, digit: str) -> bool:
        if digit == "*" and self.node.flag("hangupOnStar") and self.winner is not None:
            self.winner.end("completed", by="star")
            return True
        return False

    def speech(self, text: str) -> bool:
        return False

    # What the legs report

    def take(self, leg: Call) -> bool:
        """A phone answered: the first one wins, the others stop ringing."""
        if self.winner is not None or not self.parent.open:
            return False
        self.winner = leg
        for other in self.legs:
            if other is not leg:
                other.end("canceled")
        return True

    def bridge(self, leg: Call) -> None:
        self.parent.answer()
        self.parent.stop(self.ringing)
        self.bridged, self.bridged_at = True, self.runner.clock.now()
        self.parent.partner, leg.partner = leg, self.parent
        self.parent.note("call.bridged", other=leg.sid)
        self.parent.after(self.node.number("timeLimit", 14_400), lambda: leg.end("completed"))
        wish = self.node.get("record")
        if wish in RECORDED | RECORDED_DUAL:
            report = self.runner.report(self.node, "recordingStatusCallback")
            wanted = Wanted("DialVerb", 2 if wish in RECORDED_DUAL else 1, report=report)
            self.recording = self.runner.network.recordings.start(wanted, call=self.parent)

    def lost(self, leg: Call) -> None:
        """A leg ended or was redirected away."""
        if leg is self.winner:
            self.part()
            self.box.put("over")
        elif leg.status in ("busy", "no-answer", "failed", "canceled"):
            self.last_status = leg.status
            if self.winner is None and not any(other.open for other in self.legs):
                self.box.put("over")

    def part(self) -> None:
        if self.bridged_at is not None and self.winner is not None:
            self.lasted = round(self.runner.clock.now() - self.bridged_at)
            self.winner.partner = None
            self.parent.partner = None
            self.bridged_at = None
            if self.recording is not None:
                self.recording.stop()
            self.runner.network.fact("call.parted", call=self.parent.sid, other=self.winner.sid)

    def result(self, winner: Call | None) -> dict[str, str]:
        """What the Dial action is told."""
        if winner is None:
            return {"DialCallStatus": self.last_status, "DialBridged": "false"}
        told = {"DialCallStatus": "completed", "DialCallSid": winner.sid, "DialCallDuration": str(self.lasted)}
        told["DialBridged"] = "true" if self.bridged else "false"
        if self.recording is not None:
            told["RecordingUrl"] = self.recording.url
        return told


class Extension:
    """The dialled phone's place while it belongs to the Dial."""

    where = "dial"

    def __init__(self, dialling: Dialling, leg: Call) -> None:
        self.dialling, self.leg = dialling, leg

    def leave(self, reason: str) -> None:
        self.dialling.lost(self.leg)
        if self.leg in self.dialling.legs and reason == "redirect":
            self.dialling.legs.remove(self.leg)

    def key(self, digit: str) -> bool:
        return False

    def speech(self, text: str) -> bool:
        return False


async def _dial_phones(runner: Runner, node: Node, nouns: list[Node]) -> Jump | None:
    place = Dialling(runner, node)
    runner.call.places.append(place)
    ringing = runner.network.media.made("ringing")
    runner.call.hear("Ringing", where="dial", **ringing.told())
    place.ringing = runner.call.play(ringing, times=0)
    groups = [[noun] for noun in nouns] if node.flag("sequential") else [nouns]
    for group in groups:
        legs = [_leg(runner, node, noun, place) for noun in group]
        place.legs = legs
        for leg in legs:
            if leg.open:
                runner.network.place(leg, timeout=max(1, min(600, node.number("timeout", 30))))
        if any(leg.open for leg in legs) or place.winner:
            await place.box.get()
        if place.winner is not None:
            break
    runner.call.stop(place.ringing)
    if place in runner.call.places:
        runner.call.places.remove(place)
    if not place.action:
        return None
    return Jump(place.action, node.get("method", "POST"), place.result(place.winner), kind="dial.action")


def _leg(runner: Runner, node: Node, noun: Node, place: Dialling) -> Call:
    parent, network = runner.call, runner.network
    to, params = _address(noun)
    caller = node.get("callerId") or parent.from_
    if noun.name == "Number" and not is_number(caller):
        raise TwimlError(13214, "Dial needs a callerId: the caller is not a phone number.")
    report = runner.report(noun, "statusCallback") or Report()
    leg = Call(network, from_=caller, to=to, direction="outbound-dial", parent=parent, report=report, params=params)
    leg.documents = Documents(
        fallback_url=parent.documents.fallback_url, fallback_method=parent.documents.fallback_method
    )
    if noun.get("sendDigits"):
        leg.on_answer.append(lambda: leg.note("call.sent_digits", count=len(noun.get("sendDigits"))))
    whisper = (
        Jump(runner.address(noun.get("url")), noun.get("method", "POST"), kind="whisper") if noun.get("url") else None
    )
    leg.program = lambda call: _answered(runner, place, call, whisper)
    leg.on_end.append(lambda: place.lost(leg))
    return leg


def _address(noun: Node) -> tuple[str, dict[str, str]]:
    """Whom to ring, and the custom parameters for a browser device."""
    if noun.name == "Client":
        identity = next((child.text for child in noun.children if child.name == "Identity"), "") or noun.text
        params = {c.get("name"): c.get("value") for c in noun.children if c.name == "Parameter"}
        return f"client:{identity}", params
    number = noun.text.replace(" ", "").replace("-", "")
    return (f"sip:{number}" if noun.name == "Sip" and not number.startswith("sip:") else number), {}


async def _answered(runner: Runner, place: Dialling, leg: Call, whisper: Jump | None) -> None:
    """What a dialled phone goes through: the whisper, then the bridge until either side leaves."""
    if not place.take(leg):
        leg.end("completed")
        return
    leg.places.append(Extension(place, leg))
    if whisper is not None:
        try:
            ending = await runner.network.runner(leg, verbs=WHISPER, where="whisper", main=False, refused=13201).visit(
                whisper
            )
        except WebhookFailed as failure:
            runner.network.notices.add(leg, failure.code, failure.text, failure.url)
            ending = Ending.HANGUP
        if ending is Ending.HANGUP:
            return
    place.bridge(leg)
    await asyncio.get_running_loop().create_future()  # until the leg is interrupted
