"""What a supervisor does in a live call, mounted under `/calls/ID/`."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls.api import CallSerializer
from apps.calls.models import Leg
from apps.switchboard import listening


class MonitorSerializer(serializers.Serializer):
    mode = serializers.ChoiceField(
        choices=listening.Mode.choices, help_text="Whom you are heard by: nobody, the operator only, or both."
    )


class MonitoringSerializer(serializers.Serializer):
    """Your line in the call. It rings your desk's telephone unless you are in there already."""

    id = serializers.UUIDField(source="public_id")
    mode = serializers.SerializerMethodField()
    is_here = serializers.SerializerMethodField(help_text="False: your telephone rings for it.")

    def get_mode(self, leg: Leg) -> str:
        return str(listening.mode_of(leg))

    def get_is_here(self, leg: Leg) -> bool:
        return leg.joined_at is not None


class ListeningActions:
    """Listen, whisper, come in, take over."""

    permissions = dict.fromkeys(["monitor", "stop_monitoring", "take_over"], "calls.monitor_call")

    @extend_schema(request=MonitorSerializer, responses=MonitoringSerializer)
    @action(detail=True, methods=["post"])
    def monitor(self, request, public_id=None):
        """Hear this conversation, or change who hears you in it. To be heard at all takes the right to join calls."""
        call = self.get_object()
        asked = MonitorSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        leg = listening.join(call, by=request.user, mode=asked.validated_data["mode"])
        return Response(MonitoringSerializer(leg).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="stop-monitoring")
    def stop_monitoring(self, request, public_id=None):
        """Hear it no more. Asking again changes nothing."""
        listening.leave(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=CallSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request, public_id=None):
        """Lead the conversation in which you are; its operator is out and files the call."""
        return self.shown_call(listening.take_over(self.get_object(), by=request.user))
