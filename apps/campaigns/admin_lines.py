"""The page that holds our books against the carrier's."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.template.response import TemplateResponse

from apps.calls import balance
from apps.campaigns import capacity
from apps.core import clock
from apps.core.admin_base import ModelAdmin, admin_link
from apps.core.refused import Refused

SHOWN = 50


def line_page(admin: ModelAdmin, request: HttpRequest, *, may_reconcile: bool) -> HttpResponse:
    """Figures, what does not fit, and the button; a POST presses it."""
    if request.method == "POST":
        if not may_reconcile:
            raise PermissionDenied
        return _pressed(admin, request)
    context = {
        "title": "Lines in use", "may_reconcile": may_reconcile, "clients": capacity.of_clients(request.user),
        "house": capacity.of_house(),
    }  # fmt: skip
    try:
        found = balance.balance(request.user)
    except Refused as refusal:
        context["trouble"] = refusal.sentence
    else:
        context |= {"found": found, "figures": _figures(found), "rows": _rows(found)}
    frame = {**admin.admin_site.each_context(request), "model_admin": admin, "content_title": context["title"]}
    return TemplateResponse(request, "campaigns/lines.html", {**frame, **context})


def _pressed(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    try:
        found = balance.put_right(request.user)
        admin.message_user(request, " ".join(found.sentences), messages.SUCCESS if found.agrees else messages.WARNING)
    except Refused as refusal:
        admin.message_user(request, refusal.sentence, messages.ERROR)
    return HttpResponseRedirect(request.path)


def _figures(found: balance.Balance) -> list[tuple[str, int, str]]:
    return [
        ("Open calls", found.open_calls, "outgoing, by our books"),
        ("Places in use", found.places, "of the limits below"),
        ("Our lines", found.our_lines, "open, incoming ones too"),
        ("At the carrier", found.carrier_lines, "live, by its own word"),
    ]


def _rows(found: balance.Balance) -> list[tuple[str, object, str]]:
    """What does not fit: why, which call, since when."""
    rows = [
        ("over at the carrier", admin_link(leg.call), f"{clock.local(leg.created_at):%H:%M:%S}")
        for leg in found.only_ours
    ]
    rows += [
        ("no answer of the carrier", admin_link(leg.call), f"{clock.local(leg.dialed_at):%H:%M:%S}")
        for leg in found.undecided
    ]
    rows += [
        ("unknown to us", facts.sid, f"{clock.local(facts.created_at):%H:%M:%S}" if facts.created_at else "")
        for facts in found.strangers
    ]
    return rows[:SHOWN]
