"""The only HTTP face to the carrier. Each view finds its subject by the token in the address and calls one function."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.calls import services as calls
from apps.calls.models import Leg, LegQuerySet, Room
from apps.carrier import callbacks
from apps.carrier.incoming import CarrierEvent
from apps.carrier.verbs import Play, Verb
from apps.carrier.webhook import UnknownSubject, carrier_webhook
from apps.core.prepared import Prepared
from apps.notify import services as notify
from apps.queues.models import Queue, QueueEntry
from apps.recordings import services as recordings
from apps.recordings.models import Recording
from apps.switchboard import commands, consent, documents, flow, pickup, rooms, words
from apps.switchboard import music as music_files


def _leg(public_id: UUID) -> Leg:
    return _known(Leg.objects.select_related("call__client", "operator__user", "room__call"), public_id=public_id)


# The most frequent question of all.
_reported = Prepared(lambda public_id: Leg.objects.reported().filter(public_id=public_id).order_by())


def _known(legs: LegQuerySet, **lookup: object) -> Leg:
    try:
        return legs.get(**lookup)
    except Leg.DoesNotExist as unknown:
        raise UnknownSubject("No line of ours.") from unknown


@carrier_webhook("voice")
def voice(request: HttpRequest, event: CarrierEvent) -> list[Verb]:
    return flow.begin(event)


@carrier_webhook("fallback")
def fallback(request: HttpRequest, event: CarrierEvent) -> list[Verb]:
    return flow.rescue(event)


@carrier_webhook("app")
def app(request: HttpRequest, event: CarrierEvent) -> list[Verb]:
    """A desk connects: only the owner of a one-time token gets a line; `To` is never read."""
    identity = event.from_.removeprefix("client:")
    leg = commands.redeem(event.params.get("token", ""), identity=identity)
    if leg is None:
        return words.good_bye("This call was not placed from your desk, or too long ago. Please place it again.")
    return pickup.desk_line(event, leg)


@carrier_webhook("step")
def step(request: HttpRequest, event: CarrierEvent, token: str) -> list[Verb]:
    public_id, n, action = callbacks.read("step", token)
    return flow.take_step(event, _leg(public_id), n, action)


@carrier_webhook("answered")
def answered(request: HttpRequest, event: CarrierEvent, token: str) -> list[Verb]:
    return pickup.answered(event, _leg(callbacks.read("answered", token)))


@carrier_webhook("resume")
def resume(request: HttpRequest, event: CarrierEvent, token: str) -> list[Verb]:
    public_id, what = callbacks.read("resume", token)
    return flow.resume(event, _leg(public_id), what)


@carrier_webhook("status")
def status(request: HttpRequest, event: CarrierEvent, token: str) -> None:
    """Progress of a line that we asked for."""
    [leg] = _reported(public_id=callbacks.read("status", token)) or [None]
    if leg is None:
        raise UnknownSubject("No line of ours.")
    event.call_ref = leg.call.public_id
    if leg.sid == event.call_sid or calls.bind(leg, event.call_sid):
        calls.advance(leg, event.call_status)


@carrier_webhook("number-status")
def number_status(request: HttpRequest, event: CarrierEvent) -> None:
    """The end of a line that came to one of our numbers."""
    leg = _known(Leg.objects.reported(), sid=event.call_sid)
    event.call_ref = leg.call.public_id
    calls.advance(leg, event.call_status)


@carrier_webhook("conference")
def conference(request: HttpRequest, event: CarrierEvent, token: str) -> None:
    room = Room.objects.select_related("call__client").filter(pk=callbacks.read("conference", token)).first()
    if room is None:
        raise UnknownSubject("No room of ours.")
    rooms.report(event, room)


@carrier_webhook("recording")
def recording(request: HttpRequest, event: CarrierEvent, token: str) -> None:
    public_id: UUID = callbacks.read("recording", token)
    row = Recording.objects.select_related("call__client", "client").filter(public_id=public_id).first()
    if row is None:
        raise UnknownSubject("No recording of ours.")
    event.call_ref = row.call.public_id
    recordings.report(
        row,
        status=event.recording_status,
        sid=event.recording_sid,
        seconds=event.recording_seconds,
    )


@carrier_webhook("message")
def message(request: HttpRequest, event: CarrierEvent, token: str) -> None:
    notify.delivered(callbacks.read("message", token), event.message_status)


@carrier_webhook("wait", dedupe=False)
def wait(request: HttpRequest, event: CarrierEvent, token: str) -> list[Verb]:
    """What is heard in line. Fetched again and again; the first time proves what was heard on the way here."""
    public_id, announced = callbacks.read("wait", token)
    rows = QueueEntry.objects.select_related("queue", "call__client", "callback")
    entry = rows.filter(public_id=public_id).first()
    if entry is None:
        raise UnknownSubject("Nobody of ours waits here.")
    if announced:
        consent.heard(entry.call)
    return documents.waiting(entry)


@carrier_webhook("choose")
def choose(request: HttpRequest, event: CarrierEvent, token: str) -> list[Verb]:
    """A key pressed in line, or none until the end of the announcements."""
    public_id, n = callbacks.read("choose", token)
    leg = _known(Leg.objects.select_related("call__client"), sid=event.call_sid)
    return flow.choose(event, leg, public_id, n)


@require_safe
def queue_music(request: HttpRequest, token: str) -> FileResponse:
    """The sound file that callers of a queue hear, for the carrier, which does not sign requests for sounds."""
    try:
        queue = get_object_or_404(Queue, public_id=callbacks.read("queue-music", token))
    except callbacks.BadToken as unknown:
        raise Http404 from unknown
    if not queue.music or not queue.music.storage.exists(queue.music.name):
        raise Http404
    kind = music_files.TYPES[queue.music.name.rpartition(".")[2]]
    return FileResponse(
        queue.music.open("rb"), content_type=kind, headers={"Cache-Control": "public, max-age=604800, immutable"}
    )


@carrier_webhook("music", dedupe=False)
def music(request: HttpRequest, event: CarrierEvent) -> list[Verb]:
    """Music for rooms and holds, without end."""
    return [Play(callbacks.music_file(), loop=0)]
