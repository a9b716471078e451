from django_filters.rest_framework import CharFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser

from apps.clients.models import Client
from apps.core import sound_files
from apps.core.api import PublicIdField, ReadOnlyViewSet, StaysWithClient, TenantViewSet
from apps.destinations.models import Destination
from apps.ivr import services
from apps.ivr.api_flows import FlowDrawingActions
from apps.ivr.api_shapes import StepTakenSerializer
from apps.ivr.models import Flow, Menu, Option, Prompt, Visit
from apps.ivr.turns import audio_url


class PromptSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    audio = serializers.FileField(
        write_only=True,
        required=False,
        allow_null=True,
        help_text="WAV, MP3, FLAC or Ogg Vorbis, at most 10 MB and 5 minutes; null takes it away.",
    )
    audio_url = serializers.SerializerMethodField()

    class Meta:
        model = Prompt
        fields = ["id", "client", "name", "text", "language", "audio", "audio_url", "audio_seconds"]
        read_only_fields = ["audio_seconds"]

    @extend_schema_field(serializers.URLField(allow_blank=True))
    def get_audio_url(self, prompt: Prompt) -> str:
        return audio_url(prompt)

    def save_prompt(self, prompt: Prompt, data: dict) -> Prompt:
        audio = None
        if "audio" in data:
            upload = data.pop("audio")
            audio = upload.read(sound_files.MAX_UPLOAD) if upload else b""
        return services.save_prompt(_changed(prompt, data), audio=audio)

    def create(self, validated_data):
        return self.save_prompt(Prompt(), validated_data)

    def update(self, instance, validated_data):
        return self.save_prompt(instance, validated_data)


class OptionSerializer(serializers.ModelSerializer):
    destination = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    next_menu = PublicIdField(queryset=Menu.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Option
        fields = ["key", "label", "destination", "next_menu"]

    def validate(self, attrs):
        if (attrs.get("destination") is None) == (attrs.get("next_menu") is None):
            raise serializers.ValidationError("A key leads to one place: name either a destination or a next menu.")
        return attrs


class MenuSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    flow = PublicIdField(queryset=Flow.objects.all())
    prompt = PublicIdField(queryset=Prompt.objects.all())
    invalid_prompt = PublicIdField(queryset=Prompt.objects.all(), required=False, allow_null=True)
    silence_prompt = PublicIdField(queryset=Prompt.objects.all(), required=False, allow_null=True)
    otherwise = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    options = OptionSerializer(many=True, allow_empty=False)

    class Meta:
        model = Menu
        fields = [
            "id", "flow", "name", "prompt", "timeout_seconds", "tries", "invalid_prompt", "silence_prompt", "otherwise",
            "options",
        ]  # fmt: skip

    def validate_options(self, options):
        keys = [option["key"] for option in options]
        if len(set(keys)) < len(keys):
            raise serializers.ValidationError("Each key can be used once.")
        return options

    def validate_flow(self, flow):
        if self.instance is not None and flow != self.instance.flow:
            raise serializers.ValidationError("A menu stays in its flow. Make a new one in the other flow.")
        return flow

    def save_menu(self, menu: Menu, data: dict) -> Menu:
        options = data.pop("options", None)
        rows = None if options is None else [Option(**option) for option in options]
        return services.save_menu(_changed(menu, data), rows)

    def create(self, validated_data):
        return self.save_menu(Menu(), validated_data)

    def update(self, instance, validated_data):
        return self.save_menu(instance, validated_data)


class FlowSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    destination = serializers.UUIDField(source="destination.public_id", read_only=True)
    greeting = PublicIdField(queryset=Prompt.objects.all(), required=False, allow_null=True)
    start = PublicIdField(queryset=Menu.objects.all(), required=False, allow_null=True)
    menus = MenuSerializer(many=True, read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True, default=None, allow_null=True)
    drawn = serializers.BooleanField(source="is_drawn", read_only=True)

    class Meta:
        model = Flow
        fields = ["id", "client", "destination", "name", "active", "version", "drawn", "greeting", "start", "menus"]

    def create(self, validated_data):
        return services.save_flow(Flow(**validated_data))

    def update(self, instance, validated_data):
        return services.save_flow(_changed(instance, validated_data))


class StepSerializer(StepTakenSerializer):
    at = serializers.DateTimeField()


class VisitSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    flow = PublicIdField(read_only=True)
    call = PublicIdField(read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True, default=None, allow_null=True)
    path = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Visit
        fields = ["id", "flow", "version", "call", "started_at", "ended_at", "outcome", "path"]
        read_only_fields = fields


def _changed(row, values: dict):
    for name, value in values.items():
        setattr(row, name, value)
    return row


class PromptViewSet(TenantViewSet):
    """What callers hear: texts that are spoken, or uploaded sounds (send those as multipart form data)."""

    queryset = Prompt.objects.select_related("client")
    serializer_class = PromptSerializer
    parser_classes = [JSONParser, MultiPartParser, FormParser]
    filterset_fields = ["language"]
    search_fields = ["name", "text"]

    def perform_destroy(self, instance):
        services.delete_prompt(instance)


class FlowViewSet(FlowDrawingActions, TenantViewSet):
    """Voice menus. A new one is off; give it menus (`ivr/menus`) or a `document`, then set `active`."""

    queryset = Flow.objects.complete()
    serializer_class = FlowSerializer
    filterset_fields = ["active"]
    search_fields = ["name"]

    def perform_destroy(self, instance):
        services.delete_flow(instance)


class MenuViewSet(TenantViewSet):
    """The menus of flows, with their keys. Writing `options` replaces all of them."""

    queryset = Menu.objects.complete()
    serializer_class = MenuSerializer
    filterset_fields = {"flow__public_id": ["exact"]}
    search_fields = ["name"]

    def perform_destroy(self, instance):
        services.delete_menu(instance)


class VisitFilter(FilterSet):
    flow__public_id = UUIDFilter()
    call__public_id = UUIDFilter()
    caller = CharFilter("call__customer_number", lookup_expr="contains", help_text="Part of the caller's number.")
    node = CharFilter(method="through", help_text="The id of a node that the call went through.")
    outcome = CharFilter(lookup_expr="icontains")

    class Meta:
        model = Visit
        fields = {"started_at": ["gte", "lt"], "ended_at": ["isnull"], "version__number": ["exact"]}

    def through(self, rows, _name, node):
        return rows.filter(path__contains=[{"node": node}])


class VisitViewSet(ReadOnlyViewSet):
    """Every way of a call through a menu: what was pressed, and how it ended."""

    queryset = Visit.objects.select_related("flow", "call", "version")
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    search_fields = ["outcome", "call__customer_number", "flow__name"]
    ordering_fields = ["started_at"]


routes = [
    ("ivr/flows", FlowViewSet),
    ("ivr/menus", MenuViewSet),
    ("ivr/prompts", PromptViewSet),
    ("ivr/logs", VisitViewSet),
]
