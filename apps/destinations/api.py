from rest_framework import serializers

from apps.clients.models import Client
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.destinations import services
from apps.destinations.models import Destination


class DestinationSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    kind = serializers.CharField(help_text='"number" or "ending" to make one; other kinds are made by their owners.')
    number = serializers.CharField(
        source="outside_number.number", max_length=32, required=False, allow_null=True,
        help_text="Of an outside number; E.164 or the client's national form.",
    )  # fmt: skip
    ring_seconds = serializers.IntegerField(
        source="outside_number.ring_seconds", min_value=5, max_value=600, required=False, allow_null=True,
        help_text="How long an outside number rings.",
    )  # fmt: skip
    message = serializers.CharField(
        source="ending.message", max_length=1000, allow_blank=True, required=False, allow_null=True,
        help_text="Spoken by an ending before the call ends.",
    )  # fmt: skip

    class Meta:
        model = Destination
        fields = ["id", "client", "kind", "label", "active", "number", "ring_seconds", "message"]

    def validate(self, values):
        """Flatten to what the services take; what is left out keeps its value."""
        own = {**values.pop("outside_number", {}), **values.pop("ending", {})}
        if self.instance is not None:
            for fixed in ("client", "kind"):
                values.pop(fixed, None)
        return {**values, **{name: value for name, value in own.items() if value is not None}}

    def create(self, values):
        return services.make(**values)

    def update(self, destination, values):
        return services.change(destination, **values)


class DestinationViewSet(TenantViewSet):
    """Everything that a call can be sent to. Outside numbers and endings are made, changed and deleted here."""

    queryset = Destination.objects.select_related("client", "outside_number", "ending")
    serializer_class = DestinationSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    filterset_fields = {"kind": ["exact"], "active": ["exact"], "client__public_id": ["exact"]}
    search_fields = ["label", "outside_number__number", "ending__message"]
    ordering_fields = ["kind", "label"]

    def perform_create(self, serializer):
        serializer.save(by=self.request.user)

    def perform_update(self, serializer):
        serializer.save(by=self.request.user)

    def perform_destroy(self, destination):
        services.remove(destination, by=self.request.user)


routes = [("destinations", DestinationViewSet)]
