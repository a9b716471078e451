"""The lines of a call while something is changed about it: its row is held, and whose line is whose."""

from __future__ import annotations

from apps.calls.models import Call, Leg
from apps.core.models import User
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Operator


def lock(leg: Leg) -> Call:
    """One writer at a time per call; the leg is read again under the lock."""
    call = (
        Call.objects.select_for_update(of=("self",)).select_related("client", "person", "operator").get(pk=leg.call_id)
    )
    leg.refresh_from_db()
    leg.call = call
    return call


def lock_call(call: Call) -> Call:
    """The call as it is now, ours until commit. Raises Refused when it is over."""
    rows = Call.objects.select_for_update(of=("self",)).select_related("client", "person", "operator__user")
    held = rows.get(pk=call.pk)
    if held.status == Call.Status.OVER:
        raise Refused("The call is over.", code="over")
    return held


def leg_of(call: Call, user: User) -> Leg:
    """The line on which `user` leads or shares the conversation. Raises Refused for everybody else."""
    mine = leg_of_operator(call, operators.for_user(user))
    if mine is None or mine.joined_at is None:
        raise Refused("You are not in this call.", code="not_in_call")
    return mine


def leg_of_operator(call: Call, operator: Operator | None) -> Leg | None:
    """The line of the operator in this call, if there is one."""
    rows = call.legs.parties().filter(role=Leg.Role.OPERATOR, operator__isnull=False, operator=operator)
    found = rows.select_related("operator__user", "operator__team__client", "engagement", "room").first()
    if found is not None:
        found.call = call
    return found
