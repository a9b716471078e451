"""Changes anywhere in the house become nudges. No queries here: this runs on the thread that serves a call."""

from apps.live.push import post

BOARD, LINES = "board", "lines"


def desk(operator_id: int) -> str:
    """The topic of one operator's desk."""
    return f"desk:{operator_id}"


def call(call_id: int) -> str:
    """The topic of one call: the desks of all whom it holds, or who spoke last (the hub finds out who they are)."""
    return f"call:{call_id}"


def on_leg_moved(call_id: int, client_id: int, **_facts) -> None:
    post(client_id, {BOARD, call(call_id)})


def on_call_changed(call_id: int, client_id: int, **_facts) -> None:
    post(client_id, {BOARD, call(call_id)})


def on_operator_changed(operator_id: int, client_id: int, **_facts) -> None:
    post(client_id, {BOARD, desk(operator_id)})


def on_queue_changed(client_id: int, **_facts) -> None:
    post(client_id, {BOARD, LINES})
