from rest_framework import mixins, serializers
from timezone_field.rest_framework import TimeZoneSerializerField

from apps.clients import services
from apps.clients.models import Client
from apps.core.api import ReadOnlyViewSet


class ClientSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    slug = serializers.SlugField(read_only=True)
    time_zone = TimeZoneSerializerField(use_pytz=False, required=False)

    class Meta:
        model = Client
        fields = [
            "id", "name", "slug", "active", "time_zone", "country", "language", "caller_id", "max_concurrent_calls",
            "record_calls", "recording_announcement", "created_at",
        ]  # fmt: skip
        read_only_fields = ["created_at"]


class ClientViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, ReadOnlyViewSet):
    """On whose behalf calls are made and answered. A client is switched off (`active`), not deleted."""

    queryset = Client.objects.all()
    serializer_class = ClientSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    filterset_fields = ["active"]
    search_fields = ["name", "slug"]
    ordering_fields = ["name", "created_at"]

    def perform_create(self, serializer):
        serializer.instance = services.create_client(by=self.request.user, **serializer.validated_data)

    def perform_update(self, serializer):
        serializer.instance = services.change_client(
            serializer.instance, by=self.request.user, **serializer.validated_data
        )


routes = [("clients", ClientViewSet)]
