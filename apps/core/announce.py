from typing import Any

from django.db import transaction
from django.dispatch import Signal


def announce(signal: Signal, **facts: Any) -> None:
    """Send `signal` once the present transaction has committed.

    A receiver that fails is logged and does not stop the others: each reaction is also found by a sweeper.
    """
    transaction.on_commit(lambda: signal.send_robust(sender=None, **facts), robust=True)
