"""Do our books and the carrier's agree? Open calls, places in use and the carrier's live calls, side by side.

A place is held by rows, so it cannot leak; what can differ is a line whose end was never reported, or a call at the
carrier of which no line of ours knows. `put_right` asks the carrier about each of them at once, as the reconciler does
with those that stay silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.calls import lines, reconcile
from apps.calls.models import Call, Leg
from apps.carrier.client import CallFacts, CarrierLost, CarrierRefused, get_port
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.core.refused import Refused

MOST = 1000  # lines that are asked about at once
JUST_MADE = timedelta(seconds=10)


@dataclass
class Balance:
    """`strangers` are calls of the carrier's account that no line of ours knows: known only to who sees every client.

    `undecided` lines have no answer of the carrier yet: just asked, or the answer was lost and is being looked for.
    """

    at: datetime
    open_calls: int = 0
    places: int = 0
    our_lines: int = 0
    carrier_lines: int = 0
    undecided: list[Leg] = field(default_factory=list)
    only_ours: list[Leg] = field(default_factory=list)
    strangers: list[CallFacts] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Everything of ours is at the carrier, and the other way round."""
        return not (self.undecided or self.only_ours or self.strangers)

    @property
    def sentences(self) -> list[str]:
        """What does not fit, in words."""
        said = []
        if self.only_ours:
            said.append(f"{_lines(len(self.only_ours))} open here and over at the carrier: its end was not reported.")
        if self.undecided:
            said.append(f"{_lines(len(self.undecided))} without the carrier's answer: just asked, or being found out.")
        if self.strangers:
            said.append(f"{_lines(len(self.strangers))} live at the carrier and unknown here: made by another program?")
        return said or ["Our books and the carrier's agree."]


def _lines(count: int) -> str:
    return f"{count} line is" if count == 1 else f"{count} lines are"


def balance(user: User) -> Balance:
    """As it stands now, of the clients that `user` may see. Asks the carrier; Refused when it does not answer."""
    # Ours before and after: a line that begins or ends while the carrier is asked is no difference.
    ours = {leg.pk: leg for leg in _open_lines(user)}
    try:
        live = {facts.sid: facts for facts in get_port().live()}
    except (CarrierLost, CarrierRefused) as error:
        raise Refused(f"The carrier does not tell which calls are live. {error}", code="carrier_away") from error
    still = set(_open_lines(user).values_list("pk", flat=True))
    with_sid = [leg for leg in ours.values() if leg.sid and leg.pk in still]
    calls = Call.objects.open().visible_to(user).filter(direction=Call.Direction.OUTBOUND)
    found = Balance(
        clock.now(), open_calls=calls.count(), places=calls.count() + _lingering(user), our_lines=len(with_sid),
        undecided=[leg for leg in ours.values() if not leg.sid and leg.pk in still and leg.dialed_at],
        only_ours=[leg for leg in with_sid if leg.sid not in live],
    )  # fmt: skip
    found.carrier_lines = found.our_lines - len(found.only_ours)
    if user.sees_all:
        known = set(Leg.objects.filter(sid__in=list(live)).values_list("sid", flat=True))
        settled = found.at - JUST_MADE  # its answer may be on its way to the process that asked for it
        found.strangers = [
            facts for sid, facts in live.items()
            if sid not in known and (facts.created_at is None or facts.created_at < settled)
        ]  # fmt: skip
        found.carrier_lines += len(found.strangers)
    return found


def put_right(user: User) -> Balance:
    """Ask the carrier about every line that does not fit, and look again. What it says counts; twice is harmless."""
    before = balance(user)
    reconcile.reconcile()
    _settle(before.only_ours)
    return balance(user)


def _settle(legs: Iterable[Leg]) -> None:
    for leg in list(legs)[:MOST]:
        lines.settle(leg)


def _open_lines(user: User):
    rows = Leg.objects.open().filter(call__client__in=_clients(user)).select_related("call__client", "operator")
    return rows.order_by("pk")


def _clients(user: User):
    return Client.objects.visible_to(user)


def _lingering(user: User) -> int:
    """Outgoing calls that are over while their customer's line is not: they hold their place until then."""
    rows = Leg.objects.open().filter(role=Leg.Role.CUSTOMER, call__status=Call.Status.OVER)
    return rows.filter(call__direction=Call.Direction.OUTBOUND, call__client__in=_clients(user)).count()
