"""Whom an operator can give a call to at this moment."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Value, When
from django.db.models.functions import Coalesce

from apps.core import clock
from apps.hours import services as hours
from apps.operators.models import Engagement, Operator, OperatorQuerySet, can_ring
from apps.queues.models import Membership, Queue, QueueEntry

ORDER = ("free", "busy", "on_break", "unreachable", "offline")


def directory(operator: Operator) -> dict[str, Any]:
    """The colleagues of `operator` at the same client, the free ones first, and the client's queues by name."""
    client = operator.team.client
    others = of_client(client.pk).exclude(pk=operator.pk)
    found = others.annotate(favourite=Exists(operator.favourites.filter(pk=OuterRef("pk"))))
    rows = sorted(found, key=lambda row: (not row.favourite, ORDER.index(row.state), str(row)))
    return {"colleagues": rows, "queues": _queues(client.pk)}


def of_client(client_id: int) -> OperatorQuerySet:
    """Whom the client's operators can call, each with their state; who may not sign in any more is left out."""
    rows = Operator.objects.filter(team__client=client_id, user__is_active=True)
    return with_state(rows).select_related("user", "team")


def with_state(rows: OperatorQuerySet) -> OperatorQuerySet:
    """Each with `state` in one word and `state_since`."""
    open_ones = Engagement.objects.open().filter(operator=OuterRef("pk"))
    offline, on_break = Operator.Presence.OFFLINE, Operator.Presence.ON_BREAK
    return rows.annotate(
        state=Case(
            When(Exists(open_ones), then=Value("busy")),
            When(presence=offline, then=Value("offline")),
            When(presence=on_break, then=Value("on_break")),
            When(~can_ring(), then=Value("unreachable")),
            default=Value("free"),
            output_field=CharField(),
        ),
        state_since=Coalesce(open_ones.values("since")[:1], F("presence_since")),
    )


def _queues(client_id: int) -> list[Queue]:
    now = clock.now()
    ready = Operator.objects.ready().filter(memberships__active=True)
    counts = dict(
        Membership.objects.filter(active=True, operator__in=ready, queue__client=client_id)
        .order_by().values_list("queue").annotate(Count("pk"))
    )  # fmt: skip
    lines = dict(
        QueueEntry.objects.filter(status__in=QueueEntry.UNANSWERED, queue__client=client_id)
        .filter(kind=QueueEntry.Kind.LIVE).order_by().values_list("queue").annotate(Count("pk"))
    )  # fmt: skip
    rows = list(Queue.objects.active().filter(client=client_id).select_related("schedule").order_by("name"))
    for queue in rows:
        queue.free, queue.waiting = counts.get(queue.pk, 0), lines.get(queue.pk, 0)
        queue.is_open = queue.schedule is None or hours.is_open(queue.schedule, now)
    return rows
