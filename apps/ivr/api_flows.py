"""The API of flows as drawings: the document, its faults, trials, versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import signing
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.ivr import comparing, publishing, trials, versions
from apps.ivr.api_shapes import (
    CaseSerializer,
    DocumentChangeSerializer,
    DocumentSerializer,
    DrawingSerializer,
    FaultsSerializer,
    FlowFileSerializer,
    FullVersionSerializer,
    HeatSerializer,
    InputSerializer,
    MaybeDocumentSerializer,
    NewCaseSerializer,
    NoteSerializer,
    NumberSerializer,
    PlayedSerializer,
    ResultSerializer,
    TrialStartSerializer,
    VersionSerializer,
    answer_of,
)
from apps.ivr.heat import heat
from apps.ivr.models import Flow, FlowVersion
from apps.ivr.trials import Played, Trial
from apps.ivr.values import Asked, Listening, Looking

_SALT = "ivr.trial"
# A list of a few rows, whole.
_PLAIN: dict[str, Any] = {"pagination_class": None, "filterset_fields": [], "search_fields": []}


def _drawing(flow: Flow) -> dict[str, Any]:
    document = versions.document_of(flow)
    resolved, _graph, faults = versions.look_over(flow, document)
    shown = {"revision": flow.revision, "document": resolved or document, "drawn": flow.is_drawn, "faults": faults}
    return DrawingSerializer(shown).data


def _played(flow: Flow, trial: Trial, played: Played) -> dict[str, Any]:
    turn = played.walk.turn
    asked = turn if isinstance(turn, Asked) else None
    looking = turn if isinstance(turn, Looking) else None
    waits = isinstance(turn, Asked | Looking | Listening)
    session = {
        "flow": str(flow.public_id), "answers": list(trial.answers), "caller": trial.caller, "language": trial.language,
        "facts": trial.facts,
    }  # fmt: skip
    return PlayedSerializer({
        "session": signing.dumps(session, salt=_SALT, compress=True), "over": not waits,
        "end": played.end, "destination": played.destination,
        "node": played.walk.position.node if waits else "",
        "looks_up": [one.variable for one in looking.results] if looking else None,
        "num_digits": asked.num_digits if asked else 0, "timeout_seconds": asked.timeout_seconds if asked else 0,
        "prompts": [
            {"text": getattr(one, "text", ""), "language": getattr(one, "language", ""), "url": getattr(one, "url", "")}
            for one in getattr(turn, "prompts", ())
        ],
        "steps": played.steps, "facts": played.facts,
    }).data  # fmt: skip


class FlowDrawingActions:
    """What the flows' viewset can do beside its own."""

    # Trials and checks change nothing: who may read a flow may try it. Only who may change it may publish it.
    permissions = {
        "validate": "ivr.view_flow", "start": "ivr.view_flow", "input": "ivr.view_flow", "run_cases": "ivr.view_flow",
        "export": "ivr.view_flow", "publish": "ivr.change_flow", "rollback": "ivr.change_flow",
        "bring_in": "ivr.change_flow", "add_case": "ivr.change_flow", "drop_case": "ivr.change_flow",
    }  # fmt: skip

    def _read(self, kind: type[serializers.Serializer], request: Request) -> Any:
        given = kind(data=request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data

    @extend_schema(responses=DrawingSerializer)
    @action(detail=True)
    def document(self, request, public_id=None):
        """The flow as it is being worked on, as one JSON document, with its faults."""
        return Response(_drawing(self.get_object()))

    @extend_schema(request=DocumentSerializer, responses=DrawingSerializer)
    @document.mapping.put
    def save_document(self, request, public_id=None):
        """Keep the drawing. It may be unfinished; callers get the published version until you publish."""
        flow, given = self.get_object(), self._read(DocumentSerializer, request)
        flow = publishing.save_draft(flow, given["document"], revision=given["revision"], by=request.user)
        return Response(_drawing(flow))

    @extend_schema(request=MaybeDocumentSerializer, responses=FaultsSerializer)
    @action(detail=True, methods=["post"])
    def validate(self, request, public_id=None):
        """Everything that is not right with the flow, or with `document`: dead ends, circles, missing prompts."""
        flow, given = self.get_object(), self._read(MaybeDocumentSerializer, request)
        document = versions.document_of(flow) if given["document"] is None else given["document"]
        return Response(FaultsSerializer({"faults": versions.look_over(flow, document)[2]}).data)

    @extend_schema(request=NoteSerializer, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request, public_id=None):
        """Let the drawing take the calls from now on. Runs all test calls first, and refuses when one fails."""
        version = publishing.publish(
            self.get_object(), by=request.user, note=self._read(NoteSerializer, request)["note"]
        )
        return Response(VersionSerializer(version).data)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True, **_PLAIN)
    def versions(self, request, public_id=None):
        """What was published, the newest first."""
        rows = self.get_object().versions.select_related("made_by", "flow")[:200]
        return Response(VersionSerializer(rows, many=True).data)

    @extend_schema(responses=FullVersionSerializer)
    @action(detail=True, url_path="versions/(?P<number>[0-9]{1,9})")
    def one_version(self, request, public_id=None, number=None):
        return Response(FullVersionSerializer(self._version(self.get_object(), number)).data)

    @extend_schema(responses=DocumentChangeSerializer(many=True))
    @action(
        detail=True, url_path="versions/(?P<number>[0-9]{1,9})/compare/(?P<other>[0-9]{1,9})", pagination_class=None,
        filterset_fields=[], search_fields=[],
    )  # fmt: skip
    def compare(self, request, public_id=None, number=None, other=None):
        """What is different in version `other` against version `number`; 0 is the drawing."""
        flow = self.get_object()
        old, new = (self._document(flow, int(one)) for one in (number, other))
        return Response(DocumentChangeSerializer(comparing.changes(old, new), many=True).data)

    @extend_schema(request=NumberSerializer, responses=VersionSerializer)
    @action(detail=True, methods=["post"])
    def rollback(self, request, public_id=None):
        """Publish an earlier version once more."""
        flow, number = self.get_object(), self._read(NumberSerializer, request)["number"]
        return Response(
            VersionSerializer(publishing.roll_back(flow, self._version(flow, number), by=request.user)).data
        )

    def _document(self, flow: Flow, number: int) -> versions.Document:
        return self._version(flow, number).document if number else versions.document_of(flow)

    def _version(self, flow: Flow, number: int | str) -> FlowVersion:
        version = flow.versions.select_related("made_by", "flow").filter(number=int(number)).first()
        if version is None:
            raise NotFound(f"There is no version {number}.")
        return version

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description="How far back, 1 to 366; 7 unless said.")],
        responses=HeatSerializer,
    )
    @action(detail=True, **_PLAIN)
    def heat(self, request, public_id=None):
        """What real callers did: how many took each way, where they hung up, how long each node took."""
        days = request.query_params.get("days", "7")
        if not (days.isascii() and days.isdigit() and 1 <= int(days[:4]) <= 366):
            raise ValidationError({"days": ["A whole number from 1 to 366."]})
        since = clock.now() - timedelta(days=int(days[:4]))
        return Response(HeatSerializer(heat(self.get_object(), since)).data)

    # Trials

    @extend_schema(request=TrialStartSerializer, responses=PlayedSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request, public_id=None):
        """Begin a trial: what a caller would hear first."""
        flow, given = self.get_object(), self._read(TrialStartSerializer, request)
        answers = [answer_of(answer) for answer in given["answers"]]
        trial = Trial(answers, given["caller"], given["language"], given["facts"])
        return Response(self._play(flow, trial, given["document"]))

    @extend_schema(request=InputSerializer, responses=PlayedSerializer)
    @action(detail=True, methods=["post"])
    def input(self, request, public_id=None):
        """Answer a trial: keys, words, or nothing for silence."""
        flow, given = self.get_object(), self._read(InputSerializer, request)
        try:
            kept = signing.loads(given["session"], salt=_SALT)
        except signing.BadSignature as bad:
            raise ValidationError({"session": ["This is no trial of ours: start a new one."]}) from bad
        if kept.pop("flow") != str(flow.public_id):
            raise ValidationError({"session": ["This is a trial of another voice menu."]})
        trial = Trial(**{**kept, "answers": [*kept["answers"], answer_of(given)]})
        return Response(self._play(flow, trial, given["document"]))

    def _play(self, flow: Flow, trial: Trial, document: Any) -> dict[str, Any]:
        if document is None and flow.version_id is not None:
            graph = versions.load(flow.version_id)
        else:
            graph = trials.graph_of(flow, document)
        return _played(flow, trial, trials.play(flow.client, graph, trial))

    @extend_schema(responses=CaseSerializer(many=True))
    @action(detail=True, **_PLAIN)
    def cases(self, request, public_id=None):
        """The test calls that run before each publishing."""
        return Response(CaseSerializer(self.get_object().cases.all(), many=True).data)

    @extend_schema(request=NewCaseSerializer, responses={201: CaseSerializer})
    @cases.mapping.post
    def add_case(self, request, public_id=None):
        """Keep a trial as a test call: it must go the same way before each publishing."""
        flow, given = self.get_object(), self._read(NewCaseSerializer, request)
        answers = [answer_of(answer) for answer in given["answers"]]
        trial = Trial(answers, given["caller"], given["language"], given["facts"])
        case = trials.save_case(flow, given["name"], trial, trials.graph_of(flow, given["document"]))
        return Response(CaseSerializer(case).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path="cases/(?P<case>[0-9a-f-]{36})")
    def drop_case(self, request, public_id=None, case=None):
        if not self.get_object().cases.filter(public_id=case).delete()[0]:
            raise NotFound("There is no such test call.")
        return Response(status=204)

    @extend_schema(request=MaybeDocumentSerializer, responses=ResultSerializer(many=True))
    @action(
        detail=True,
        methods=["post"],
        url_path="cases/run",
        pagination_class=None,
        filterset_fields=[],
        search_fields=[],
    )
    def run_cases(self, request, public_id=None):
        """Play all test calls through the drawing."""
        flow, given = self.get_object(), self._read(MaybeDocumentSerializer, request)
        results = trials.run_cases(flow, trials.graph_of(flow, given["document"]))
        return Response(ResultSerializer(results, many=True).data)

    # Files

    @extend_schema(responses=FlowFileSerializer)
    @action(detail=True)
    def export(self, request, public_id=None):
        """The flow with its test calls, as a file to keep or to bring in elsewhere."""
        return Response(publishing.export(self.get_object()))

    @extend_schema(request=FlowFileSerializer, responses=DrawingSerializer)
    @action(detail=True, methods=["post"], url_path="import")
    def bring_in(self, request, public_id=None):
        """Replace the drawing, and the test calls, by those of a file. Refused with the path of each fault."""
        flow, given = self.get_object(), self._read(FlowFileSerializer, request)
        revision = flow.revision if given["revision"] is None else given["revision"]
        flow = publishing.bring_in(flow, given["document"], revision=revision, by=request.user, cases=given["cases"])
        return Response(_drawing(flow))
