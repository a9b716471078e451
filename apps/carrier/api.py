from rest_framework import serializers

from apps.carrier import services
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core.api import PublicIdField, TenantViewSet
from apps.destinations.models import Destination


class PhoneNumberSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    number = serializers.CharField(max_length=32, help_text="E.164 or the client's national form; fixed once made.")
    destination = PublicIdField(queryset=Destination.objects.all(), help_text="When no routing rule says otherwise.")
    set_up_at = serializers.DateTimeField(
        read_only=True, help_text="When the carrier was last told where its calls are answered."
    )
    trouble = serializers.CharField(read_only=True, help_text="Why that did not work; empty when it did.")

    class Meta:
        model = PhoneNumber
        fields = ["id", "client", "number", "label", "destination", "active", "set_up_at", "trouble"]

    def create(self, values):
        return services.register_number(values.pop("client"), **values)

    def update(self, row, values):
        return services.change_number(row, **values)

    def validate(self, values):
        """Sending back what stands is not a change."""
        if self.instance is not None:
            for fixed in ("client", "number"):
                if fixed in values and values[fixed] == getattr(self.instance, fixed):
                    del values[fixed]
        return values


class PhoneNumberViewSet(TenantViewSet):
    """Our numbers. The carrier is told about a new one at once; `trouble` says when that did not work."""

    queryset = PhoneNumber.objects.select_related("client", "destination")
    serializer_class = PhoneNumberSerializer
    filterset_fields = {"active": ["exact"], "number": ["exact"], "client__public_id": ["exact"]}
    search_fields = ["number", "label"]
    ordering_fields = ["label", "number"]

    def perform_create(self, serializer):
        serializer.save(by=self.request.user)

    def perform_update(self, serializer):
        serializer.save(by=self.request.user)

    def perform_destroy(self, row):
        services.remove_number(row, by=self.request.user)


routes = [("phone-numbers", PhoneNumberViewSet)]
