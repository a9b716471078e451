"""The product's one clock. Leases alone use the database's own."""

from datetime import datetime, timedelta

from django.utils import timezone

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, in UTC. All product time comes from here, so that a test can move it."""
    return _frozen or timezone.now()


def freeze(at: datetime | None = None) -> datetime:
    """Stop the clock (at `at`, or now); it then moves only by `advance`. For tests and simulations."""
    global _frozen
    _frozen = at or timezone.now()
    return _frozen


def advance(seconds: float) -> datetime:
    """Move the stopped clock forward by `seconds`. Raises RuntimeError while it runs freely."""
    global _frozen
    if _frozen is None:
        raise RuntimeError("The clock runs by itself: freeze() it before advance().")
    _frozen += timedelta(seconds=seconds)
    return _frozen


def release() -> None:
    """Let the clock run by itself again."""
    global _frozen
    _frozen = None
