"""Recordings: asked for by a running conversation, fetched from the carrier when ready, kept in Django's storage."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction

from apps.calls import services as calls
from apps.calls.models import Leg
from apps.core import clock
from apps.core.models import User
from apps.core.nudges import nudge
from apps.notify import services as notify
from apps.recordings.models import Recording

MAX_ATTEMPTS = 12
_REPORTED = {"in-progress": Recording.Status.RECORDING, "completed": Recording.Status.READY}


def start(leg: Leg) -> Recording | None:
    """Ask for the recording of the customer's line, both channels. None when it is being recorded already."""
    try:
        with transaction.atomic():
            recording = Recording.objects.create(client=leg.call.client, call=leg.call, leg=leg)
    except IntegrityError:
        return None
    calls.record(leg.call, "recordings.asked", subject=f"recording:{recording.public_id}")
    nudge("apps.recordings.tasks.begin", recording.pk)
    return recording


@transaction.atomic
def expect_message(leg: Leg) -> Recording:
    """The customer's line is about to speak a message: one channel. The one that runs already, if there is one."""
    recording, made = Recording.objects.running().get_or_create(
        leg=leg, channels=1,
        defaults={"client": leg.call.client, "call": leg.call, "status": Recording.Status.RECORDING},
    )  # fmt: skip
    if made:
        calls.record(leg.call, "recordings.message", subject=f"recording:{recording.public_id}")
    return recording


@transaction.atomic
def began(recording: Recording, sid: str) -> None:
    """The carrier records under `sid`."""
    asked = Recording.objects.filter(pk=recording.pk, status=Recording.Status.ASKED)
    if asked.update(status=Recording.Status.RECORDING, sid=sid):
        calls.record(recording.call, "recordings.began", subject=f"recording:{recording.public_id}")


@transaction.atomic
def report(recording: Recording, *, status: str, sid: str, seconds: int | None) -> None:
    """The carrier's word: in-progress, completed, absent or failed. Late and repeated words change nothing."""
    if status == "in-progress":
        began(recording, sid)
    elif status == "completed":
        rows = Recording.objects.running().filter(pk=recording.pk)
        if rows.update(status=Recording.Status.READY, sid=sid, duration_seconds=seconds, due_at=clock.now()):
            calls.record(
                recording.call, "recordings.ready", subject=f"recording:{recording.public_id}", seconds=seconds or 0
            )
            nudge("apps.recordings.tasks.fetch", recording.pk)
    else:
        ended = Recording.objects.running().filter(pk=recording.pk).update(status=Recording.Status.ABSENT)
        if ended and recording.channels > 1:  # who may leave a message may as well say nothing
            _say_failed(recording, "The carrier recorded nothing.")


@transaction.atomic
def came_too_late(recording: Recording) -> None:
    """The call was over before the carrier could begin: there is nothing to keep, and nobody need be told."""
    asked = Recording.objects.filter(pk=recording.pk, status=Recording.Status.ASKED)
    if asked.update(status=Recording.Status.ABSENT):
        calls.record(recording.call, "recordings.too_late", subject=f"recording:{recording.public_id}")


@transaction.atomic
def refuse(recording: Recording, sentence: str) -> None:
    """The carrier would not record, or the file cannot be had: final."""
    rows = Recording.objects.exclude(status=Recording.Status.STORED).filter(pk=recording.pk)
    if rows.update(status=Recording.Status.FAILED, error=sentence[:300], due_at=None):
        _say_failed(recording, sentence)


@transaction.atomic
def postpone(recording: Recording, sentence: str) -> None:
    """Fetching failed for now: try again later, twice as late each time up to an hour; the last try is final."""
    attempts = recording.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        refuse(recording, sentence)
        return
    wait = timedelta(seconds=min(3600, 5 * 2**attempts))
    Recording.objects.to_fetch().filter(pk=recording.pk).update(
        attempts=attempts, error=sentence[:300], due_at=clock.now() + wait
    )


@transaction.atomic
def stored(recording: Recording, *, name: str, sha256: str, size: int, seconds: int) -> bool:
    """The file is in our storage under `name`, checked. False when another fetch was first."""
    rows = Recording.objects.to_fetch().filter(pk=recording.pk)
    if not rows.update(
        status=Recording.Status.STORED, file=name, sha256=sha256, size_bytes=size, duration_seconds=seconds,
        stored_at=clock.now(), due_at=None, error="",
    ):  # fmt: skip
        return False
    calls.record(
        recording.call, "recordings.stored", subject=f"recording:{recording.public_id}", seconds=seconds, bytes=size
    )
    return True


def set_pause(leg: Leg, *, on: bool) -> None:
    """Pause the running recording of `leg`, or let it go on; it counts when the carrier confirmed it."""
    source = Recording.Status.RECORDING if on else Recording.Status.PAUSED
    for recording in Recording.objects.filter(leg=leg, status=source):
        nudge("apps.recordings.tasks.set_pause", recording.pk, on)


@transaction.atomic
def paused(recording: Recording, *, on: bool) -> None:
    """The carrier confirmed the pause (or its end)."""
    source, to = Recording.Status.RECORDING, Recording.Status.PAUSED
    if not on:
        source, to = to, source
    if Recording.objects.filter(pk=recording.pk, status=source).update(status=to):
        kind = "recordings.paused" if on else "recordings.continued"
        calls.record(recording.call, kind, subject=f"recording:{recording.public_id}")


def pause_failed(recording: Recording, sentence: str) -> None:
    calls.record(
        recording.call, "recordings.pause_failed", subject=f"recording:{recording.public_id}", sentence=sentence
    )


def played(recording: Recording, *, by: User) -> None:
    """Somebody listens: kept for the audit."""
    calls.record(
        recording.call, "recordings.played", subject=f"recording:{recording.public_id}", actor=by, who=by.display_name
    )


def _say_failed(recording: Recording, sentence: str) -> None:
    calls.record(recording.call, "recordings.failed", subject=f"recording:{recording.public_id}", sentence=sentence)
    notify.warn(
        f"recordings.failed:{recording.client.pk}",
        f"A recording could not be kept: {sentence} See the call's timeline.",
        client=recording.client,
    )
