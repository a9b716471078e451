"""The document of a flow whose menus are filled in on pages. Reads only their fields, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.ivr.reading import FORMAT

Document = dict[str, Any]
GREETING = "greeting"


def menu_node(pk: int) -> str:
    """The node that stands for the menu with this key."""
    return f"menu-{pk}"


def draw(flow: Any, menus: Iterable[Any], languages: Iterable[str]) -> Document:
    """`menus` come with their prompts, their `otherwise` and their options with destinations."""
    nodes: dict[str, Document] = {}
    for menu in menus:
        nodes[menu_node(menu.pk)] = _menu(menu, nodes)
    start = menu_node(flow.start_id) if flow.start_id else None
    if flow.greeting is not None and start:
        nodes[GREETING] = {"kind": "say", "name": "Greeting", "prompt": _prompt(flow.greeting), "next": start}
        start = GREETING
    return {"format": FORMAT, "languages": list(languages), "start": start, "nodes": nodes}


def _menu(menu: Any, nodes: dict[str, Document]) -> Document:
    otherwise = _send(menu.otherwise, None, nodes) if menu.otherwise is not None else None
    options = {}
    for option in menu.options.all():
        leads = (
            menu_node(option.next_menu_id) if option.next_menu_id else _send(option.destination, menu.otherwise, nodes)
        )
        options[option.key] = {"label": option.label, "to": leads}
    return {
        "kind": "menu", "name": menu.name[:80], "prompt": _prompt(menu.prompt), "options": options,
        "timeout_seconds": menu.timeout_seconds, "tries": menu.tries,
        "silence_prompt": _prompt(menu.silence_prompt), "invalid_prompt": _prompt(menu.invalid_prompt),
        "otherwise": otherwise,
    }  # fmt: skip


def _prompt(prompt: Any) -> Mapping[str, str] | None:
    return {"prompt": prompt.name, "language": prompt.language} if prompt is not None else None


def _send(destination: Any, instead: Any, nodes: dict[str, Document]) -> str:
    """The node that sends to `destination`, and when that is switched off, to `instead`."""
    instead = None if instead is None or instead.pk == destination.pk else instead
    node = f"to-{destination.pk}" + (f"-{instead.pk}" if instead else "")
    if node not in nodes:
        nodes[node] = {
            "kind": "send", "name": destination.label[:80],
            "destination": {
                "id": str(destination.public_id), "kind": destination.kind, "label": destination.label,
            },
            "unavailable": _send(instead, None, nodes) if instead else None,
        }  # fmt: skip
    return node
