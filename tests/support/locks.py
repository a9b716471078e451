"""Waiting until somebody else waits for a lock."""

import threading

from django.db import connection

WAIT_SECONDS = 10


def blocked() -> int:
    with connection.cursor() as cursor:
        # pg_stat_activity would show the same picture for a whole transaction; this is live.
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def wait_until_blocked(how_many: int = 1) -> None:
    """Until so many connections wait for a lock. Asks, does not guess."""
    pause = threading.Event()
    for _ in range(WAIT_SECONDS * 100):
        if blocked() >= how_many:
            return
        pause.wait(0.01)
    raise AssertionError("Nobody waits for a lock.")
