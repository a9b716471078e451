"""/Recordings, those of a call or a conference, and their sound."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ..exchange.recordings import Recording, Wanted
from ..media import Silent
from ..names import rfc2822
from .errors import missing, refused
from .request import Ask, creates, route

CURRENT = "Twilio.CURRENT"
EVENTS = ("in-progress", "completed", "absent")


def _common(recording: Recording) -> dict[str, Any]:
    done = recording.status in ("processing", "completed", "absent")
    return {
        "sid": recording.sid,
        "account_sid": recording.network.settings.account_sid,
        "api_version": "2010-04-01",
        "call_sid": recording.call.sid,
        "conference_sid": recording.conference.sid if recording.conference else None,
        "status": recording.status,
        "channels": recording.channels,
        "source": recording.source,
        "duration": str(recording.seconds) if done else "-1",
        "start_time": rfc2822(recording.started),
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.updated),
    }


def show(recording: Recording) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{recording.network.settings.account_sid}/Recordings/{recording.sid}"
    return _common(recording) | {
        "media_url": recording.url,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "transcriptions": f"{uri}/Transcriptions.json",
            "add_on_results": f"{uri}/AddOnResults.json",
        },
    }


def show_of_call(recording: Recording) -> dict[str, Any]:
    account = recording.network.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Calls/{recording.call.sid}/Recordings/{recording.sid}.json"
    return _common(recording) | {"track": recording.track, "uri": uri}


def show_of_conference(recording: Recording) -> dict[str, Any]:
    account, room = recording.network.settings.account_sid, recording.conference
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{room.sid if room else ''}/Recordings/{recording.sid}.json"
    return _common(recording) | {"uri": uri}


def listing(ask: Ask) -> dict[str, Any]:
    deleted = ask.query.get("IncludeSoftDeleted", "").lower() == "true"
    rows = [row for row in reversed(ask.network.recordings.rows.values()) if deleted or not row.deleted]
    if ask.query.get("CallSid"):
        rows = [row for row in rows if row.call.sid == ask.query["CallSid"]]
    if ask.query.get("ConferenceSid"):
        rows = [row for row in rows if row.conference and row.conference.sid == ask.query["ConferenceSid"]]
    return ask.listed("recordings", ask.dated(rows, "DateCreated", lambda row: row.created), show)


def fetch(ask: Ask) -> dict[str, Any]:
    return show(_recording(ask))


def delete(ask: Ask) -> None:
    recording = _recording(ask)
    recording.stop()
    recording.deleted = True
    recording.network.media.erase(recording)
    recording.status = "deleted"


def media(ask: Ask) -> Response:
    """The sound, once it is ready: WAV, or MP3 by the name's ending; one channel unless RequestedChannels=2."""
    sid, _, ending = ask.parts["sid"].partition(".")
    ask.parts["sid"] = sid
    recording = _recording(ask)
    if recording.status != "completed" or ending not in ("", "wav", "mp3"):
        raise missing(ask.path)
    if ending == "mp3":
        try:
            return Response(recording.mp3(), media_type="audio/mpeg")
        except Silent as silence:
            raise refused(20404, str(silence)) from silence
    wanted = ask.query.get("RequestedChannels", "")
    if wanted not in ("", "1", "2") or (wanted == "2" and recording.channels == 1):
        raise refused(16113, "The recording has one channel")
    channels = int(wanted) if wanted else recording.channels
    return Response(recording.wav(channels), media_type="audio/x-wav")


# Of a call


@creates
def start(ask: Ask) -> dict[str, Any]:
    call, form = ask.call("call"), ask.form
    if not call.talking:
        raise refused(21220, "Requested resource is not eligible for recording")
    report = form.report("RecordingStatusCallback", EVENTS)
    channels = 2 if form.get("RecordingChannels") == "dual" else 1
    wanted = Wanted("StartCallRecordingAPI", channels, form.get("RecordingTrack") or "both", report)
    return show_of_call(ask.network.recordings.start(wanted, call=call))


def of_call(ask: Ask) -> dict[str, Any]:
    call = ask.call("call")
    rows = [row for row in reversed(ask.network.recordings.rows.values()) if row.call is call and not row.deleted]
    return ask.listed("recordings", rows, show_of_call)


def one_of_call(ask: Ask) -> dict[str, Any]:
    return show_of_call(_of_call(ask))


def change_of_call(ask: Ask) -> dict[str, Any]:
    recording = _of_call(ask)
    _change(ask, recording)
    return show_of_call(recording)


def delete_of_call(ask: Ask) -> None:
    ask.parts["sid"] = _of_call(ask).sid
    delete(ask)


def _of_call(ask: Ask) -> Recording:
    call, sid = ask.call("call"), ask.parts["sid"]
    if sid == CURRENT:
        running = [row for row in call.recordings if row.running]
        if not running:
            raise missing(ask.path)
        return running[-1]
    recording = _recording(ask)
    if recording.call is not call:
        raise missing(ask.path)
    return recording


# Of a conference


def of_conference(ask: Ask) -> dict[str, Any]:
    sid = ask.parts["conference"]
    rows = [
        row
        for row in reversed(ask.network.recordings.rows.values())
        if row.conference is not None and row.conference.sid == sid and not row.deleted
    ]
    return ask.listed("recordings", rows, show_of_conference)


def one_of_conference(ask: Ask) -> dict[str, Any]:
    return show_of_conference(_of_conference(ask))


def change_of_conference(ask: Ask) -> dict[str, Any]:
    recording = _of_conference(ask)
    _change(ask, recording)
    return show_of_conference(recording)


def delete_of_conference(ask: Ask) -> None:
    ask.parts["sid"] = _of_conference(ask).sid
    delete(ask)


def _of_conference(ask: Ask) -> Recording:
    room = ask.network.conferences.rows.get(ask.parts["conference"])
    if room is None:
        raise missing(ask.path)
    if ask.parts["sid"] == CURRENT:
        if room.recording is None or not room.recording.running:
            raise missing(ask.path)
        return room.recording
    recording = _recording(ask)
    if recording.conference is not room:
        raise missing(ask.path)
    return recording


def _change(ask: Ask, recording: Recording) -> None:
    status = ask.form.get("Status")
    if status not in ("in-progress", "paused", "stopped"):
        raise refused(20422, "Status is in-progress, paused or stopped")
    if not recording.running:
        raise refused(16114, "The recording is over")
    if status == "paused":
        recording.pause(ask.form.get("PauseBehavior") or "silence")
    elif status == "in-progress":
        recording.resume()
    else:
        recording.stop()


def _recording(ask: Ask) -> Recording:
    recording = ask.network.recordings.rows.get(ask.parts["sid"])
    if recording is None or recording.deleted:
        raise missing(ask.path)
    return recording


ROUTES = [
    route("/Recordings.json", GET=listing),
    route("/Recordings/{sid}.json", GET=fetch, DELETE=delete),
    route("/Recordings/{sid}", GET=media),
    route("/Calls/{call}/Recordings.json", GET=of_call, POST=start),
    route("/Calls/{call}/Recordings/{sid}.json", GET=one_of_call, POST=change_of_call, DELETE=delete_of_call),
    route("/Conferences/{conference}/Recordings.json", GET=of_conference),
    route(
        "/Conferences/{conference}/Recordings/{sid}.json",
        GET=one_of_conference,
        POST=change_of_conference,
        DELETE=delete_of_conference,
    ),
]
