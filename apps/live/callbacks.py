"""Who waits to be called back, as the board shows it."""

from __future__ import annotations

from django.db.models import Count, Q

from apps.core import numbers
from apps.live.diff import Row
from apps.live.scope import Scope
from apps.live.words import iso
from apps.queues.models import Callback


def rows(scope: Scope) -> list[Row]:
    """The open callbacks; `tries` are those that rang the customer, `next_try_at` the earliest moment of the next."""
    found = scope.narrow(Callback.objects.open(), "queue__client").order_by("next_try_at", "pk")
    found = found.select_related("queue__client", "call__person", "entry__operator__user")
    dialled = Count("tries", filter=Q(tries__dialled_at__isnull=False))
    return [
        {
            "id": str(row.public_id), "entry": str(row.entry.public_id), "queue_name": row.queue.name,
            "client": row.queue.client.name, "name": row.call.person.name if row.call.person else "",
            "number": numbers.pretty(row.number), "status": row.status, "asked_at": iso(row.asked_at),
            "promised_from": iso(row.promised_from), "promised_until": iso(row.promised_until),
            "next_try_at": iso(row.next_try_at), "expires_at": iso(row.expires_at),
            "tries": row.dialled, "tries_at_most": row.queue.callback_tries, "front": row.entry.front,
            "operator": str(row.entry.operator) if row.entry.operator else "",
        }
        for row in found.annotate(dialled=dialled)
    ]  # fmt: skip
