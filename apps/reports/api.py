"""Figures by interval, for programs. The definitions are the page's own, and can be asked for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from timezone_field.rest_framework import TimeZoneSerializerField

from apps.clients.models import Client
from apps.core import clock
from apps.core.api import PublicIdField
from apps.queues.models import Queue
from apps.reports import building, present
from apps.reports.building import Asked, Report
from apps.reports.definitions import DEFINITIONS, RULES, By, Unit
from apps.reports.intervals import Size


class AskedSerializer(serializers.Serializer):
    since = serializers.DateTimeField(required=False, help_text="Default: midnight of today.")
    until = serializers.DateTimeField(required=False, help_text="Default: midnight at the end of today.")
    interval = serializers.ChoiceField(choices=[(size.value, size.words) for size in Size], default=Size.HOUR.value)
    time_zone = TimeZoneSerializerField(use_pytz=False, required=False, help_text="Default: the client's.")
    client = PublicIdField(queryset=Client.objects.all(), required=False)
    id = serializers.UUIDField(required=False, help_text="One queue, team or operator only.")
    cells = serializers.BooleanField(default=False, help_text="Also a row for each of them in each interval.")


def _field(unit: Unit, words: str) -> serializers.Field:
    if unit == Unit.COUNT:
        return serializers.IntegerField(help_text=words)
    return serializers.FloatField(help_text=words, allow_null=True)


# A field for each definition, so that the description of the API says what each figure means.
FiguresSerializer = type(
    "FiguresSerializer", (serializers.Serializer,), {each.key: _field(each.unit, each.words) for each in DEFINITIONS}
)


class SubjectRowSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    service_level_wanted_percent = serializers.IntegerField(allow_null=True)
    figures = FiguresSerializer()
    breaks = serializers.DictField(child=serializers.IntegerField(), help_text="Seconds by the name of the reason.")


class IntervalRowSerializer(serializers.Serializer):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    figures = FiguresSerializer()


class CellSerializer(IntervalRowSerializer):
    id = serializers.UUIDField()


class StaffNowSerializer(serializers.Serializer):
    members = serializers.IntegerField()
    signed_in = serializers.IntegerField()
    ready = serializers.IntegerField()
    busy = serializers.IntegerField()
    on_break = serializers.IntegerField()
    unreachable = serializers.IntegerField(help_text="Available, but the desk cannot ring.")


class LineNowSerializer(serializers.Serializer):
    waiting = serializers.IntegerField()
    longest_wait_seconds = serializers.IntegerField()
    talking = serializers.IntegerField()


class NowSerializer(serializers.Serializer):
    staff = StaffNowSerializer(help_text="Each operator counted once.")
    line = LineNowSerializer(allow_null=True, help_text="Of reports about queues.")


class ReportSerializer(serializers.Serializer):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    interval = serializers.CharField()
    time_zone = serializers.CharField()
    now = NowSerializer(help_text="At this moment, whatever period is asked for.")
    total = FiguresSerializer()
    rows = SubjectRowSerializer(many=True)
    intervals = IntervalRowSerializer(many=True, help_text="Those in which anything happened.")
    cells = CellSerializer(many=True, required=False)


class DefinitionSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    words = serializers.CharField()
    shown_for = serializers.ListField(child=serializers.CharField())


class DefinitionsSerializer(serializers.Serializer):
    definitions = DefinitionSerializer(many=True)
    rules = serializers.ListField(child=serializers.CharField())


class ReportViewSet(viewsets.GenericViewSet):
    """What callers and operators did, by interval. Only what belongs to your clients is counted."""

    queryset = Queue.objects.all()  # what the permission stands on
    permissions = dict.fromkeys(("queues", "teams", "operators", "definitions"), "queues.watch_board")
    filterset_fields: list[str] = []
    pagination_class = None

    @extend_schema(parameters=[AskedSerializer], responses=ReportSerializer)
    @action(detail=False)
    def queues(self, request):
        """A row for each queue."""
        return self._reply(request, By.QUEUE)

    @extend_schema(parameters=[AskedSerializer], responses=ReportSerializer)
    @action(detail=False)
    def teams(self, request):
        """A row for each team."""
        return self._reply(request, By.TEAM)

    @extend_schema(parameters=[AskedSerializer], responses=ReportSerializer)
    @action(detail=False)
    def operators(self, request):
        """A row for each operator."""
        return self._reply(request, By.OPERATOR)

    @extend_schema(responses=DefinitionsSerializer)
    @action(detail=False)
    def definitions(self, request):
        """What each figure means, and how calls are attributed to intervals."""
        rows = [
            {
                "key": each.key, "name": each.name, "unit": each.unit.value, "words": each.words,
                "shown_for": sorted(each.shown),
            }
            for each in DEFINITIONS
        ]  # fmt: skip
        return Response(DefinitionsSerializer({"definitions": rows, "rules": RULES}).data)

    def _reply(self, request: Request, by: By) -> Response:
        serializer = AskedSerializer(data=request.query_params, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        report = building.build(_asked(by, values), request.user)
        return Response(ReportSerializer(_shown(report)).data)


def _asked(by: By, values: dict[str, Any]) -> Asked:
    client = values.get("client")
    zone = values.get("time_zone") or (client.time_zone if client else ZoneInfo(settings.TIME_ZONE))
    today = datetime.combine(clock.now().astimezone(zone).date(), time(), zone)
    since = values.get("since") or today
    return Asked(
        by, since, values.get("until") or max(today, since) + timedelta(days=1), Size(values["interval"]), zone,
        client=client, subject=values.get("id"), cells=values["cells"],
    )  # fmt: skip


def _shown(report: Report) -> dict[str, Any]:
    rows = []
    for subject, row in report.by_subject.items():
        rows.append({
            "id": subject.public_id, "name": subject.name, "service_level_wanted_percent": subject.target,
            "figures": row.values(), "breaks": row.breaks(),
        })  # fmt: skip
    found = {
        "since": report.cuts[0], "until": report.cuts[-1], "interval": report.asked.size.value,
        "time_zone": str(report.asked.zone), "now": present.now(report), "total": report.total.values(), "rows": rows,
        "intervals": [_at(report, n) | {"figures": row.values()} for n, row in report.by_interval.items()],
    }  # fmt: skip
    if report.asked.cells:
        found["cells"] = [
            _at(report, n) | {"id": subject.public_id, "figures": report.of(n, subject).values()}
            for n in range(len(report.spans)) for subject in report.subjects
            if report.has(n, subject)
        ]  # fmt: skip
    return found


def _at(report: Report, n: int) -> dict[str, Any]:
    since, until = report.spans[n]
    return {"since": since, "until": until}


routes = [("reports", ReportViewSet, "reports")]
