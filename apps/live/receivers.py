"""Changes anywhere in the house become nudges. All run after commit."""

from apps.calls.models import Call
from apps.live.push import post
from apps.operators.models import Engagement, Operator
from apps.queues.models import Queue

BOARD, LINES = "board", "lines"


def desk(operator_id: int) -> str:
    """The topic of one operator's desk."""
    return f"desk:{operator_id}"


def on_leg_moved(call_id: int, **_facts) -> None:
    _call_moved(call_id)


def on_call_changed(call_id: int, **_facts) -> None:
    _call_moved(call_id)


def _call_moved(call_id: int) -> None:
    """The board, and the desks of all whom the call holds or who spoke last."""
    client_id, ref, operator_id = Call.objects.values_list("client", "public_id", "operator").get(pk=call_id)
    held = Engagement.objects.open().filter(call_ref=ref).values_list("operator", flat=True)
    post(client_id, {BOARD, *map(desk, {operator_id, *held} - {None})})


def on_operator_changed(operator_id: int, **_facts) -> None:
    client_id = Operator.objects.values_list("team__client", flat=True).get(pk=operator_id)
    post(client_id, {BOARD, desk(operator_id)})


def on_queue_changed(queue_id: int, **_facts) -> None:
    post(Queue.objects.values_list("client", flat=True).get(pk=queue_id), {BOARD, LINES})
