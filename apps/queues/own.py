"""An operator's own figures of a day, from the rows of the calls that they were rung for and had."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from apps.calls.models import Leg
from apps.core import clock
from apps.operators.models import Operator, PresenceSpan
from apps.queues.models import Offer

Status = Offer.Status


def today(operator: Operator) -> dict[str, Any]:
    """Since midnight at the client: calls answered, missed and declined, talked and been there, in seconds."""
    now = clock.now()
    since = now.astimezone(operator.team.client.time_zone).replace(hour=0, minute=0, second=0, microsecond=0)
    offers = Offer.objects.filter(operator=operator, offered_at__gte=since).aggregate(
        answered=Count("pk", filter=Q(status=Status.ACCEPTED)), missed=Count("pk", filter=Q(status=Status.MISSED)),
        declined=Count("pk", filter=Q(status=Status.DECLINED)),
    )  # fmt: skip
    mine = Leg.objects.filter(operator=operator, answered_at__gte=since).exclude(role=Leg.Role.SUPERVISOR)
    talks = mine.aggregate(
        talks=Count("call", distinct=True), time=Sum(Coalesce(F("ended_at"), now) - F("answered_at"))
    )
    seconds = round((talks["time"] or timedelta()).total_seconds())
    return offers | {
        "talks": talks["talks"], "talk_seconds": seconds, "since": since,
        "average_talk_seconds": round(seconds / talks["talks"]) if talks["talks"] else 0,
        "signed_in_seconds": _there(operator, since, now, [Operator.Presence.AVAILABLE, Operator.Presence.ON_BREAK]),
        "break_seconds": _there(operator, since, now, [Operator.Presence.ON_BREAK]),
    }  # fmt: skip


def _there(operator: Operator, since: datetime, now: datetime, presences: list[str]) -> int:
    spans = PresenceSpan.objects.filter(operator=operator, presence__in=presences)
    spans = spans.filter(Q(until__isnull=True) | Q(until__gt=since)).values_list("since", "until")
    return round(sum(((until or now) - max(begun, since)).total_seconds() for begun, until in spans))
