"""What is asked of the carrier about a recording, outside any transaction. Called by tasks."""

from __future__ import annotations

import hashlib
import tempfile
import wave
from datetime import timedelta

from django.core.files import File
from django.db.models import Q

from apps.carrier import callbacks
from apps.carrier.client import CarrierGone, CarrierLost, CarrierRefused, get_port
from apps.core import clock
from apps.recordings import services
from apps.recordings.models import Recording

MAX_BYTES = 500 * 1024 * 1024


def begin(pk: int) -> None:
    """Start the recording at the carrier, if it still waits for that."""
    recording = Recording.objects.select_related("call__client", "leg", "client").get(pk=pk)
    if recording.status != Recording.Status.ASKED:
        return
    try:
        sid = get_port().start_recording(
            recording.leg.sid, status_url=callbacks.recording(recording.public_id), call_ref=recording.call.public_id
        )
    except CarrierGone:
        services.came_too_late(recording)
    except CarrierRefused as refusal:
        services.refuse(recording, refusal.sentence)
    except CarrierLost:
        return  # its callback carries our token and tells; `sweep` gives up after a while
    else:
        services.began(recording, sid)


def set_pause(pk: int, on: bool) -> None:
    """Pause or continue at the carrier; what is not confirmed is said, never assumed."""
    recording = Recording.objects.select_related("call__client", "leg").get(pk=pk)
    port = get_port()
    ask = port.pause_recording if on else port.resume_recording
    try:
        ask(recording.leg.sid, call_ref=recording.call.public_id)
    except (CarrierRefused, CarrierLost) as error:
        services.pause_failed(recording, str(error))
    else:
        services.paused(recording, on=on)


def fetch(pk: int) -> None:
    """Bring a finished recording home: to a temporary file, checked, then into storage under a name of our own."""
    recording = Recording.objects.select_related("call__client", "client").get(pk=pk)
    if recording.status != Recording.Status.READY or not recording.sid:
        return
    try:
        with tempfile.TemporaryFile() as file:
            digest, size = _download(recording, file)
            seconds = _measure(file)
            file.seek(0)
            storage = recording.file.storage
            name = storage.save(f"recordings/{recording.started_at:%Y/%m/%d}/{recording.public_id}.wav", File(file))
    except (CarrierRefused, CarrierLost, OSError, wave.Error, EOFError, ValueError) as error:
        services.postpone(recording, f"{type(error).__name__}: {error}")
        return
    if not services.stored(recording, name=name, sha256=digest, size=size, seconds=seconds):
        storage.delete(name)


def _download(recording: Recording, file) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in get_port().fetch_recording_media(recording.sid, channels=recording.channels):
        size += len(chunk)
        if size > MAX_BYTES:
            raise ValueError("The recording is larger than 500 MB.")
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


def _measure(file) -> int:
    """Whole seconds of the WAV in `file`. Raises wave.Error, EOFError or ValueError for all but a whole one."""
    file.seek(0)
    with wave.open(file, "rb") as sound:
        frames, rate = sound.getnframes(), sound.getframerate()
        if len(sound.readframes(frames)) != frames * sound.getnchannels() * sound.getsampwidth():
            raise ValueError("The recording ends before its end.")
    return round(frames / rate)


def sweep() -> None:
    """Fetch what is due; look after recordings of which no word came."""
    now = clock.now()
    for pk in Recording.objects.to_fetch().filter(due_at__lte=now).values_list("pk", flat=True)[:20]:
        fetch(pk)
    silent = Recording.objects.running().filter(call__ended_at__lt=now - timedelta(seconds=120))
    for recording in silent.select_related("call__client", "client")[:20]:
        if recording.channels == 1 and not recording.sid:
            services.report(recording, status="absent", sid="", seconds=None)
        elif recording.sid:
            services.report(recording, status="completed", sid=recording.sid, seconds=None)
        else:
            services.refuse(recording, "The carrier never confirmed that it recorded.")
    waiting = Q(status=Recording.Status.ASKED, started_at__lt=now - timedelta(seconds=5), call__ended_at__isnull=True)
    for pk in Recording.objects.filter(waiting, attempts=0).values_list("pk", flat=True)[:20]:
        if Recording.objects.filter(pk=pk, attempts=0).update(attempts=1):
            begin(pk)
