"""What waiting callers hear between the announcements: the queue's own music, else that of the house."""

from __future__ import annotations

from apps.carrier import callbacks
from apps.queues.models import Queue

HOUSE_SECONDS = 36  # the length of our hold music
TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def of(queue: Queue) -> tuple[str, int]:
    """The address of the queue's music for the carrier, and its length in seconds."""
    if queue.music and queue.music_seconds:
        return callbacks.queue_music(queue.public_id, queue.music_digest), queue.music_seconds
    return callbacks.music_file(), HOUSE_SECONDS
