from dataclasses import asdict

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from apps.clients.models import Client
from apps.core import clock, sound_files
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.operators.models import Operator, Skill
from apps.queues import advice, setup, stats
from apps.queues.models import Choice, Membership, Queue, SkillRelaxation, SkillRequirement
from apps.recordings.media import sound_response

SOUNDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}
SETTINGS = [
    "active", "strategy", "ring_seconds", "tier_wait_seconds", "prefer", "prefer_wait_seconds", "priority",
    "ageing_seconds", "max_size", "max_wait_seconds", "when_unstaffed", "at_closing", "wrap_up_seconds",
    "missed_rest_seconds", "declined_rest_seconds", "break_after_misses", "service_level_seconds",
    "service_level_percent", "short_abandon_seconds", "alert_wait_seconds", "alert_waiting",
    "alert_abandoned_percent", "greeting", "announce_position", "announce_expected_wait",
    "announce_every_seconds", "comfort_message", "callback_first", "callback_tries", "callback_retry_seconds",
    "callback_expires_seconds", "disposition_required", "wrap_up_until_released", "form", "script", "pop_address",
]  # fmt: skip
REPLACED = "Given, they replace all that there were."


class MembershipSerializer(serializers.ModelSerializer):
    """An operator serves the queue. `position`: the order, for the strategy `linear`."""

    operator = PublicIdField(queryset=Operator.objects.select_related("team"))

    class Meta:
        model = Membership
        fields = ["operator", "tier", "weight", "position", "active"]


class RequirementSerializer(serializers.ModelSerializer):
    skill = PublicIdField(queryset=Skill.objects.all())
    name = serializers.CharField(source="skill.name", read_only=True)

    class Meta:
        model = SkillRequirement
        fields = ["skill", "name", "level"]


class RelaxationSerializer(serializers.ModelSerializer):
    class Meta:
        model = SkillRelaxation
        fields = ["after_seconds", "level"]


class ChoiceSerializer(serializers.ModelSerializer):
    destination = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Choice
        fields = ["key", "action", "destination"]


ROWS = {"requirements": SkillRequirement, "relaxations": SkillRelaxation, "choices": Choice}


class QueueSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    destination = serializers.UUIDField(source="destination.public_id", read_only=True)
    overflow = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    when_closed = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    schedule = PublicIdField(queryset=Schedule.objects.all(), required=False, allow_null=True)
    callback_schedule = PublicIdField(queryset=Schedule.objects.all(), required=False, allow_null=True)
    members = PublicIdField(
        queryset=Operator.objects.select_related("team"), many=True, required=False,
        help_text="Who serves the queue; those who did before keep tier, weight and order.",
    )  # fmt: skip
    memberships = MembershipSerializer(
        many=True, required=False, help_text="The same with tier, weight and order; give one of the two."
    )
    requirements = RequirementSerializer(many=True, required=False, help_text=REPLACED)
    relaxations = RelaxationSerializer(many=True, required=False, help_text=REPLACED)
    choices = ChoiceSerializer(many=True, required=False, help_text=REPLACED)
    music_url = serializers.CharField(
        source="music_path", read_only=True, help_text="Empty: the music of the house. Upload at `/music`."
    )

    class Meta:
        model = Queue
        fields = [
            "id", "client", "destination", "name", *SETTINGS, "schedule", "when_closed", "overflow",
            "callback_schedule", "members", "memberships", "requirements", "relaxations", "choices", "music_url",
            "music_seconds",
        ]  # fmt: skip
        read_only_fields = ["music_seconds"]
        validators = []  # `setup.save` says the same in a sentence

    def validate(self, attrs):
        if "members" in attrs and "memberships" in attrs:
            raise serializers.ValidationError({"members": ["Give either members or memberships."]})
        return attrs


class MusicSerializer(serializers.Serializer):
    music = serializers.FileField(help_text="WAV or MP3, up to 10 MB and 20 minutes.")


class AdviceSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="The setting that it is about.")
    sentence = serializers.CharField()


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
    in_time = serializers.IntegerField(help_text="Answered within the queue's target.")
    measured = serializers.IntegerField(help_text="Of so many: the service level of several queues is their sums'.")
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


