"""Publishing flows: what callers get is a version, which never changes; a later one takes over for later calls."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from apps.carrier.verbs import Play, Say
from apps.core.refused import Refused
from apps.destinations import graph as loops
from apps.destinations.models import Destination
from apps.ivr import drawing, reading, references
from apps.ivr.drawing import Document
from apps.ivr.graph import Fault, Graph, silent_ends
from apps.ivr.lookups import as_id
from apps.ivr.models import Flow, FlowVersion, Menu

KEPT_IN_MEMORY = 64


@lru_cache(maxsize=KEPT_IN_MEMORY)
def load(pk: int) -> Graph:
    """The version with this key, read; kept in memory, since it never changes. Raises FlowVersion.DoesNotExist."""
    version = FlowVersion.objects.only("document", "sounds").get(pk=pk)
    return with_sounds(reading.read(version.document)[0], version.sounds)


def with_sounds(graph: Graph, stored: references.StoredSounds) -> Graph:
    """`graph` with the library as verbs."""
    spoken = {
        name: {language: _verb(language, one) for language, one in by_language.items()}
        for name, by_language in stored.items()
    }
    return Graph(graph.start, graph.nodes, graph.languages, spoken)


def _verb(language: str, stored: dict[str, str]) -> Say | Play:
    if stored["audio"]:
        return Play(f"{settings.PUBLIC_BASE_URL}{stored['audio']}")
    return Say(stored["text"], language)


def document_of(flow: Flow) -> Document:
    """The flow as it is being worked on: the drawing, or what its menus come to."""
    if flow.draft is not None:
        return flow.draft
    menus = Menu.objects.complete().filter(flow=flow).order_by("name")
    return drawing.draw(flow, menus, [flow.client.language])


def look_over(flow: Flow, document: object) -> tuple[Document, Graph, list[Fault]]:
    """`document` with this house's ids, its graph, and all that is not right with it, the gravest first."""
    graph, faults = reading.read(document)
    if not isinstance(document, dict) or any(fault.level == "wrong" for fault in faults):
        return {}, graph, faults
    resolved, missing = references.resolve(flow.client, document, graph)
    graph, _same = reading.read(resolved)
    faults = [*faults, *missing, *_loop_faults(flow, graph)]
    levels = ["wrong", "unfinished", "hint"]
    return resolved, graph, sorted(faults, key=lambda fault: levels.index(fault.level))


def _loop_faults(flow: Flow, graph: Graph) -> list[Fault]:
    path = loops.find_loop(flow.destination, replacing={flow.destination_id: silent_places(graph)})
    if not path:
        return []
    text = f"A caller who presses nothing would go round for ever: {loops.in_words(path)}. Point one elsewhere."
    return [Fault("start", text, "unfinished")]


def silent_places(graph: Graph) -> list[Destination]:
    """Where a caller gets to without doing anything."""
    ids = [as_id(node["destination"]["id"]) for node in silent_ends(graph) if node["destination"]]
    return list(Destination.objects.filter(public_id__in=[one for one in ids if one]))


def refuse(faults: list[Fault], *levels: str) -> None:
    """Raise Refused, with the text of each fault at its path, when one is of `levels`."""
    grave = [fault for fault in faults if fault.level in levels]
    if grave:
        fields: dict[str, list[str]] = {}
        for fault in grave:
            fields.setdefault(fault.path or "document", []).append(fault.text)
        first = grave[0]
        raise Refused(f"{first.path}: {first.text}" if first.path else first.text, code="faulty_flow", fields=fields)
