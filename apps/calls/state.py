"""How a leg may move. Pure: values in, values out.

Reports of the carrier come late, twice and out of order. Jumps forward are legal (a lost report must not wedge a call),
steps back are not, and a final status absorbs all that follows.
"""

QUEUED, RINGING, IN_PROGRESS = "queued", "ringing", "in-progress"
COMPLETED, BUSY, NO_ANSWER, FAILED, CANCELED = "completed", "busy", "no-answer", "failed", "canceled"

OPEN = (QUEUED, RINGING, IN_PROGRESS)
FINAL = (COMPLETED, BUSY, NO_ANSWER, FAILED, CANCELED)
NEXT: dict[str, tuple[str, ...]] = {
    QUEUED: (RINGING, IN_PROGRESS, *FINAL),
    RINGING: (IN_PROGRESS, *FINAL),
    IN_PROGRESS: FINAL,
    **dict.fromkeys(FINAL, ()),
}


def may_move(status: str, to: str) -> bool:
    """Whether a leg in `status` may go to `to`."""
    return to in NEXT[status]


def sources(to: str) -> list[str]:
    """The statuses from which `to` can be reached: the WHERE of the one conditional UPDATE."""
    return [status for status, targets in NEXT.items() if to in targets]


def heard_as(reported: str) -> str:
    """Our status for the carrier's word; "initiated" is the carrier beginning to dial."""
    return QUEUED if reported == "initiated" else reported


def merge(status: str, reported: list[str]) -> str:
    """The status after all of `reported`, whatever their order is."""
    for word in reported:
        to = heard_as(word)
        if may_move(status, to):
            status = to
    return status
