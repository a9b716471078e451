"""/Conferences and their participants."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from ..exchange.calls import Call, Documents
from ..exchange.conferences import Conference
from ..exchange.detection import beside
from ..exchange.participants import Manner, Participant
from ..exchange.recordings import Wanted
from ..names import rfc2822
from ..twiml.outcome import Jump
from .calls import detection, parties
from .errors import missing, refused
from .forms import CALL_EVENTS
from .request import Ask, creates, route

EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
RECORDING_EVENTS = ("in-progress", "completed", "absent", "failed")
LABEL = re.compile(r"^[^/]{1,128}$")


def show(conference: Conference) -> dict[str, Any]:
    account = conference.network.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "friendly_name": conference.friendly_name,
        "status": conference.status,
        "region": "us1",
        "reason_conference_ended": conference.reason,
        "call_sid_ending_conference": conference.ended_by,
        "date_created": rfc2822(conference.created),
        "date_updated": rfc2822(conference.updated),
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }


def show_participant(participant: Participant) -> dict[str, Any]:
    conference, manner, call = participant.conference, participant.manner, participant.call
    account = conference.network.settings.account_sid
    base = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}/Participants"
    return {
        "account_sid": account,
        "call_sid": call.sid,
        "conference_sid": conference.sid,
        "label": manner.label or None,
        "status": participant.status,
        "muted": manner.muted,
        "hold": manner.hold,
        "coaching": participant.coaching,
        "call_sid_to_coach": manner.coach or None,
        "start_conference_on_enter": manner.start_on_enter,
        "end_conference_on_exit": manner.end_on_exit,
        "queue_time": str(call.queue_ms),
        "date_created": rfc2822(participant.created),
        "date_updated": rfc2822(participant.updated),
        "uri": f"{base}/{call.sid}.json",
    }


def listing(ask: Ask) -> dict[str, Any]:
    rows = list(reversed(ask.network.conferences.rows.values()))
    for field, name in (("FriendlyName", "friendly_name"), ("Status", "status")):
        if ask.query.get(field):
            rows = [row for row in rows if getattr(row, name) == ask.query[field]]
    rows = ask.dated(rows, "DateCreated", lambda row: row.created)
    rows = ask.dated(rows, "DateUpdated", lambda row: row.updated)
    return ask.listed("conferences", rows, show)


def fetch(ask: Ask) -> dict[str, Any]:
    return show(_conference(ask))


def update(ask: Ask) -> dict[str, Any]:
    conference, status = _conference(ask), ask.form.get("Status")
    if status not in ("", "completed"):
        raise refused(20422, "Status is completed")
    announce, method = ask.form.url("AnnounceUrl"), ask.form.method("AnnounceMethod")
    if announce:
        if not conference.open:
            raise missing(ask.path)
        conference.announce(announce, method)
    if status == "completed":
        conference.end("conference-ended-via-api")
    return show(conference)


def _conference(ask: Ask, *, by_name: bool = False) -> Conference:
    said = ask.parts["conference"]
    found = ask.network.conferences.rows.get(said)
    if found is None and by_name:
        found = ask.network.conferences.by_name(said)
    if found is None:
        raise missing(ask.path)
    return found


# Participants


def participants(ask: Ask) -> dict[str, Any]:
    rows = list(_conference(ask, by_name=True).participants.values())
    for field, get in (
        ("Muted", lambda row: row.manner.muted),
        ("Hold", lambda row: row.manner.hold),
        ("Coaching", lambda row: row.coaching),
    ):
        if field in ask.query:
            rows = [row for row in rows if get(row) == (ask.query[field].lower() == "true")]
    return ask.listed("participants", rows, show_participant)


@creates
def add(ask: Ask) -> dict[str, Any]:
    """Dial somebody into the room; a friendly name makes the room when there is none."""
    form, network, name = ask.form, ask.network, ask.parts["conference"]
    from_, to = parties(ask)
    manner = _manner(ask)
    report = form.report("StatusCallback", CALL_EVENTS)
    recording = _recording(ask)
    detecting = detection(ask, "AmdStatusCallback")
    conference = network.conferences.rows.get(name) or network.conferences.open(name, manner)
    if not conference.open:
        raise missing(ask.path)
    if manner.label and any(each.manner.label == manner.label for each in conference.participants.values()):
        raise refused(16025, "The label is in use in this conference")
    if manner.coach:
        _check_coach(conference, manner.coach)
    call = Call(network, from_=from_, to=to, direction="outbound-api", documents=Documents(), report=report)
    call.time_limit = form.number("TimeLimit", call.time_limit, most=86_400)
    call.detection = detecting
    participant = conference.expect(call, manner)
    if recording is not None:
        call.on_answer.append(lambda: network.recordings.start(recording, call=call))
    call.program = lambda call: _take_part(call, conference, manner)
    call.on_end.append(lambda: conference.lose(participant, "participant_hung_up"))
    network.place(call, timeout=form.number("Timeout", 60, most=600, code=21208))
    return show_participant(participant)


async def _take_part(call: Call, conference: Conference, manner: Manner) -> None:
    if call.detection is not None:
        beside(call, call.detection)
    if conference.open:
        participant: asyncio.Future[None] = conference.join(call, manner).over
        await participant


def _manner(ask: Ask) -> Manner:
    form = ask.form
    label = form.get("Label")
    if label and (not LABEL.match(label) or re.fullmatch(r"CA[0-9a-fA-F]{32}", label)):
        raise refused(16023, "The label is not valid")
    return Manner(
        muted=form.flag("Muted"),
        beep=form.get("Beep", "true"),
        start_on_enter=form.flag("StartConferenceOnEnter", True),
        end_on_exit=form.flag("EndConferenceOnExit"),
        label=label,
        wait_url=form.url("WaitUrl") if "WaitUrl" in form else None,
        wait_method=form.method("WaitMethod"),
        max_participants=form.number("MaxParticipants", 250, most=250),
        coach=form.get("CallSidToCoach") if form.flag("Coaching") else "",
        record=form.get("ConferenceRecord") in ("true", "record-from-start"),
        report=form.report("ConferenceStatusCallback", EVENTS, ("start", "end")),
        recording_report=form.report("ConferenceRecordingStatusCallback", RECORDING_EVENTS),
    )


def _recording(ask: Ask) -> Wanted | None:
    if not ask.form.flag("Record"):
        return None
    report = ask.form.report("RecordingStatusCallback", RECORDING_EVENTS)
    channels = 2 if ask.form.get("RecordingChannels") == "dual" else 1
    return Wanted("OutboundAPI", channels, ask.form.get("RecordingTrack", "both"), report)


def _check_coach(conference: Conference, sid: str) -> None:
    coached = conference.participants.get(sid)
    if coached is None or not coached.joined:
        raise refused(16028, "The call to coach is not in this conference")
    if coached.manner.hold:
        raise refused(16027, "The call to coach is on hold")


def participant(ask: Ask) -> dict[str, Any]:
    return show_participant(_participant(ask))


def change(ask: Ask) -> dict[str, Any]:
    found, form = _participant(ask), ask.form
    room, manner = found.conference, found.manner
    hold_url, announce = form.url("HoldUrl"), form.url("AnnounceUrl")
    coach = form.get("CallSidToCoach", manner.coach)
    coaching = form.flag("Coaching", found.coaching or bool(form.get("CallSidToCoach")))
    if coaching:
        _check_coach(room, coach)
    if coaching != found.coaching or (coaching and coach != manner.coach):
        room.coach(found, coaching, coach)
    if "Muted" in form:
        room.mute(found, form.flag("Muted"))
    if "Hold" in form:
        room.hold(found, form.flag("Hold"), hold_url, form.method("HoldMethod", "GET"))
    if "EndConferenceOnExit" in form or "BeepOnExit" in form:
        manner.end_on_exit = form.flag("EndConferenceOnExit", manner.end_on_exit)
        if "BeepOnExit" in form:
            manner.beep = "true" if form.flag("BeepOnExit") else "onEnter" if manner.beeps("onEnter") else "false"
        room.tell("participant-modify", "modify", found)
    if "WaitUrl" in form:
        manner.wait_url, manner.wait_method = form.url("WaitUrl"), form.method("WaitMethod")
        if room.status == "init" and not manner.hold:
            found.wait_sound()
    if announce:
        found.announce(Jump(announce, form.method("AnnounceMethod"), kind="announce"))
    found.updated = ask.network.clock.now()
    return show_participant(found)


def kick(ask: Ask) -> None:
    """Out of the room; a call that was only made for the room ends with that."""
    _participant(ask).let_go(kicked=True)


def _participant(ask: Ask) -> Participant:
    room, name = _conference(ask, by_name=True), ask.parts["call"]
    found = room.participants.get(name) or next(
        (each for each in room.participants.values() if each.manner.label and each.manner.label == name), None
    )
    if found is None:
        raise missing(ask.path)
    return found


ROUTES = [
    route("/Conferences.json", GET=listing),
    route("/Conferences/{conference}/Participants.json", GET=participants, POST=add),
    route("/Conferences/{conference}/Participants/{call}.json", GET=participant, POST=change, DELETE=kick),
    route("/Conferences/{conference}.json", GET=fetch, POST=update),
]
