"""The product's one clock. Leases alone use the database's own."""

from datetime import datetime, timedelta

from django.utils import timezone


class _Hand:
    """Where the clock stands when it is stopped; one for the whole process."""

    stopped_at: datetime | None = None


def now() -> datetime:
    """The present moment, in UTC. All product time comes from here, so that a test can move it."""
    return _Hand.stopped_at or timezone.now()


def local(at: datetime) -> datetime:
    """`at` by the clock of the page that is being made (`callcenter.zones`), else by the house's."""
    return timezone.localtime(at)


def place() -> str:
    """Whose clock that is, for example "America/Denver"."""
    return timezone.get_current_timezone_name()


def freeze(at: datetime | None = None) -> datetime:
    """Stop the clock (at `at`, or now); it then moves only by `advance`. For tests and simulations."""
    _Hand.stopped_at = at or timezone.now()
    return _Hand.stopped_at


def advance(seconds: float) -> datetime:
    """Move the stopped clock forward by `seconds`. Raises RuntimeError while it runs freely."""
    if _Hand.stopped_at is None:
        raise RuntimeError("The clock runs by itself: freeze() it before advance().")
    _Hand.stopped_at += timedelta(seconds=seconds)
    return _Hand.stopped_at


def release() -> None:
    """Let the clock run by itself again."""
    _Hand.stopped_at = None