class LastHourSerializer(serializers.Serializer):
    """Twelve figures each, for the five minutes from `since` on and those that follow."""

    id = serializers.UUIDField(help_text="The queue.")
    since = serializers.DateTimeField()
    offered = serializers.ListField(child=serializers.IntegerField())
    answered = serializers.ListField(child=serializers.IntegerField())
    abandoned = serializers.ListField(child=serializers.IntegerField(), help_text="Short ones too.")


class QueueViewSet(TenantViewSet):
    """Queues and who serves them."""

    queryset = (
        Queue.objects.select_related("client", "destination", "overflow", "when_closed", "schedule")
        .select_related("callback_schedule")
        .prefetch_related(
            "members", "memberships__operator", "requirements__skill", "relaxations", "choices__destination"
        )
        .order_by("name")
    )
    serializer_class = QueueSerializer
    filterset_fields = ["active", "strategy"]
    search_fields = ["name"]
    ordering_fields = ["name"]
    permissions = {
        "stats": "queues.watch_board", "last_hour": "queues.watch_board", "warnings": "queues.watch_board",
        "set_music": "queues.change_queue",
        "remove_music": "queues.change_queue",
    }  # fmt: skip

    def perform_create(self, serializer):
        serializer.instance = self._save(Queue(), dict(serializer.validated_data))

    def perform_update(self, serializer):
        serializer.instance = self._save(serializer.instance, dict(serializer.validated_data))

    @transaction.atomic
    def _save(self, queue: Queue, given: dict) -> Queue:
        members, memberships = given.pop("members", None), given.pop("memberships", None)
        rows = {name: [model(**row) for row in given.pop(name)] for name, model in ROWS.items() if name in given}
        for name, value in given.items():
            setattr(queue, name, value)
        setup.save(queue, **rows)
        if members is not None:
            setup.set_members(queue, members)
        if memberships is not None:
            setup.set_memberships(queue, [Membership(**row) for row in memberships])
        return self.get_queryset().get(pk=queue.pk)

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

    @extend_schema(responses=LastHourSerializer(many=True))
    @action(detail=False, url_path="last-hour", filterset_fields=[], pagination_class=None, filter_backends=[])
    def last_hour(self, request):
        """What became of those who joined in the last hour, by five minutes, for each queue in use."""
        queues = list(Queue.objects.active().visible_to(request.user))
        since, found = stats.last_hour(queues, clock.now())
        rows = [
            {
                "id": queue.public_id, "since": since, "offered": [one.offered for one in found[queue.pk]],
                "answered": [one.answered for one in found[queue.pk]],
                "abandoned": [one.abandoned + one.short_abandoned for one in found[queue.pk]],
            }
            for queue in queues
        ]  # fmt: skip
        return Response(LastHourSerializer(rows, many=True).data)

    @extend_schema(responses=AdviceSerializer(many=True))
    @action(detail=True, filterset_fields=[], pagination_class=None)
    def warnings(self, request, public_id=None):
        """What is legal in the queue's setup but probably not meant, one sentence each."""
        return Response(AdviceSerializer(advice.of(self.get_object()), many=True).data)

    @extend_schema(responses={(200, "audio/*"): OpenApiResponse(OpenApiTypes.BINARY, description="WAV or MP3.")})
    @action(detail=True, filterset_fields=[], parser_classes=[MultiPartParser])
    def music(self, request, public_id=None):
        """The queue's own music; 404 while callers hear the music of the house."""
        queue = self.get_object()
        if not queue.music:
            raise NotFound("This queue plays the music of the house.")
        kind = queue.music.name.rpartition(".")[2]
        return sound_response(request, queue.music, name=f"{queue.public_id}.{kind}", content_type=SOUNDS[kind])

    @extend_schema(request={"multipart/form-data": MusicSerializer}, responses=QueueSerializer)
    @music.mapping.put
    def set_music(self, request, public_id=None):
        """Let those who wait hear this file, from their next round on."""
        queue = self.get_object()
        given = MusicSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        setup.set_music(queue, given.validated_data["music"].read(sound_files.MAX_UPLOAD))
        return Response(self.get_serializer(queue).data)

    @extend_schema(responses=QueueSerializer)
    @music.mapping.delete
    def remove_music(self, request, public_id=None):
        """Back to the music of the house."""
        return Response(self.get_serializer(setup.set_music(self.get_object(), b"")).data)
