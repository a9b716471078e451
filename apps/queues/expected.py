"""How long somebody in line will wait still. Pure: values in, seconds out."""

from __future__ import annotations


def expected_wait(place: int, *, staff: int, handle_seconds: float, leave_rate: float = 0.0) -> float:
    """The mean wait in seconds of who stands at `place` (1 = next) and stays, while everybody of `staff` is busy.

    One conversation takes `handle_seconds` with all that belongs to it. Of those ahead each leaves the line at
    `leave_rate` (per second): with n of them the next step forward takes 1 / (staff / handle + n leave_rate). Exact
    where talk and patience are exponential; without leavers it is place x handle / staff.
    """
    finished = staff / handle_seconds
    return sum(1 / (finished + ahead * leave_rate) for ahead in range(place))
