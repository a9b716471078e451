"""What campaigns do about news from below. Each of these is also found by the sweep."""

from __future__ import annotations

from apps.calls import state
from apps.calls.models import Call
from apps.campaigns import outcomes, previews, tasks
from apps.campaigns.models import Attempt, Campaign
from apps.core.nudges import nudge
from apps.operators.models import Operator


def on_leg_moved(*, leg_id: int, status: str, **_facts) -> None:
    """The contact's line is over: so is the try, if its call is. Else that is heard of when the call ends."""
    if status in state.FINAL:
        over = Attempt.objects.open().filter(leg=leg_id, call__status=Call.Status.OVER)
        for attempt_id in over.values_list("pk", flat=True):
            outcomes.settle(attempt_id)


def on_call_changed(*, call_id: int, status: str, **_facts) -> None:
    """The call is over, or was filed after it."""
    if status != Call.Status.OVER:
        return
    found = Attempt.objects.filter(call=call_id).values_list("pk", "ended_at").first()
    if found is None:
        previews.give_back(call_id)
        return
    if found[1] is None:
        outcomes.settle(found[0])
    else:
        outcomes.refile(call_id)


def on_operator_changed(*, operator_id: int, engaged: bool = False, **_facts) -> None:
    """An operator who became ready is a reason to dial."""
    if engaged:
        return
    mine = Campaign.objects.running().filter(queue__memberships__operator=operator_id, queue__memberships__active=True)
    keys = list(mine.values_list("pk", flat=True))
    if keys and Operator.objects.ready().filter(pk=operator_id).exists():
        for key in keys:
            nudge(tasks.step, key)
