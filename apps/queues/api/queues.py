from dataclasses import asdict

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.clients.models import Client
from apps.core import clock
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.operators.models import Operator
from apps.queues import setup, stats
from apps.queues.models import Queue

SETTINGS = [
    "active", "strategy", "max_size", "max_wait_seconds", "when_unstaffed", "ring_seconds", "wrap_up_seconds",
    "service_level_seconds", "short_abandon_seconds", "greeting", "announce_position", "announce_every_seconds",
    "comfort_message", "disposition_required",
]  # fmt: skip


class QueueSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    destination = serializers.UUIDField(source="destination.public_id", read_only=True)
    overflow = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    when_closed = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    schedule = PublicIdField(queryset=Schedule.objects.all(), required=False, allow_null=True)
    members = PublicIdField(queryset=Operator.objects.select_related("team"), many=True, required=False)

    class Meta:
        model = Queue
        fields = ["id", "client", "destination", "name", *SETTINGS, "schedule", "when_closed", "overflow", "members"]
        validators = []  # `setup.save` says the same in a sentence


class QueueNowSerializer(serializers.Serializer):
    members = serializers.IntegerField()
    waiting = serializers.IntegerField()
    longest_wait_seconds = serializers.IntegerField()
    talking = serializers.IntegerField()
    signed_in = serializers.IntegerField()
    ready = serializers.IntegerField()
    busy = serializers.IntegerField()
    on_break = serializers.IntegerField()
    unreachable = serializers.IntegerField()


class QueuePeriodSerializer(serializers.Serializer):
    offered = serializers.IntegerField()
    answered = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    short_abandoned = serializers.IntegerField()
    overflowed = serializers.IntegerField()
    moved = serializers.IntegerField()
    expired = serializers.IntegerField()
    in_line = serializers.IntegerField()
    callbacks = serializers.IntegerField(help_text="Who asked to be called back, whatever came of it.")
    service_level_percent = serializers.FloatField(allow_null=True)
    average_answer_seconds = serializers.FloatField(allow_null=True)
    longest_wait_seconds = serializers.FloatField(help_text="Of those who were answered.")


class SpanSerializer(serializers.Serializer):
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class QueueStatsSerializer(serializers.Serializer):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    now = QueueNowSerializer()
    period = QueuePeriodSerializer()


class QueueViewSet(TenantViewSet):
    """Queues and who serves them."""

    queryset = (
        Queue.objects.select_related("client", "destination", "overflow", "when_closed", "schedule")
        .prefetch_related("members")
        .order_by("name")
    )
    serializer_class = QueueSerializer
    filterset_fields = ["active", "strategy"]
    search_fields = ["name"]
    ordering_fields = ["name"]
    permissions = {"stats": "queues.watch_board"}

    def perform_create(self, serializer):
        settings = dict(serializer.validated_data)
        members = settings.pop("members", [])
        queue = setup.save(Queue(**settings))
        serializer.instance = setup.set_members(queue, members)

    def perform_update(self, serializer):
        changes = dict(serializer.validated_data)
        members = changes.pop("members", None)
        queue = serializer.instance
        for name, value in changes.items():
            setattr(queue, name, value)
        setup.save(queue)
        if members is not None:
            setup.set_members(queue, members)
        serializer.instance = self.get_queryset().get(pk=queue.pk)

    def perform_destroy(self, instance):
        setup.delete(instance)

    @extend_schema(
        parameters=[OpenApiParameter("since", str), OpenApiParameter("until", str)], responses=QueueStatsSerializer
    )
    @action(detail=True, filterset_fields=[])
    def stats(self, request, public_id=None):
        """The queue at this moment, and what became of those who joined from `since` (default: midnight at the client's
        place) to `until` (default: now)."""
        queue = self.get_object()
        asked = SpanSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        since = asked.validated_data.get("since") or stats.midnight(queue.client, clock.now())
        until = asked.validated_data.get("until") or clock.now()
        figures = {
            "since": since, "until": until, "now": asdict(stats.now(queue)),
            "period": asdict(stats.today(queue, since, until)),
        }  # fmt: skip
        return Response(QueueStatsSerializer(figures).data)
