"""What is known of a caller before anybody speaks: the last calls with their notes, and open callbacks."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.calls.models import Call
from apps.live.words import iso
from apps.queues.models import Callback

SHOWN = 4
_LONGEST_NOTE = 280


def of(call: Call) -> dict[str, Any]:
    """The caller's last calls, newest first, and the callbacks that they wait for."""
    if call.colleague_id is not None:
        return {"calls": [], "callbacks": []}
    known = Q(customer_number=call.customer_number) | (Q(person=call.person_id) if call.person_id else Q(pk=None))
    before = Call.objects.filter(known, client=call.client_id, status=Call.Status.OVER).exclude(pk=call.pk)
    rows = before.select_related("operator__user", "disposition__parent").order_by("-started_at")[:SHOWN]
    callbacks = Callback.objects.open().filter(number=call.customer_number, queue__client=call.client_id)
    return {
        "calls": [
            {
                "id": str(row.public_id), "at": iso(row.started_at), "direction": row.direction,
                "outcome": row.get_outcome_display(), "operator": str(row.operator) if row.operator else "",
                "disposition": str(row.disposition) if row.disposition else "", "note": row.note[:_LONGEST_NOTE],
            }
            for row in rows
        ],
        "callbacks": [
            {"id": str(row.public_id), "queue": row.queue.name, "asked_at": iso(row.asked_at)}
            for row in callbacks.select_related("queue").order_by("asked_at")
        ],
    }  # fmt: skip
