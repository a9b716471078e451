"""Places in queues and offers, to read; an operator may turn down an offer. Accepting is answering the phone."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from apps.core.api import PublicIdField, ReadOnlyViewSet
from apps.operators.models import Operator
from apps.queues import services, supervision, why
from apps.queues.models import Offer, QueueEntry


class QueueEntrySerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    queue = serializers.UUIDField(source="queue.public_id", read_only=True)
    queue_name = serializers.CharField(source="queue.name", read_only=True)
    call = serializers.UUIDField(source="call.public_id", read_only=True)
    operator = serializers.UUIDField(source="operator.public_id", read_only=True, allow_null=True, default=None)
    reserved_for = serializers.UUIDField(
        source="reserved_for.public_id", read_only=True, allow_null=True, default=None,
        help_text="Handed to this operator by a supervisor: offered to nobody else.",
    )  # fmt: skip

    class Meta:
        model = QueueEntry
        fields = [
            "id", "queue", "queue_name", "call", "kind", "status", "joined_at", "place_at", "front", "priority",
            "answered_at", "ended_at", "operator", "reserved_for",
        ]  # fmt: skip


class HandSerializer(serializers.Serializer):
    operator = PublicIdField(
        queryset=Operator.objects.select_related("user", "team"), allow_null=True, help_text="null: anybody again."
    )


class PrioritySerializer(serializers.Serializer):
    priority = serializers.IntegerField(min_value=0, max_value=10)


class QueueEntryViewSet(ReadOnlyViewSet):
    """Calls' places in queues, newest first. Who waits now: `?status__in=waiting,offered`."""

    queryset = QueueEntry.objects.select_related("queue", "call", "operator", "reserved_for")
    serializer_class = QueueEntrySerializer
    permissions = dict.fromkeys(["first", "assign", "priority"], "operators.supervise_operator")
    filterset_fields = {
        "status": ["exact", "in"], "queue__public_id": ["exact"], "call__public_id": ["exact"],
        "joined_at": ["gte", "lt"],
    }  # fmt: skip
    ordering_fields = ["joined_at", "place_at", "answered_at"]

    @extend_schema(request=None, responses=QueueEntrySerializer)
    @action(detail=True, methods=["post"])
    def first(self, request, public_id=None):
        """Serve this caller before all others of the queue."""
        return self.shown(supervision.put_first(self.get_object(), by=request.user))

    @extend_schema(request=HandSerializer, responses=QueueEntrySerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request, public_id=None):
        """Hand this caller to one operator, who is rung as soon as they are free; null gives the caller back."""
        entry, asked = self.get_object(), self.asked(HandSerializer)
        return self.shown(supervision.hand_to(entry, asked["operator"], by=request.user))

    @extend_schema(request=PrioritySerializer, responses=QueueEntrySerializer)
    @action(detail=True, methods=["post"])
    def priority(self, request, public_id=None):
        """Give this caller another priority, 0 to 10."""
        entry, asked = self.get_object(), self.asked(PrioritySerializer)
        return self.shown(supervision.set_priority(entry, asked["priority"], by=request.user))

    def asked(self, form: type[serializers.Serializer]) -> dict[str, Any]:
        """What the request's body says, checked."""
        given = form(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return given.validated_data

    def shown(self, entry: QueueEntry) -> Response:
        """The entry as it is now."""
        return Response(self.get_serializer(self.get_queryset().get(pk=entry.pk)).data)


class CandidateSerializer(serializers.Serializer):
    name = serializers.CharField()
    words = serializers.CharField(help_text="What spoke for or against them.")
    verdict = serializers.CharField()
    asked = serializers.BooleanField()


class ConsideredSerializer(serializers.Serializer):
    sentence = serializers.CharField()
    able = serializers.IntegerField(help_text="How many might have been asked.")
    excluded = serializers.DictField(child=serializers.IntegerField(), help_text="How many not, by reason.")
    candidates = CandidateSerializer(many=True)


class OfferSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    entry = serializers.UUIDField(source="entry.public_id", read_only=True)
    call = serializers.UUIDField(source="entry.call.public_id", read_only=True)
    queue = serializers.UUIDField(source="entry.queue.public_id", read_only=True)
    operator = serializers.UUIDField(source="operator.public_id", read_only=True)
    operator_name = serializers.CharField(source="operator.user.display_name", read_only=True)
    considered = serializers.SerializerMethodField(
        help_text="Why this operator; null for those who may not watch the board."
    )

    @extend_schema_field(ConsideredSerializer(allow_null=True))
    def get_considered(self, offer: Offer) -> dict[str, Any] | None:
        request = self.context.get("request")
        if request is None or not request.user.has_perm("queues.watch_board"):
            return None
        return ConsideredSerializer(why.of_offer(offer)).data

    class Meta:
        model = Offer
        fields = [
            "id", "entry", "call", "queue", "operator", "operator_name", "status", "offered_at", "decided_at",
            "ended_at", "reason", "considered",
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
