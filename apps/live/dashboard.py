"""The admin's first page: what a manager wants to know before anything else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from apps.calls.models import Call
from apps.core.numbers import pretty
from apps.live import snapshot
from apps.live.scope import Scope
from apps.notify.models import Notice
from apps.recordings.models import Recording


def figures(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback: today's figures, queues, last calls and notices within the user's sight."""
    if not request.user.has_perm("queues.watch_board"):
        return context
    picture = snapshot.board(Scope.of(request.user))
    notices = Notice.objects.open().visible_to(request.user)[:8]
    return context | {
        "cards": _cards(request, picture),
        "queues": {
            "headers": ["Queue", "Waiting", "Ready", "Calls today", "Answered", "Gave up", "In time"],
            "rows": [_queue(row) for row in picture["queues"]],
        },
        "last_calls": {
            "headers": ["Began", "Customer", "Operator", "Outcome"],
            "rows": [_call(call) for call in _last_calls(request)],
        },
        "notices": {
            "headers": ["What needs you", "Times", "Last"],
            "rows": [
                [_link("notify_notice", notice.pk, notice.text), notice.times, f"{notice.last_at:%b %d %H:%M}"]
                for notice in notices
            ],
        },
    }


def _cards(request: HttpRequest, picture: dict[str, Any]) -> list[dict[str, Any]]:
    queues, operators = picture["queues"], picture["operators"]
    answered, offered = (sum(row[name] for row in queues) for name in ("answered", "offered"))
    signed_in = [row for row in operators if row["presence"] != "offline"]
    kept = Recording.objects.visible_to(request.user).filter(status=Recording.Status.STORED).count()
    return [
        {"title": "Waiting", "value": sum(row["waiting"] for row in queues), "note": "callers in line"},
        {"title": "Open calls", "value": len(picture["calls"]), "note": "at this moment"},
        {"title": "Operators", "value": len(signed_in), "note": f"signed in, of {len(operators)}"},
        {"title": "Answered", "value": answered, "note": f"of {offered} queued today"},
        {"title": "Recordings", "value": kept, "note": "stored"},
    ]


def _queue(row: dict[str, Any]) -> list[Any]:
    level = row["service_level_percent"]
    in_time = "–" if level is None else f"{level:.0f} %"
    return [row["name"], row["waiting"], row["ready"], row["offered"], row["answered"], row["abandoned"], in_time]


def _last_calls(request: HttpRequest):
    return Call.objects.visible_to(request.user).select_related("person", "operator__user")[:8]


def _call(call: Call) -> list[Any]:
    who = call.person.name if call.person else pretty(call.customer_number)
    return [
        _link("calls_call", call.pk, f"{call.started_at:%b %d %H:%M}"),
        who,
        str(call.operator) if call.operator else "–",
        call.get_outcome_display() or "open",
    ]


def _link(name: str, pk: int, text: str) -> str:
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
        reverse(f"admin:{name}_change", args=[pk]),
        text,
    )
