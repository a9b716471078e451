"""Changes anywhere in the house become nudges. No queries here: this runs on the thread that serves a call."""

from apps.live.push import post


def on_leg_moved(call_id: int, client_id: int, **_facts) -> None:
    post(client_id, [("call", call_id)])


def on_call_changed(call_id: int, client_id: int, **_facts) -> None:
    post(client_id, [("call", call_id)])


def on_operator_changed(operator_id: int, client_id: int, **_facts) -> None:
    post(client_id, [("operator", operator_id)])


def on_campaign_changed(campaign_id: int, client_id: int, **_facts) -> None:
    post(client_id, [("campaign", campaign_id)])


def on_queue_changed(client_id: int, queue_id: int, entry_id: int | None, **_facts) -> None:
    post(client_id, [("queue", queue_id) if entry_id is None else ("entry", entry_id)])
