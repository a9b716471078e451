"""The board's picture of one scope, from the database. A fixed number of queries, however much is going on."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from apps.calls.models import Call
from apps.live import callbacks, line, whereabouts
from apps.live.diff import Picture, Row
from apps.live.scope import Scope
from apps.live.whereabouts import Whereabouts
from apps.live.words import iso, number
from apps.operators.models import Engagement, Operator
from apps.queues import stats
from apps.queues.models import Membership, Queue, QueueEntry
from apps.routing.models import Decision

# What an operator with an open engagement does, by its purpose and by where the call is.
_BUSY = {"ringing": "ringing", "dialling": "dialling", "connecting": "dialling", "held": "held"}


def board(scope: Scope) -> Picture:
    """Queues, operators, open calls, who waits and who is to be called back, of `scope`."""
    calls = list(
        scope.narrow(Call.objects.open()).select_related("person", "operator__user", "phone_number", "client")
        .order_by("pk")
    )  # fmt: skip
    where = whereabouts.of(calls)
    unmatched = Decision.objects.unmatched(calls)
    return {
        "queues": _queues(scope),
        "operators": _operators(scope, {call.public_id: (call, where[call.pk]) for call in calls}),
        "calls": [_call(call, where[call.pk], call.pk in unmatched) for call in calls],
        "line": line.rows(scope),
        "callbacks": callbacks.rows(scope),
    }


def _queues(scope: Scope) -> list[Row]:
    queues = list(scope.narrow(Queue.objects.active()).select_related("client").order_by("pk"))
    now, today = stats.now_of(queues), stats.since_midnight(queues)
    first = _first_in_line(queues)
    rows = []
    for queue in queues:
        n, day = now[queue.pk], today[queue.pk]
        rows.append({
            "id": str(queue.public_id), "name": queue.name, "client": queue.client.name,
            "waiting": n.waiting, "longest_since": iso(first.get(queue.pk)), "talking": n.talking,
            "ready": n.ready, "busy": n.busy, "on_break": n.on_break, "unreachable": n.unreachable,
            "signed_in": n.signed_in, "places": queue.max_size, "target_seconds": queue.service_level_seconds,
            "offered": day.offered, "answered": day.answered, "abandoned": day.abandoned,
            "overflowed": day.overflowed, "in_time": day.in_time, "measured": day.measured,
            "service_level_percent": day.service_level_percent, "average_answer_seconds": day.average_answer_seconds,
        })  # fmt: skip
    return rows


def _first_in_line(queues: list[Queue]) -> dict[int, datetime]:
    rows = (
        QueueEntry.objects.in_line()
        .filter(queue__in=queues, kind=QueueEntry.Kind.LIVE)
        .order_by("queue", "place_at")
        .distinct("queue")
    )
    return dict(rows.values_list("queue", "place_at"))


def _operators(scope: Scope, calls: dict[Any, tuple[Call, Whereabouts]]) -> list[Row]:
    operators = list(
        scope.narrow(Operator.objects.all(), "team__client")
        .select_related("user", "team__client", "break_reason")
        .order_by("pk")
    )
    engagements = {row.operator_id: row for row in Engagement.objects.open().filter(operator__in=operators)}
    queues = defaultdict(list)
    memberships = Membership.objects.filter(operator__in=operators, active=True).order_by("queue__name")
    for operator_id, name in memberships.values_list("operator", "queue__name"):
        queues[operator_id].append(name)
    return [
        _operator(operator, engagements.get(operator.pk), calls) | {"queues": queues[operator.pk]}
        for operator in operators
    ]


def _operator(operator: Operator, engagement: Engagement | None, calls: dict) -> Row:
    call, where = calls.get(engagement.call_ref, (None, None)) if engagement else (None, None)
    doing, since = _doing(operator, engagement, where)
    return {
        "id": str(operator.public_id), "name": str(operator), "team": operator.team.name,
        "client": operator.team.client.name,
        "presence": operator.presence, "status": doing, "since": iso(since),
        "reason": operator.break_reason.name if operator.break_reason else "",
        "limit_seconds": operator.break_reason.limit_seconds if operator.break_reason else 0,
        "due_at": iso(engagement.due_at) if engagement else None,
        "call": str(call.public_id) if call else None,
        "with": (call.person.name if call.person else number(call)) if call else "",
    }  # fmt: skip


def _doing(operator: Operator, engagement: Engagement | None, where: Whereabouts | None) -> tuple[str, datetime]:
    if engagement is not None and engagement.purpose == Engagement.Purpose.WRAP_UP:
        return "wrap_up", engagement.since
    if engagement is not None:
        return (_BUSY.get(where.status, "talking"), where.since) if where else ("busy", engagement.since)
    if operator.presence == Operator.Presence.AVAILABLE and operator.unreachable_since is not None:
        return "unreachable", operator.unreachable_since
    if operator.presence == Operator.Presence.AVAILABLE:
        return "ready", operator.idle_since
    return operator.presence, operator.presence_since


def _call(call: Call, where: Whereabouts, unmatched: bool) -> Row:
    operators = where.ringing or ([call.operator] if call.operator else [])
    return {
        "id": str(call.public_id), "direction": call.direction, "status": where.status, "since": iso(where.since),
        "name": call.person.name if call.person else "", "number": number(call),
        "line": call.phone_number.label if call.phone_number else "",
        "queue": where.queue.name if where.queue else "", "operator": ", ".join(map(str, operators)),
        "started_at": iso(call.started_at), "client": call.client.name,
        "remark": "no rule matched" if unmatched else "",
    }  # fmt: skip
