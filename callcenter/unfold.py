"""The admin's look and its menu, in the order of a manager's day: what happens now, what was, who, how, machinery."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse

from apps.core import clock

# Section, folded at first?, and its entries: title, icon (Material Symbols), model or path, permission of a path.
MENU: list[tuple[str, bool, list[tuple[str, str, str]]]] = [
    (
        "Now",
        False,
        [
            ("Today", "today", "/admin/"),
            ("Board", "monitoring", "/board/"),
            ("Reports", "bar_chart", "/admin/reports/"),
            ("Desk", "headset_mic", "/desk/"),
            ("Notices", "notifications", "notify.Notice"),
        ],
    ),
    (
        "Calls",
        False,
        [
            ("Calls", "call", "calls.Call"),
            ("Waiting", "hourglass_top", "queues.QueueEntry"),
            ("Callbacks", "phone_callback", "queues.Callback"),
            ("Offers", "ring_volume", "queues.Offer"),
            ("Recordings", "graphic_eq", "recordings.Recording"),
            ("Menu visits", "dialpad", "ivr.Visit"),
            ("Routing decisions", "alt_route", "routing.Decision"),
        ],
    ),
    (
        "Campaigns",
        False,
        [
            ("Campaigns", "campaign", "campaigns.Campaign"),
            ("Contact lists", "list_alt", "campaigns.ContactList"),
            ("Imports", "upload_file", "campaigns.Import"),
            ("Contacts", "contact_phone", "campaigns.Contact"),
            ("Who is called", "patient_list", "campaigns.Target"),
            ("Tries", "phone_forwarded", "campaigns.Attempt"),
            ("Permission ledger", "fact_check", "campaigns.Permission"),
            ("Do not call", "phone_disabled", "campaigns.DoNotCall"),
        ],
    ),
    (
        "People",
        False,
        [
            ("People", "contacts", "people.Person"),
            ("Lists", "list_alt", "people.PersonList"),
            ("Tags", "sell", "people.Tag"),
            ("Consent", "verified_user", "people.Consent"),
        ],
    ),
    (
        "Team",
        False,
        [
            ("Operators", "support_agent", "operators.Operator"),
            ("Teams", "groups", "operators.Team"),
            ("Skills", "school", "operators.Skill"),
            ("Break reasons", "coffee", "operators.BreakReason"),
            ("Messages", "forum", "operators.OperatorMessage"),
            ("Engagements", "timelapse", "operators.Engagement"),
            ("Presence history", "event_available", "operators.PresenceSpan"),
        ],
    ),
    (
        "How calls travel",
        False,
        [
            ("Phone numbers", "dialpad", "carrier.PhoneNumber"),
            ("Rules", "rule", "routing.Rule"),
            ("Try a sample call", "phone_in_talk", "/admin/routing/rule/try/"),
            ("What if?", "quiz", "/admin/routing/rule/what-if/"),
            ("Voice menus", "account_tree", "ivr.Flow"),
            ("Menu versions", "history", "ivr.FlowVersion"),
            ("Prompts", "record_voice_over", "ivr.Prompt"),
            ("Web services", "language", "ivr.WebService"),
            ("Queues", "queue", "queues.Queue"),
            ("Opening hours", "schedule", "hours.Schedule"),
            ("Destinations", "near_me", "destinations.Destination"),
            ("Dispositions", "label", "calls.Disposition"),
            ("Limits of sound", "network_check", "calls.SoundLimits"),
        ],
    ),
    (
        "Company",
        True,
        [
            ("Clients", "domain", "clients.Client"),
            ("Users", "person", "core.User"),
            ("Roles", "shield_person", "auth.Group"),
            ("API keys", "key", "integrations.ApiKey"),
        ],
    ),
    (
        "Machinery",
        True,
        [
            ("Event log", "history", "core.Event"),
            ("Carrier webhooks", "webhook", "carrier.WebhookDelivery"),
            ("Carrier requests", "cloud_upload", "carrier.CarrierRequest"),
            ("Messages", "outgoing_mail", "notify.Message"),
            ("Periodic tasks", "update", "django_celery_beat.PeriodicTask"),
            ("Locked logins", "lock", "axes.AccessAttempt"),
        ],
    ),
]

# Who may see a page of the live part; the page itself asks the same.
PAGES = {
    "/admin/": "queues.watch_board", "/board/": "queues.watch_board", "/admin/reports/": "queues.watch_board",
    "/desk/": "calls.place_call", "/admin/routing/rule/try/": "routing.view_rule",
    "/admin/routing/rule/what-if/": "routing.view_rule",
}  # fmt: skip


def _entry(request: HttpRequest, title: str, icon: str, target: str) -> dict[str, Any] | None:
    if target in PAGES:
        return {"title": title, "icon": icon, "link": target} if request.user.has_perm(PAGES[target]) else None
    if not apps.is_installed(apps.get_app_config(target.partition(".")[0]).name):
        return None
    model_admin = admin.site._registry.get(apps.get_model(target))
    if model_admin is None or not model_admin.has_view_permission(request):
        return None
    meta = model_admin.model._meta
    try:
        link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    except NoReverseMatch:
        return None
    entry: dict[str, Any] = {"title": title, "icon": icon, "link": link}
    badge = getattr(model_admin, "menu_badge", None)
    if badge is not None:
        # An admin class may count what needs attention: `def menu_badge(self, request) -> int | str | None`.
        entry["badge"] = badge(request) or None
    return entry


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side menu of this user: what exists and what their role may see."""
    sections: list[dict[str, Any]] = []
    for title, folded, entries in MENU:
        items = [item for entry in entries if (item := _entry(request, *entry))]
        if items:
            sections.append({"title": title, "collapsible": folded, "separator": False, "items": items})
    _mark_here(request.path, [item for section in sections for item in section["items"]])
    return sections


def _mark_here(path: str, items: list[dict[str, Any]]) -> None:
    """The entry of this page is the one that names it most exactly."""
    here = max((item["link"] for item in items if path.startswith(item["link"])), key=len, default="")
    for item in items:
        item["active"] = item["link"] == here and (here != "/admin/" or path == here)


def environment(request: HttpRequest) -> list[str] | None:
    """A badge that tells the demo from the real thing."""
    return ["Sandbox: no real calls", "warning"] if settings.CARRIER == "sandbox" else None


def subheader(request: HttpRequest) -> str:
    """By which clock the times of the page are."""
    return f"Times: {clock.place()}" if request.user.is_authenticated else "Settings and records"


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Call center",
    "SITE_HEADER": "Call center",
    "SITE_SUBHEADER": "callcenter.unfold.subheader",
    "SITE_URL": "/",
    "SITE_SYMBOL": "headset_mic",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("site/icon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "callcenter.dashboard.fill",
    "ENVIRONMENT": "callcenter.unfold.environment",
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "#f0fdfa",
            "100": "#ccfbf1",
            "200": "#99f6e4",
            "300": "#5eead4",
            "400": "#2dd4bf",
            "500": "#14b8a6",
            "600": "#0d9488",
            "700": "#0f766e",
            "800": "#115e59",
            "900": "#134e4a",
            "950": "#042f2e",
        },
    },
    "COMMAND": {"search_models": True, "show_history": True},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "callcenter.unfold.navigation",
    },
}
