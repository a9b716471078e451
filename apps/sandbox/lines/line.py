"""The far end of a call: what the network needs of a phone, whoever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..exchange.calls import Call


class Line:
    """A phone that does nothing: it rings until the network gives up, and listens. The base of all others."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def ring(self) -> None:
        """The network rings this phone; it may answer later, refuse or fail at once."""
        self.call.ring()

    def answered(self) -> None:
        """The call is up."""

    def ended(self) -> None:
        """The call is over, for whatever reason."""

    def heard(self, entry: dict[str, Any]) -> None:
        """Something reached the ear."""
