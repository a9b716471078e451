"""The rows of the house that a document names: found, or said to be missing; and the prompts as they are now."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.ivr.drawing import Document
from apps.ivr.graph import Fault, Graph, Node, Prompt, prompts_of
from apps.ivr.models import Prompt as PromptRow
from apps.ivr.models import WebService
from apps.people.models import PersonList, Tag

StoredSounds = dict[str, dict[str, dict[str, str]]]


class _Named(Protocol):
    public_id: UUID


def resolve(client: Client, document: Document, graph: Graph) -> tuple[Document, list[Fault]]:
    """`document` with the ids of this house, and what it names that is not there. `graph` is the document, read."""
    found = copy.deepcopy(document)
    faults: list[Fault] = []
    places = _index(Destination.objects.filter(client=client))
    rows = {
        "schedule": ("opening hours", _index(Schedule.objects.filter(client=client))),
        "service": ("web service", _index(WebService.objects.filter(client=client))),
    }
    for node in graph.nodes.values():
        if node.kind == "send" and node["destination"]:
            path = f"nodes.{node.id}.destination"
            place = _find(places, node["destination"])
            faults += _place_faults(path, node["destination"], place)
            if place is not None:
                found["nodes"][node.id]["destination"] = _named(place, kind=place.kind, label=place.label)
        for field, (what, index) in rows.items():
            wanted = node.values.get(field)
            if not wanted:
                continue
            row = _find(index, {**wanted, "kind": ""})
            if row is None:
                text = f"There is no {what} “{wanted['label'] or wanted['id']}” here: choose another."
                faults.append(Fault(f"nodes.{node.id}.{field}", text, "unfinished"))
            else:
                found["nodes"][node.id][field] = _named(row, label=row.name)
    return found, faults + _people_faults(client, graph) + _prompt_faults(client, graph)


def _named(row: _Named, **facts: str) -> dict[str, str]:
    return {"id": str(row.public_id), **facts}


def _index(rows: QuerySet[Any]) -> dict[tuple[str, str], list[Any]]:
    """The rows by id, and by kind and label."""
    index: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        index.setdefault(("id", str(row.public_id)), []).append(row)
        label = row.label if isinstance(row, Destination) else row.name
        index.setdefault((getattr(row, "kind", ""), label), []).append(row)
    return index


def _find(index: dict[tuple[str, str], list[Any]], wanted: dict[str, str]) -> Any:
    """The row with the id; else the only one of that kind with that label."""
    rows = index.get(("id", wanted["id"])) or index.get((wanted["kind"], wanted["label"]), [])
    return rows[0] if len(rows) == 1 else None


def _place_faults(path: str, wanted: dict[str, str], place: Destination | None) -> list[Fault]:
    if place is None:
        return [Fault(path, f"There is no “{wanted['label'] or wanted['id']}” here: choose another.", "unfinished")]
    if not place.active:
        text = f"“{place.label}” is switched off: switch it on or choose another."
        return [Fault(path, text, "unfinished")]
    return []


def _people_faults(client: Client, graph: Graph) -> list[Fault]:
    asked = [node for node in graph.nodes.values() if node.kind == "caller" and node["test"] in ("list", "tag")]
    if not asked:
        return []
    known = {
        "list": set(PersonList.objects.filter(client=client).values_list("name", flat=True)),
        "tag": set(Tag.objects.filter(client=client).values_list("name", flat=True)),
    }
    return [
        Fault(f"nodes.{node.id}.value", f"There is no {node['test']} “{node['value']}” here.", "unfinished")
        for node in asked
        if node["value"] and node["value"] not in known[node["test"]]
    ]


def _prompt_faults(client: Client, graph: Graph) -> list[Fault]:
    spoken: dict[str, set[str]] = {}
    for name, language in _rows(client, graph).values_list("name", "language"):
        spoken.setdefault(name, set()).add(language)
    faults = []
    for node in graph.nodes.values():
        for field, prompt in prompts_of(node):
            faults += _spoken_faults(f"nodes.{node.id}.{field}", prompt, spoken, graph.languages)
    return faults


def _spoken_faults(path: str, prompt: Prompt, library: dict[str, set[str]], languages: Iterable[str]) -> list[Fault]:
    there = library.get(prompt.name, set()) if prompt.name else set(prompt.texts)
    if not there:
        return [
            Fault(path, f"There is no prompt “{prompt.name}” in the library: make it or choose another.", "unfinished")
        ]
    if prompt.language:
        missing = [] if prompt.language in there else [prompt.language]
    else:
        missing = [language for language in languages if language not in there]
    return [Fault(path, f"There is no text in {language}.", "hint") for language in missing]


def _rows(client: Client, graph: Graph) -> QuerySet[PromptRow]:
    names = {prompt.name for node in graph.nodes.values() for _field, prompt in prompts_of(node) if prompt.name}
    return PromptRow.objects.filter(client=client, name__in=names)


def sounds(client: Client, graph: Graph) -> StoredSounds:
    """The library's prompts that the graph names, as they are now."""
    stored: StoredSounds = {}
    for row in _rows(client, graph):
        stored.setdefault(row.name, {})[row.language] = {"text": row.text, "audio": row.audio_path}
    return stored


def nodes_using(graph: Graph, name: str) -> list[Node]:
    """The nodes that speak the library's prompt `name`."""
    return [node for node in graph.nodes.values() if any(prompt.name == name for _field, prompt in prompts_of(node))]


def asks(graph: Graph, service: WebService) -> bool:
    """Does a node ask this web service?"""
    wanted = [node.values.get("service") for node in graph.nodes.values()]
    return any(one and one["id"] == str(service.public_id) for one in wanted)
