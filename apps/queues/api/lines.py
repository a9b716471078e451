"""Places in queues and offers, to read; an operator may turn down an offer. Accepting is answering the phone."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from apps.core.api import ReadOnlyViewSet
from apps.queues import services
from apps.queues.models import Offer, QueueEntry


class QueueEntrySerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    queue = serializers.UUIDField(source="queue.public_id", read_only=True)
    queue_name = serializers.CharField(source="queue.name", read_only=True)
    call = serializers.UUIDField(source="call.public_id", read_only=True)
    operator = serializers.UUIDField(source="operator.public_id", read_only=True, allow_null=True, default=None)

    class Meta:
        model = QueueEntry
        fields = [
            "id", "queue", "queue_name", "call", "status", "joined_at", "place_at", "front", "answered_at", "ended_at",
            "operator",
        ]  # fmt: skip


class QueueEntryViewSet(ReadOnlyViewSet):
    """Calls' places in queues, newest first. Who waits now: `?status__in=waiting,offered`."""

    queryset = QueueEntry.objects.select_related("queue", "call", "operator")
    serializer_class = QueueEntrySerializer
    filterset_fields = {
        "status": ["exact", "in"], "queue__public_id": ["exact"], "call__public_id": ["exact"],
        "joined_at": ["gte", "lt"],
    }  # fmt: skip
    ordering_fields = ["joined_at", "place_at", "answered_at"]


class OfferSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    entry = serializers.UUIDField(source="entry.public_id", read_only=True)
    call = serializers.UUIDField(source="entry.call.public_id", read_only=True)
    queue = serializers.UUIDField(source="entry.queue.public_id", read_only=True)
    operator = serializers.UUIDField(source="operator.public_id", read_only=True)
    operator_name = serializers.CharField(source="operator.user.display_name", read_only=True)

    class Meta:
        model = Offer
        fields = [
            "id", "entry", "call", "queue", "operator", "operator_name", "status", "offered_at", "decided_at",
            "ended_at", "reason",
        ]  # fmt: skip


class OfferViewSet(ReadOnlyViewSet):
    """Which operators were rung for which caller, and what became of it, newest first."""

    queryset = Offer.objects.select_related(
        "entry__call__client", "entry__queue", "operator__user", "engagement__operator", "leg"
    )
    serializer_class = OfferSerializer
    filterset_fields = {
        "status": ["exact", "in"], "operator__public_id": ["exact"], "entry__queue__public_id": ["exact"],
        "offered_at": ["gte", "lt"],
    }  # fmt: skip
    ordering_fields = ["offered_at", "decided_at"]
    permissions = {"decline": "queues.change_offer"}

    @extend_schema(request=None, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request, public_id=None):
        """Turn down the call that rings at your desk; the caller keeps the place. Too late, nothing changes."""
        offer = self.get_object()
        if offer.operator.user_id != request.user.pk:
            raise PermissionDenied
        services.decline(offer)
        return Response(self.get_serializer(self.get_object()).data)
