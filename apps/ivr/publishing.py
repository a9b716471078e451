"""Working on flows that are drawn: keeping the drawing, publishing it, going back. Conventions as in `versions`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from apps.clients.models import Client
from apps.core import events
from apps.core.models import User
from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.ivr import reading, references, trials
from apps.ivr.drawing import Document
from apps.ivr.graph import Graph
from apps.ivr.models import Flow, FlowCase, FlowPlace, FlowVersion, Option, WebService
from apps.ivr.versions import document_of, load, look_over, refuse, with_sounds


@transaction.atomic
def publish(flow: Flow, *, by: User | None = None, note: str = "", document: Document | None = None) -> FlowVersion:
    """Let `document` (as it is being worked on) take the calls from now on. Raises Refused for what is not complete.

    Nothing new since the present version: that one stays.
    """
    locked = Flow.objects.select_for_update(of=["self"]).select_related("client", "destination", "version", "greeting")
    held = locked.get(pk=flow.pk)
    resolved, graph, faults = look_over(held, document_of(held) if document is None else document)
    refuse(faults, "wrong", "unfinished")
    sounds = references.sounds(held.client, graph)
    _refuse_failing(held, with_sounds(graph, sounds))
    flow.version = held.version
    if held.version is not None and (held.version.document, held.version.sounds) == (resolved, sounds):
        return held.version
    flow.version = _make(held, resolved, sounds, note, by)
    _hold_places(held, graph)
    return flow.version


def _make(flow: Flow, document: Document, sounds: references.StoredSounds, note: str, by: User | None) -> FlowVersion:
    last = flow.versions.order_by("-number").values_list("number", flat=True).first() or 0
    flow.version = FlowVersion.objects.create(
        flow=flow, number=last + 1, document=document, sounds=sounds, note=note[:200], made_by=by
    )
    flow.save(update_fields=["version"])
    events.record(
        "ivr.published", subject=f"flow:{flow.public_id}", client_ref=flow.client.public_id, actor=by,
        flow=flow.name, number=flow.version.number,
    )  # fmt: skip
    return flow.version


@transaction.atomic
def renew_sounds(flow: Flow, *, note: str) -> None:
    """What callers get, with the prompts as they are now, is a new version; nothing when they are the same."""
    held = Flow.objects.select_for_update(of=["self"]).select_related("client", "version").get(pk=flow.pk)
    if held.version is None:
        return
    sounds = references.sounds(held.client, reading.read(held.version.document)[0])
    if sounds != held.version.sounds:
        _make(held, held.version.document, sounds, note, None)


def speaking(client: Client, name: str) -> list[Flow]:
    """The flows that speak the library's prompt `name`, to callers or in their drawing."""
    flows = Flow.objects.filter(client=client).select_related("client", "version")
    return [
        flow
        for flow in flows
        if (flow.version is not None and name in flow.version.sounds)
        or (flow.draft is not None and references.nodes_using(reading.read(flow.draft)[0], name))
    ]


def asking(service: WebService) -> list[Flow]:
    """The flows that ask `service`, for callers or in their drawing."""
    flows = Flow.objects.filter(client=service.client).select_related("client", "version")
    return [
        flow
        for flow in flows
        if (flow.version is not None and references.asks(load(flow.version.pk), service))
        or (flow.draft is not None and references.asks(reading.read(flow.draft)[0], service))
    ]


def _refuse_failing(flow: Flow, graph: Graph) -> None:
    failed = [result for result in trials.run_cases(flow, graph) if not result.passed]
    if failed:
        fields = {f"cases.{result.case.name}": [result.why] for result in failed}
        first = failed[0]
        raise Refused(
            f"The test call “{first.case.name}” fails: {first.why} Put the menu right, or record the test call again.",
            code="case_failed", fields=fields,
        )  # fmt: skip


def _hold_places(flow: Flow, graph: Graph) -> None:
    """What callers are sent to now cannot be deleted."""
    ids = {node["destination"]["id"] for node in graph.nodes.values() if node.kind == "send"}
    flow.places.all().delete()
    FlowPlace.objects.bulk_create(
        FlowPlace(flow=flow, destination=place)
        for place in Destination.objects.filter(client=flow.client_id, public_id__in=ids).exclude(
            pk=flow.destination_id
        )
    )


@transaction.atomic
def save_draft(flow: Flow, document: Any, *, revision: int, by: User | None = None) -> Flow:
    """Keep `document` as the drawing; from the first time on the flow is drawn, and its menus on pages are gone.

    `revision` is the one that was opened: Refused when somebody else has saved since, and for a document that is wrong.
    """
    resolved, _graph, faults = look_over(flow, document)
    refuse(faults, "wrong")
    was_drawn = Flow.objects.filter(pk=flow.pk, draft__isnull=False).exists()
    kept = Flow.objects.filter(pk=flow.pk, revision=revision).update(draft=resolved, revision=revision + 1)
    if not kept:
        raise Refused(
            "Somebody else saved this voice menu after you opened it, and nothing of theirs was overwritten. "
            "Read the drawing again, and bring your changes in.",
            code="stale",
        )
    if not was_drawn:
        _leave_pages(flow)
    flow.refresh_from_db()
    events.record(
        "ivr.drawn", subject=f"flow:{flow.public_id}", client_ref=flow.client.public_id, actor=by, flow=flow.name
    )
    return flow


def _leave_pages(flow: Flow) -> None:
    Flow.objects.filter(pk=flow.pk).update(start=None, greeting=None)
    Option.objects.filter(menu__flow=flow).delete()
    flow.menus.all().delete()


@transaction.atomic
def bring_in(
    flow: Flow, document: Any, *, revision: int, by: User | None = None, cases: Iterable[dict[str, Any]] | None = None
) -> Flow:
    """`save_draft` for a document from elsewhere, which must be complete: Refused with the path of each fault.

    `cases` replace the test calls; None leaves them.
    """
    _resolved, _graph, faults = look_over(flow, document)
    refuse(faults, "wrong", "unfinished")
    flow = save_draft(flow, document, revision=revision, by=by)
    if cases is None:
        return flow
    flow.cases.all().delete()
    by_name = {case["name"]: FlowCase(flow=flow, **case) for case in cases}
    FlowCase.objects.bulk_create(by_name.values())
    return flow


@transaction.atomic
def roll_back(flow: Flow, version: FlowVersion, *, by: User | None = None) -> FlowVersion:
    """Publish an earlier version once more, with the prompts as they are now. It becomes the drawing as well."""
    if version.flow_id != flow.pk:
        raise Refused("This is a version of another voice menu.")
    note = f"Back to version {version.number}."
    made = publish(flow, by=by, note=note, document=version.document)
    flow.refresh_from_db()
    save_draft(flow, version.document, revision=flow.revision, by=by)
    return made


def export(flow: Flow) -> dict[str, Any]:
    """The flow as one document for a file, with its test calls."""
    cases = [
        {"name": case.name, "caller": case.caller, "language": case.language, "answers": case.answers,
         "facts": case.facts, "expected": case.expected}
        for case in flow.cases.all()
    ]  # fmt: skip
    return {"name": flow.name, "document": document_of(flow), "cases": cases}
