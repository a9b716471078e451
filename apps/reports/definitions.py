"""What each figure means, as data: the page shows it beside the figure, the API and the tests read the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"
    PERCENT = "percent"
    NUMBER = "number"


class By(StrEnum):
    """What a report has a row for."""

    QUEUE = "queue"
    TEAM = "team"
    OPERATOR = "operator"


_ALL, _QUEUES, _STAFF = frozenset(By), frozenset({By.QUEUE}), frozenset({By.TEAM, By.OPERATOR})


@dataclass(frozen=True)
class Definition:
    """A figure: its key in the API, its name on the page, its unit, what it means, and which reports show it."""

    key: str
    name: str
    unit: Unit
    words: str
    shown: frozenset[By] = _ALL


DEFINITIONS: tuple[Definition, ...] = (
    Definition("offered", "Offered", Unit.COUNT, "Callers who joined the queue.", _QUEUES),
    Definition("answered", "Answered", Unit.COUNT, "Callers whom an operator took, those still talking included."),
    Definition(
        "abandoned", "Abandoned", Unit.COUNT,
        "Callers who hung up in line, short abandons left out.", _QUEUES,
    ),
    Definition(
        "service_level_percent", "Service level", Unit.PERCENT,
        "Callers answered within the queue's target, of all answered, abandoned and overflowed. Short abandons and "
        "callbacks are left out.", _QUEUES,
    ),
    Definition(
        "average_answer_seconds", "Average answer", Unit.SECONDS,
        "Mean wait from joining to the first answer, of those answered; callbacks left out.",
    ),
    Definition(
        "longest_wait_seconds", "Longest wait", Unit.SECONDS,
        "The longest wait of a caller who was answered; callbacks left out.",
    ),
    Definition(
        "average_handle_seconds", "Average handle time", Unit.SECONDS,
        "Mean of talk, hold and wrap-up together, of the conversations with callers who joined in the interval. Each "
        "counts in full where the caller joined, even when it ends in a later interval.",
    ),
    Definition(
        "occupancy_percent", "Occupancy", Unit.PERCENT,
        "Conversation, desk calls, previews and wrap-up, of that and the time available with nothing to do. Ringing "
        "counts as neither. For a queue: of its members, whichever queue their work came from.",
    ),
    Definition(
        "adherence_percent", "Adherence", Unit.PERCENT,
        "Of the time planned in the operators' shifts, since each of them joined, how much they were available, in a "
        "call or in wrap-up. Breaks are planned as gaps of the shift. For a queue: of its members.",
    ),
    Definition("talk_seconds", "Talk time", Unit.SECONDS, "Time in conversation, without hold."),
    Definition("hold_seconds", "Hold time", Unit.SECONDS, "Time in which the customer was on hold."),
    Definition("wrap_up_seconds", "Wrap-up", Unit.SECONDS, "Time after conversations until the operator was free."),
    Definition(
        "desk_seconds", "Desk calls", Unit.SECONDS, "Time in calls placed from the desk, dialling included.", _STAFF
    ),
    Definition(
        "preview_seconds", "Previews", Unit.SECONDS,
        "Time in which operators looked at a campaign's contact before the call.", _STAFF,
    ),
    Definition("available_seconds", "Available", Unit.SECONDS, "Time in which operators were available.", _STAFF),
    Definition("break_seconds", "On a break", Unit.SECONDS, "Time in which operators were on a break.", _STAFF),
    Definition(
        "calls_per_operator", "Calls per operator", Unit.NUMBER, "Answered, by how many operators answered any."
    ),
    Definition(
        "short_abandoned", "Short abandons", Unit.COUNT,
        "Callers who hung up within the queue's short-abandon threshold; they do not count as abandoned.", _QUEUES,
    ),
    Definition("overflowed", "Overflowed", Unit.COUNT, "Callers passed on after the queue's longest wait.", _QUEUES),
    Definition("moved", "Moved", Unit.COUNT, "Callers who went to another queue.", _QUEUES),
    Definition(
        "callbacks", "Callbacks", Unit.COUNT,
        "Callers who asked to be called back; each is also answered, given up or still in line.", _QUEUES,
    ),
    Definition("callbacks_done", "Called back", Unit.COUNT, "Of the callbacks, those who were reached.", _QUEUES),
    Definition("expired", "Given up", Unit.COUNT, "Callbacks that were never reached.", _QUEUES),
    Definition("in_line", "In line", Unit.COUNT, "Callers who wait still.", _QUEUES),
    Definition("offers", "Rung", Unit.COUNT, "How often an operator's phone was rung for a caller."),
    Definition("accepted", "Taken", Unit.COUNT, "Of the times rung, answered."),
    Definition("missed", "Missed", Unit.COUNT, "Of the times rung, not answered, or the desk could not ring."),
    Definition("declined", "Declined", Unit.COUNT, "Of the times rung, turned down by the operator."),
    Definition(
        "withdrawn", "Withdrawn", Unit.COUNT,
        "Of the times rung, taken back: the caller left, or a colleague was faster.",
    ),
)  # fmt: skip

RULES: tuple[str, ...] = (
    "Callers count in the interval in which they joined, offers in the one in which the phone began to ring.",
    "Times (talk, hold, wrap-up, desk calls, available, breaks, and with them occupancy and adherence) are cut at the "
    "borders: a call over midnight counts its seconds on either day.",
    "Of a call that is still going on, the time until now is counted.",
    "Days and weeks are those of the time zone that is named with the tables.",
)

BY_KEY = {definition.key: definition for definition in DEFINITIONS}


def shown(by: By) -> list[Definition]:
    """The figures of a report by `by`, in order."""
    return [definition for definition in DEFINITIONS if by in definition.shown]
