"""What a piece of news means for a transfer. Pure: words in, words out.

    follow("warm", "consulting", "lost") -> Step("lost", customer="back")

`customer` is what becomes of the customer: "connect" with those in the room, "back" to the operator who transferred,
"return" to somebody, for nobody is in the room any more, or "" nothing. `leaves` is who leaves: "initiator", "party".
"""

from __future__ import annotations

from dataclasses import dataclass

WARM, BLIND, ADD, RETURN = "warm", "blind", "add", "return"
RINGING, CONSULTING, COMPLETED, JOINED = "ringing", "consulting", "completed", "joined"
REFUSED, MESSAGE, NO_ANSWER, LOST, CANCELED = "refused", "message", "no_answer", "lost", "canceled"
# News besides the statuses that a party's end leads to.
ANSWERED, COMPLETE, JOIN, INITIATOR_GONE, CUSTOMER_GONE = "answered", "complete", "join", "initiator_gone", "over"
DECISIONS = (REFUSED, MESSAGE, NO_ANSWER, LOST)


@dataclass(frozen=True, slots=True)
class Step:
    """The transfer goes to `status` and is of `kind` from now on."""

    status: str
    kind: str
    customer: str = ""
    leaves: str = ""


def follow(kind: str, status: str, news: str) -> Step | None:
    """The step that `news` leads to; None when it means nothing here (pressed too early, or once too often)."""
    if status not in (RINGING, CONSULTING):
        return None
    if news == CUSTOMER_GONE:
        return Step(CANCELED, kind, leaves="party")
    alone = kind in (BLIND, RETURN)  # the customer waits with music, and nobody else is in the room
    if news == ANSWERED:
        return _answered(kind, status, alone)
    if news == CANCELED:
        return None if alone else Step(CANCELED, kind, customer=_back(kind), leaves="party")
    if news in DECISIONS:
        return Step(news, kind, customer="return" if alone else _back(kind), leaves="party")
    if news == INITIATOR_GONE:
        if alone:
            return None
        return _taken(kind) if status == CONSULTING else Step(RINGING, BLIND, customer="hold")
    if kind != WARM:
        return None
    if news == COMPLETE:
        # Before the colleague has answered it becomes a blind transfer.
        return _taken(kind) if status == CONSULTING else Step(RINGING, BLIND, leaves="initiator")
    if news == JOIN and status == CONSULTING:
        return Step(JOINED, kind, customer="connect")
    return None


def _answered(kind: str, status: str, alone: bool) -> Step | None:
    if status != RINGING:
        return None
    if alone:
        return Step(COMPLETED, kind, customer="connect")
    return Step(CONSULTING, kind) if kind == WARM else Step(JOINED, kind)


def _taken(kind: str) -> Step:
    return Step(COMPLETED, kind, customer="connect", leaves="initiator")


def _back(kind: str) -> str:
    """With whoever is added to a call the customer was not away."""
    return "back" if kind == WARM else ""
