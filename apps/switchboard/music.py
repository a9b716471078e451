"""What waiting callers hear between the announcements: the queue's own music, else that of the house."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import PurePath

from django.core.files.storage import default_storage

from apps.carrier import callbacks
from apps.core.refused import Refused
from apps.ivr import sound
from apps.queues.models import Queue

HOUSE_SECONDS = 36  # the length of our hold music
TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}

logger = logging.getLogger(__name__)


def of(queue: Queue) -> tuple[str, float]:
    """The address of the queue's music and its length in seconds. A file that cannot be played is the house's music."""
    found = _inspect(queue.music.name) if queue.music else None
    if found is None:
        return callbacks.music_file(), HOUSE_SECONDS
    return callbacks.queue_music(queue.public_id, PurePath(queue.music.name).name[-80:]), found.seconds


@lru_cache(maxsize=256)
def _inspect(name: str) -> sound.Sound | None:
    """Read once per file and process: a replaced file has another name."""
    try:
        with default_storage.open(name) as file:
            return sound.inspect(file.read())
    except (OSError, Refused):
        logger.warning("The music %s cannot be played; callers hear the music of the house.", name)
        return None
