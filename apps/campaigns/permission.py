"""Whether a contact may be called on a number at a moment, and if not, when and why. Pure: values in, a verdict out.

The order is from what nobody can change to what time changes, so that the sentence names the strongest reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from apps.hours.opening import Facts, Hours, closed_by_hand, is_open, next_opening

ALLOWED, LATER, NEVER = "allowed", "later", "never"
CLOSED_BY_HAND = timedelta(minutes=10)  # nobody knows when it opens: look again
ENGAGED = timedelta(minutes=1)  # nor when a call ends
NEVER_OPEN = timedelta(hours=1)  # nor when somebody mends the hours
_NEVER = datetime.max.replace(tzinfo=UTC)
_ROUNDS = 200  # openings of several zones are stepped through; with a common one few are needed


@dataclass(frozen=True)
class Rules:
    """What a campaign asks for. `hours` is its schedule, read by the contact's clock; None: every day."""

    call_from: time
    call_until: time
    most_tries: int
    most_tries_per_day: int
    needs_consent: bool = False
    hours: Facts | None = None


@dataclass(frozen=True)
class Somebody:
    """Who would be called. `consent`: True, False, or None when it is not known; `source` is how we know.

    `zones` are all the time zones in which they may be (each must allow the call). `objection` is why nobody calls
    them at all, in words. `tries` counts those of this campaign.
    """

    zones: Sequence[tzinfo]
    consent: bool | None = None
    source: str = ""
    objection: str = ""
    tries: int = 0


@dataclass(frozen=True)
class Line:
    """A number of theirs. `forbidden`: what the number policy says; `listed`: the source of a do-not-call entry.

    `recent` are the moments at which it, or its owner, was called in the last two days; `engaged`: another
    contact is being called on it.
    """

    number: str
    forbidden: str = ""
    listed: str | None = None
    recent: Sequence[datetime] = ()
    engaged: bool = False


@dataclass(frozen=True)
class Verdict:
    """`until` is when to look again, for LATER."""

    kind: str
    code: str
    sentence: str
    until: datetime | None = None


def decide(rules: Rules, who: Somebody, line: Line, at: datetime) -> Verdict:
    """May `who` be called on `line` at `at`?"""
    return _never(rules, who, line) or _later(rules, who, line, at) or _allowed(who, at)


def best(verdicts: Sequence[Verdict]) -> int:
    """Which of several numbers' verdicts counts for the contact: allowed, else the earliest later, else the first."""
    if not verdicts:
        raise ValueError("There is nothing to choose from.")
    for wanted in (ALLOWED, LATER):
        found = [(verdict.until, n) for n, verdict in enumerate(verdicts) if verdict.kind == wanted]
        if wanted == ALLOWED and found:
            return found[0][1]
        if found:
            return min(found, key=lambda each: (each[0] is None, each[0] or _NEVER, each[1]))[1]
    return 0


def _never(rules: Rules, who: Somebody, line: Line) -> Verdict | None:
    if line.forbidden:
        return Verdict(NEVER, "forbidden_number", line.forbidden)
    if who.objection:
        return Verdict(NEVER, "do_not_call", who.objection)
    if line.listed is not None:
        return Verdict(NEVER, "do_not_call", f"The number is on the do-not-call list ({line.listed}).")
    if who.consent is False:
        return Verdict(NEVER, "no_consent", f"They do not want to be called ({who.source or 'no source given'}).")
    if rules.needs_consent and who.consent is None:
        return Verdict(NEVER, "no_consent", "They have not agreed to be called, and this campaign asks for that.")
    if who.tries >= rules.most_tries:
        return Verdict(NEVER, "tries_used_up", f"All {rules.most_tries} tries are used up.")
    return None


