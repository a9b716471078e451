"""Dialling without a broker: the same steps as beat's tick, driven by this process's own loop over the database.

Celery and Valkey only make things faster. Any number of these loops and of beats may run side by side.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from django.db import DatabaseError, connection

from apps.calls import reconcile
from apps.campaigns import care, dialer

logger = logging.getLogger(__name__)

CARE_EVERY_S = 5.0


class Loop:
    """`run` goes on until `stop`: no new reservation after that, the step under way ends, its lease is given back.

    `sweeps` are those of the apps above, without which calls of campaigns would not come to their end.
    """

    def __init__(self, *sweeps: Callable[[], object], every_s: float = 1.0, care_every_s: float = CARE_EVERY_S) -> None:
        self.every_s, self.care_every_s = every_s, care_every_s
        self._sweeps: Sequence[Callable[[], object]] = (reconcile.reconcile, *sweeps, care.sweep, care.end_long_calls)
        self._stopped = threading.Event()
        self._cared = 0.0

    def stop(self) -> None:
        """Also from a signal handler: it only sets a flag."""
        self._stopped.set()

    @property
    def goes_on(self) -> bool:
        return not self._stopped.is_set()

    def run(self) -> None:
        while self.goes_on:
            self.turn()
            self._stopped.wait(self.every_s)

    def turn(self) -> None:
        """One round. The database may be away for a moment; it is asked again in the next round."""
        try:
            dialer.tick(go_on=lambda: self.goes_on)
            if time.monotonic() - self._cared >= self.care_every_s:
                self._cared = time.monotonic()
                for sweep in self._sweeps:
                    sweep()
        except DatabaseError:
            logger.warning("The database could not be used; the dialer tries again in a moment.", exc_info=True)
            connection.close()
