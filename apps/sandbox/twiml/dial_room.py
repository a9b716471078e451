"""<Dial><Conference>: the call joins a room until it leaves or the room ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange.conferences import Manner
from .document import Node, TwimlError
from .outcome import Jump

if TYPE_CHECKING:
    from .runner import Runner


async def dial_conference(runner: Runner, node: Node, noun: Node) -> Jump | None:
    """The Dial action is told DialCallStatus=answered and no leg, for there is none."""
    call = runner.call
    call.answer()
    if not noun.text:
        raise TwimlError(13230, "A conference needs a name.")
    manner = _manner(runner, noun)
    action, method = runner.address(node.get("action")) if node.get("action") else "", node.get("method", "POST")
    conference = runner.network.conferences.open(noun.text, manner)
    if manner.coach and not conference.has(manner.coach):
        raise TwimlError(13240, "The call to coach is not in this conference.")
    result = {"DialCallStatus": "answered"}
    if conference.full(manner):
        runner.network.notices.add(call, 13230, "The conference is full.")
        return Jump(action, method, {"DialCallStatus": "failed"}, "dial.action") if action else None
    participant = conference.join(call, manner)
    participant.hangup_on_star = node.flag("hangupOnStar")
    participant.farewell = (action, method, result) if action else None
    limit = runner.clock.later(node.number("timeLimit", 14_400), participant.let_go)
    try:
        await participant.over
    finally:
        limit.cancel()
    return Jump(action, method, result, kind="dial.action") if action else None


def _manner(runner: Runner, noun: Node) -> Manner:
    wait_url = noun.attrs.get("waitUrl")
    return Manner(
        muted=noun.flag("muted"),
        beep=noun.get("beep", "true"),
        start_on_enter=noun.flag("startConferenceOnEnter", True),
        end_on_exit=noun.flag("endConferenceOnExit"),
        label=noun.get("participantLabel"),
        wait_url=runner.address(wait_url) if wait_url else wait_url,
        wait_method=noun.get("waitMethod", "POST"),
        max_participants=noun.number("maxParticipants", 250),
        coach=noun.get("coach"),
        record=noun.get("record") in ("true", "record-from-start"),
        report=runner.report(noun, "statusCallback"),
        recording_report=runner.report(noun, "recordingStatusCallback"),
    )
