"""Why so many are dialled, in words."""

from __future__ import annotations

from apps.campaigns.pacing.values import Situation


def nobody(now: Situation) -> str:
    return "Nobody is signed in for this campaign, so nothing is dialled."


def agentless(now: Situation, count: int) -> str:
    return _no_room(now) if not now.room else f"The limits leave room for {_calls(count, 'more call')}."


def previewed(now: Situation) -> str:
    if not now.signed_in:
        return nobody(now)
    return f"Operators are shown the contacts one by one and call them; {_ready(now)} now."


def plain(now: Situation, count: int, wanted: int) -> str:
    """Of a pacer that looks at ready operators only."""
    if not now.signed_in:
        return nobody(now)
    if wanted <= len(now.dialling):
        return _none_ready(now) if not now.ready else f"{_in_the_air(now)}: that is enough for {_ready(now)}."
    if count < wanted - len(now.dialling):
        return _no_room(now)
    return f"{_ready(now).capitalize()}: {_calls(wanted, 'call')} in the air for them, {count} more than now."


def predicted(now: Situation, count: int, wanted: int, limit: float, account: float) -> str:
    """Of the predictive pacer; `account`: how many calls may still be lost."""
    if count < wanted - len(now.dialling) or not now.room:
        return _no_room(now)
    spent = account <= 0
    if spent and limit:
        reason = (
            f"{_percent(now.abandoned / now.answered)} of the answered calls were abandoned, the limit is "
            f"{_percent(limit)}: only ready operators get a call"
            if now.answered
            else "no call was answered yet, so nothing is risked: only ready operators get a call"
        )
    elif not limit:
        reason = "nobody may be abandoned: only ready operators get a call"
    else:
        reason = (
            f"{_percent(now.seen.answer_rate)} of the last {now.seen.dials} numbers were answered and "
            f"{_calls(int(account), 'more call')} may be abandoned within the limit of {_percent(limit)}"
        )
    if not count:
        return f"{_in_the_air(now)} and {_floor(now)}: that is enough; {reason}."
    return f"{_ready(now).capitalize()}, {_floor(now)}: {_calls(wanted, 'call')} in the air, {count} more; {reason}."


def _no_room(now: Situation) -> str:
    what = now.room_words or "the limits"
    if not now.room:
        return f"Nothing more is dialled now: no room under {what}."
    return f"Only {now.room} more: there is no room beyond that under {what}."


def _none_ready(now: Situation) -> str:
    return f"No operator is ready: {_floor(now)}."


def _floor(now: Situation) -> str:
    return f"{len(now.talking)} talking, {len(now.wrapping_up)} in wrap-up"


def _ready(now: Situation) -> str:
    return "1 operator ready" if now.ready == 1 else f"{now.ready or 'no'} operators ready"


def _in_the_air(now: Situation) -> str:
    return f"{_calls(len(now.dialling), 'call')} in the air"


def _calls(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
