"""The predictive pacer: as many calls as keep the operators talking and the abandoned ones under the limit.

It dials one call more as long as that is worth its price (`odds`): the losses to be expected from it for each person
whom it brings. What is worth paying follows from the account: `limit` of the answered calls may be lost, some were.
While much is left on it, a dear call is worth it; the nearer to the limit, the cheaper it must be; with nothing left,
only calls that cost nothing are made, one for each ready operator. So the share lost comes to the limit by itself,
whatever the model does not know. And the account is not overdrawn by bad luck: what the calls in the air may cost at
worst is set aside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from apps.campaigns.pacing import odds, words
from apps.campaigns.pacing.values import LATE_STEP, Advice, Situation

LIMIT = 0.03
DEAREST = 0.25  # what is paid for a person at most
GENTLY = 12.0  # lost calls left on the account at which the dearest price is paid, at least
GENTLY_SHARE = 0.0005  # and so much of the answered ones: with many the price need not follow each lost call
AT_ONCE = 0.15  # of the account, before all that should be set aside is there
CHANCE = 2.0  # and so many more answers than that, because chance is rough in small numbers
SOONEST = 0.9  # nobody is counted on to be back more surely than this before a call is answered


@dataclass(frozen=True, slots=True)
class Predictive:
    """Keeps abandoned calls at or under `limit` of those that a person answered, over the policy's window; 0: none.

    Raises ValueError for a limit that is no share.
    """

    limit: float = LIMIT

    def __post_init__(self) -> None:
        if not 0 <= self.limit < 1:
            raise ValueError("The limit is a share of the answered calls, from 0 to below 1, for example 0.03.")

    def count(self, now: Situation) -> int:
        if not now.signed_in:
            return 0
        return max(0, min(now.room, self._wanted(now) - len(now.dialling)))

    def advise(self, now: Situation) -> Advice:
        count = self.count(now)
        if not now.signed_in:
            return Advice(count, words.nobody(now))
        return Advice(count, words.predicted(now, count, self._wanted(now), self.limit, self.account(now)))

    def account(self, now: Situation) -> float:
        """How many more calls could be lost with the limit kept, also when the oldest have left the window; below 0
        when it is exceeded."""
        whole = self.limit * now.answered - now.abandoned
        return min(whole, whole - self.limit * now.leaving_answered + now.leaving_abandoned)

    def _wanted(self, now: Situation) -> int:
        """How many calls should be in the air."""
        in_the_air, ready = len(now.dialling), now.ready
        account = self.account(now)
        wanted = max(in_the_air, ready)
        if self.limit == 0 or account <= 0:
            return wanted
        rate = now.seen.answer_rate
        floor = Floor.of(now)
        ahead = _weight(now) - in_the_air  # the calls in the air weigh as much as so many new ones more
        most = in_the_air + now.room
        worth = _worth(now, account)
        free = (ready + (now.signed_in - ready) * _before(now)) / 2
        while wanted < most:
            if account <= at_worst(wanted + 1, rate, free) or floor.price(wanted + ahead) > worth:
                break
            wanted += 1
        return wanted


def _worth(now: Situation, account: float) -> float:
    """What a call may cost at most. It falls to nothing with what is left on the account beside what is set aside for
    as many calls in the air as such a floor has at its height; a part of a young account is spent at once."""
    seen = now.seen
    cycle = seen.ring_seconds + seen.talk_seconds + seen.wrap_up_seconds
    usual = (len(now.talking) + len(now.wrapping_up)) * seen.ring_seconds / cycle / seen.answer_rate
    height = usual + 3 * math.sqrt(usual)
    aside = at_worst(math.ceil(height), seen.answer_rate, height * seen.answer_rate / 2)
    left = max(account - aside, AT_ONCE * account)
    return DEAREST * min(1.0, left / max(GENTLY, GENTLY_SHARE * now.answered))


def at_worst(dialling: int, answer_rate: float, free: float) -> float:
    """How many of the calls in the air may be lost if the times change right now and far more people answer than so
    far; `free`: half of those who are ready or should be back in time, because the others may have left."""
    answers = min(dialling, dialling * math.sqrt(answer_rate) + CHANCE)
    return max(0.0, answers - free)


class Floor:
    """The floor as the table of prices knows it."""

    def __init__(self, prices: odds.Prices, busy: int, scale: float) -> None:
        self._prices, self._busy, self._scale = prices, busy, scale

    @classmethod
    def of(cls, now: Situation) -> Floor:
        signed_in, seen = now.signed_in, now.seen
        scale = min(1.0, odds.LARGEST / signed_in)
        operators = max(1, round(signed_in * scale))
        busy = min(operators, math.ceil((signed_in - now.ready) * scale))
        table = odds.prices(operators, _step(seen.answer_rate, up=True), _step(_comes_back(now), up=False))
        return cls(table, busy, scale)

    def price(self, dialling: float) -> float:
        return self._prices.price(self._busy, max(0, math.ceil(dialling * self._scale - 1e-9)))


def _weight(now: Situation) -> float:
    """How many new calls those in the air are worth: one that has rung for long is answered more or less often."""
    late = now.seen.late
    if len(late) == 1:
        return len(now.dialling)
    last = len(late) - 1
    return math.fsum(late[min(last, int(age / LATE_STEP))] for age in now.dialling)


def _comes_back(now: Situation) -> float:
    """At which rate a busy operator is ready again, per mean ring time."""
    before = min(_before(now), SOONEST)
    return max(before / (1 - before), 1e-6)


def _before(now: Situation) -> float:
    """How likely a busy operator is ready again before a call dialled now is answered; the mean over all of them."""
    seen = now.seen
    ring = max(seen.ring_seconds, 0.1)
    # A talk that ends is followed by the whole wrap-up; the chance that a call rings for longer than that.
    behind = math.exp(-seen.wrap_up_seconds / ring)
    talking = ring / (ring + seen.talk_seconds) * behind
    busy = len(now.talking) + len(now.wrapping_up)
    if not busy:
        return talking
    wrapping = math.fsum(math.exp(-max(0.0, seen.wrap_up_seconds - age) / ring) for age in now.wrapping_up)
    return (len(now.talking) * talking + wrapping) / busy


def _step(value: float, *, up: bool) -> int:
    """The careful side of the scale of ratios: more answers, later returns."""
    steps = math.log(value) / math.log(odds.STEP)
    return math.ceil(steps - 1e-9) if up else math.floor(steps + 1e-9)
