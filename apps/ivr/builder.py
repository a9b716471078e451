"""What the page on which a flow is drawn has to know of the house."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps.clients.models import Client
from apps.core.models import User
from apps.destinations import kinds as destination_kinds
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.ivr.kinds import COMPARISONS, KEYS, KINDS
from apps.ivr.models import Flow, Prompt, WebService
from apps.people.models import PersonList, Tag

MOST_ROWS = 1000


def page_data(flow: Flow, user: User) -> dict[str, Any]:
    """The kinds of nodes, and the rows of the flow's client that a node can name."""
    client = flow.client
    return {
        "flow": {
            "id": str(flow.public_id), "name": flow.name, "active": flow.active, "language": client.language,
            "version": flow.version.number if flow.version else None,
        },
        "mayChange": user.has_perm("ivr.change_flow"),
        "kinds": [asdict(kind) for kind in KINDS.values()],
        "keys": KEYS,
        "comparisons": COMPARISONS,
        "destinations": _destinations(flow),
        "schedules": [
            {"id": str(public_id), "label": name}
            for public_id, name in Schedule.objects.filter(client=client).values_list("public_id", "name")[:MOST_ROWS]
        ],
        "services": [
            {"id": str(public_id), "label": name}
            for public_id, name in WebService.objects.filter(client=client).values_list("public_id", "name")[:MOST_ROWS]
        ],
        "prompts": _prompts(client),
        "lists": list(PersonList.objects.filter(client=client).values_list("name", flat=True)[:MOST_ROWS]),
        "tags": list(Tag.objects.filter(client=client).values_list("name", flat=True)[:MOST_ROWS]),
    }  # fmt: skip


def _destinations(flow: Flow) -> list[dict[str, Any]]:
    rows = Destination.objects.filter(client=flow.client)
    return [
        {
            "id": str(row.public_id), "kind": row.kind, "label": row.label, "active": row.active,
            "what": destination_kinds.label(row.kind),
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def _prompts(client: Client) -> list[dict[str, Any]]:
    """The library by name, each with its texts by language."""
    library: dict[str, dict[str, str]] = {}
    for name, language, text in Prompt.objects.filter(client=client).values_list("name", "language", "text")[
        :MOST_ROWS
    ]:
        library.setdefault(name, {})[language] = text
    return [{"name": name, "texts": texts} for name, texts in library.items()]
