"""Callers who asked to be called back: to see, and for supervisors to move in time or take back."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.core.api import ReadOnlyViewSet
from apps.queues import callback_care
from apps.queues.models import Callback, CallbackTry


class CallbackTrySerializer(serializers.ModelSerializer):
    call = serializers.UUIDField(source="call.public_id", read_only=True)

    class Meta:
        model = CallbackTry
        fields = ["n", "call", "began_at", "dialled_at", "ended_at", "outcome"]


class CallbackSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    queue = serializers.UUIDField(source="queue.public_id", read_only=True)
    queue_name = serializers.CharField(source="queue.name", read_only=True)
    entry = serializers.UUIDField(source="entry.public_id", read_only=True, help_text="The place that it keeps.")
    call = serializers.UUIDField(source="call.public_id", read_only=True, help_text="In which it was asked for.")
    fulfilled_by = serializers.UUIDField(
        source="fulfilled_by.public_id",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="The call that did it.",
    )
    tries = CallbackTrySerializer(many=True, read_only=True)

    class Meta:
        model = Callback
        fields = [
            "id", "queue", "queue_name", "entry", "call", "number", "status", "asked_at", "promised_from",
            "promised_until", "next_try_at", "expires_at", "ended_at", "fulfilled_by", "tries",
        ]  # fmt: skip


class RescheduleSerializer(serializers.Serializer):
    next_try_at = serializers.DateTimeField(help_text="Within the calling hours of the queue.")


class CallbackViewSet(ReadOnlyViewSet):
    """Callbacks, newest first. Who waits for one now: `?status__in=waiting,calling`."""

    queryset = Callback.objects.select_related(
        "queue__client", "entry", "call__client", "fulfilled_by"
    ).prefetch_related("tries__call")
    serializer_class = CallbackSerializer
    filterset_fields = {
        "status": ["exact", "in"], "queue__public_id": ["exact"], "number": ["exact"], "asked_at": ["gte", "lt"],
    }  # fmt: skip
    ordering_fields = ["asked_at", "next_try_at"]
    permissions = {
        "cancel": "queues.change_callback", "reschedule": "queues.change_callback",
        "call_now": "queues.change_callback",
    }  # fmt: skip

    @extend_schema(request=None, responses=CallbackSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, public_id=None):
        """Make no further try; one that runs is called off. A conversation that has begun is not touched."""
        callback_care.cancel(self.get_object(), why=f"{request.user.display_name} took it back.")
        return self._shown()

    @extend_schema(request=RescheduleSerializer, responses=CallbackSerializer)
    @action(detail=True, methods=["post"])
    def reschedule(self, request, public_id=None):
        """Make the next try at another moment; the time after which it is given up moves along."""
        callback, asked = self.get_object(), RescheduleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        callback_care.reschedule(callback, at=asked.validated_data["next_try_at"], by=request.user)
        return self._shown()

    @extend_schema(request=None, responses=CallbackSerializer)
    @action(detail=True, methods=["post"], url_path="call-now")
    def call_now(self, request, public_id=None):
        """Before all others in the line, as soon as an operator is free."""
        callback_care.call_now(self.get_object(), by=request.user)
        return self._shown()

    def _shown(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
