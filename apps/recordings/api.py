from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound

from apps.core.api import ReadOnlyViewSet
from apps.recordings import services
from apps.recordings.media import sound_response
from apps.recordings.models import Recording


class RecordingSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    call = serializers.UUIDField(source="call.public_id", read_only=True)

    class Meta:
        model = Recording
        fields = [
            "id",
            "call",
            "status",
            "channels",
            "duration_seconds",
            "size_bytes",
            "sha256",
            "error",
            "started_at",
            "stored_at",
        ]


class RecordingViewSet(ReadOnlyViewSet):
    """Conversations: channel 1 the customer, channel 2 what the customer heard. One channel: a message."""

    queryset = Recording.objects.select_related("call", "client")
    serializer_class = RecordingSerializer
    filterset_fields = {
        "status": ["exact"], "channels": ["exact"], "call__public_id": ["exact"], "started_at": ["gte", "lt"],
    }  # fmt: skip
    ordering_fields = ["started_at", "duration_seconds"]
    permissions = {"media": "recordings.play_recording"}

    @extend_schema(responses={(200, "audio/wav"): OpenApiResponse(OpenApiTypes.BINARY, description="The sound, WAV.")})
    @action(detail=True)
    def media(self, request, public_id=None):
        """The sound itself; a byte range may be asked for. Listening is kept in the call's timeline."""
        recording = self.get_object()
        if recording.status != Recording.Status.STORED:
            raise NotFound("This recording is not stored (yet).")
        if "Range" not in request.headers or request.headers["Range"].startswith("bytes=0-"):
            services.played(recording, by=request.user)
        return sound_response(request, recording.file, name=f"{recording.public_id}.wav")


routes = [("recordings", RecordingViewSet)]
