"""Calls to read and to file. The commands on a live call are the switchboard's, which mounts these routes."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls import services, sound
from apps.calls.models import Call, Disposition, Leg, SoundBucket
from apps.calls.quality import Sample
from apps.core.api import PublicIdField, ReadOnlyViewSet
from apps.core.models import Event
from apps.operators import services as operators


class DispositionSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    parent = serializers.UUIDField(source="parent.public_id", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Disposition
        fields = ["id", "name", "parent", "needs_note", "active"]


class LegSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    operator = serializers.UUIDField(source="operator.public_id", read_only=True, allow_null=True, default=None)
    on_hold = serializers.SerializerMethodField()

    class Meta:
        model = Leg
        fields = [
            "id", "role", "status", "sid", "address", "operator", "on_hold", "created_at", "ringing_at", "answered_at",
            "joined_at", "ended_at", "error_code",
        ]  # fmt: skip

    def get_on_hold(self, leg: Leg) -> bool:
        return leg.on_hold_since is not None


class EventSerializer(serializers.ModelSerializer):
    class Meta:
        model = Event
        fields = ["kind", "at", "sentence", "subject", "data", "applied"]


class SoundSerializer(serializers.ModelSerializer):
    """Ten seconds of a line, as the operator's telephone measured it."""

    leg = serializers.UUIDField(source="leg.public_id")

    class Meta:
        model = SoundBucket
        fields = ["leg", "at", "samples", "jitter_ms", "round_trip_ms", "loss_percent", "mos", "complaint"]


class SampleSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    jitter_ms = serializers.FloatField(min_value=0, max_value=60_000)
    round_trip_ms = serializers.FloatField(min_value=0, max_value=60_000)
    loss_percent = serializers.FloatField(min_value=0, max_value=100)
    mos = serializers.FloatField(
        min_value=1, max_value=5, required=False, help_text="As the telephone reckons it; else it is reckoned here."
    )


class SamplesSerializer(serializers.Serializer):
    samples = SampleSerializer(many=True, allow_empty=False, max_length=120)


class CallSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = serializers.UUIDField(source="client.public_id", read_only=True)
    person = serializers.UUIDField(source="person.public_id", read_only=True, allow_null=True, default=None)
    person_name = serializers.CharField(source="person.name", read_only=True, default="")
    operator = serializers.UUIDField(source="operator.public_id", read_only=True, allow_null=True, default=None)
    operator_name = serializers.CharField(source="operator.user.display_name", read_only=True, default="")
    answers = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True), required=False,
        help_text="To what the queue asks about its calls, by label; an empty one is taken out.",
    )  # fmt: skip
    disposition = PublicIdField(queryset=Disposition.objects.filter(active=True), allow_null=True, required=False)

    class Meta:
        model = Call
        fields = [
            "id", "client", "direction", "status", "outcome", "customer_number", "our_number", "person", "person_name",
            "operator", "operator_name", "language", "started_at", "answered_at", "ended_at", "disposition", "note",
            "answers",
        ]  # fmt: skip
        read_only_fields = [name for name in fields if name not in {"disposition", "note", "answers"}]


class CallViewSet(mixins.UpdateModelMixin, ReadOnlyViewSet):
    """Calls, newest first, with their lines and their timeline."""

    queryset = Call.objects.select_related("client", "person", "operator__user", "disposition")
    serializer_class = CallSerializer
    permissions: dict[str, str | None] = {"quality": "calls.view_call"}
    http_method_names = ["get", "post", "patch", "head", "options"]
    filterset_fields = {
        "status": ["exact"], "direction": ["exact"], "outcome": ["exact"], "operator__public_id": ["exact"],
        "client__public_id": ["exact"], "started_at": ["gte", "lt"],
    }  # fmt: skip
    search_fields = ["customer_number", "person__name", "note"]
    ordering_fields = ["started_at", "ended_at"]

    def perform_update(self, serializer):
        serializer.instance = services.classify(serializer.instance, by=self.request.user, **serializer.validated_data)

    @extend_schema(responses=EventSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def events(self, request, public_id=None):
        """Every event of the call in order, in words."""
        return Response(EventSerializer(Event.objects.of_call(self.get_object().public_id), many=True).data)

    @extend_schema(responses=LegSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def legs(self, request, public_id=None):
        """The lines of the call at the carrier."""
        return Response(LegSerializer(self.get_object().legs.select_related("operator"), many=True).data)

    @extend_schema(methods=["GET"], responses=SoundSerializer(many=True))
    @extend_schema(methods=["POST"], request=SamplesSerializer, responses=SoundSerializer(many=True))
    @action(detail=True, methods=["get", "post"], pagination_class=None, filter_backends=[])
    def quality(self, request, public_id=None):
        """How the call sounds, by ten seconds. A desk posts what its telephone measures on its own line."""
        call = self.get_object()
        if request.method == "GET":
            kept = SoundBucket.objects.filter(leg__call=call).select_related("leg")
            return Response(SoundSerializer(kept, many=True).data)
        line = sound.line_of(call, operators.require(request.user))
        told = SamplesSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        kept = sound.keep(line, [Sample(**sample) for sample in told.validated_data["samples"]])
        return Response(SoundSerializer(kept, many=True).data)


class DispositionViewSet(ReadOnlyViewSet):
    """How conversations may end, in the words of the business."""

    queryset = Disposition.objects.select_related("parent")
    serializer_class = DispositionSerializer
    filterset_fields = {"active": ["exact"]}


routes = [("dispositions", DispositionViewSet)]