def _later(rules: Rules, who: Somebody, line: Line, at: datetime) -> Verdict | None:
    if line.engaged:
        return Verdict(LATER, "in_a_call", "A call to this number is under way.", at + ENGAGED)
    at_first = _after_the_cap(rules, who, line, at)
    if rules.hours is not None and closed_by_hand(rules.hours, at):
        until = rules.hours.closed_until or at + CLOSED_BY_HAND
        return Verdict(LATER, "closed_by_hand", "The campaign's schedule is closed by hand.", until)
    until = next_moment(rules, who.zones, at_first)
    if until is None:
        return _no_hour(rules, who, at)
    if at_first > at:
        return Verdict(LATER, "tries_of_the_day", f"Called {rules.most_tries_per_day} times today already.", until)
    if until > at:
        local = until.astimezone(who.zones[0])
        return Verdict(LATER, "outside_hours", f"Outside the calling hours until {local:%H:%M on %-d %B} there.", until)
    return None


def _no_hour(rules: Rules, who: Somebody, at: datetime) -> Verdict:
    """No moment suits: because of where they may be, or because the campaign has none for anybody."""
    if never_opens(rules, who.zones[0], at):
        sentence = "The campaign's schedule is never open within its calling hours: change one of them."
        return Verdict(LATER, "no_hours", sentence, at + NEVER_OPEN)
    sentence = f"There is no hour that suits all {len(who.zones)} time zones of their numbers."
    return Verdict(NEVER, "no_common_hours", f"{sentence} Give the contact a time zone.")


def never_opens(rules: Rules, zone: tzinfo, at: datetime) -> bool:
    """Whether the schedule and the hours exclude each other, so that nobody could ever be called."""
    return next_moment(rules, (zone,), at) is None


def _allowed(who: Somebody, at: datetime) -> Verdict:
    local = at.astimezone(who.zones[0])
    return Verdict(ALLOWED, "allowed", f"Within the calling hours ({local:%H:%M} there), on no list, tries left.")


def _after_the_cap(rules: Rules, who: Somebody, line: Line, at: datetime) -> datetime:
    """`at`, or the first midnight after which there is a try left of the day in each of their zones."""

    def used_up(zone: tzinfo, moment: datetime) -> bool:
        today = moment.astimezone(zone).date()
        return sum(1 for each in line.recent if each.astimezone(zone).date() == today) >= rules.most_tries_per_day

    moment = at
    # The day that begins in one zone may be the very day of those calls in another: so it is looked at again.
    while full := [zone for zone in who.zones if used_up(zone, moment)]:
        tomorrow = [moment.astimezone(zone).date() + timedelta(days=1) for zone in full]
        moment = max(datetime.combine(day, time(), zone) for day, zone in zip(tomorrow, full, strict=True))
    return moment


def next_moment(rules: Rules, zones: Sequence[tzinfo], at: datetime) -> datetime | None:
    """The first moment from `at` on that lies within the hours in each of the zones; None: there is none."""
    window = (Hours(rules.call_from, rules.call_until),)
    asked = [Facts(zone, dict.fromkeys(range(7), window)) for zone in zones]
    if rules.hours is not None:
        asked += [replace(rules.hours, time_zone=zone, closed_now=False, closed_until=None) for zone in zones]
    moment = at
    for _round in range(_ROUNDS):
        closed = next((facts for facts in asked if not is_open(facts, moment)), None)
        if closed is None:
            return moment
        opening = next_opening(closed, moment)
        if opening is None:
            return None
        moment = opening
    return None


def as_facts(rules: Rules, who: Somebody, line: Line) -> dict[str, Any]:
    """The inputs of a decision, for the ledger."""
    return {
        "window": f"{rules.call_from:%H:%M}-{rules.call_until:%H:%M}", "zones": [str(zone) for zone in who.zones][:8],
        "schedule": rules.hours is not None, "consent": who.consent, "consent_source": who.source,
        "consent_needed": rules.needs_consent, "tries": who.tries, "most_tries": rules.most_tries,
        "recent_tries": len(line.recent), "most_tries_per_day": rules.most_tries_per_day, "listed": line.listed,
    }  # fmt: skip
