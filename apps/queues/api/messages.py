"""Messages to operators, mounted under `/operators`: written by a supervisor, read at the desk."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.core import words
from apps.core.api import PublicIdField
from apps.operators import messages
from apps.operators import services as operators
from apps.operators.models import Operator, OperatorMessage, Team
from apps.queues.models import Queue

LATEST = 20
_MESSAGE = OpenApiParameter("message", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The message's id.")


class WriteSerializer(serializers.Serializer):
    """To `operators`, to a whole `team`, to the members of a `queue`, or to all of these."""

    text = serializers.CharField(max_length=500)
    operators = PublicIdField(queryset=Operator.objects.select_related("user", "team__client"), many=True, default=list)
    team = PublicIdField(queryset=Team.objects.all(), allow_null=True, default=None)
    queue = PublicIdField(queryset=Queue.objects.all(), allow_null=True, default=None)


class WrittenSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id")
    by = serializers.CharField(source="by.display_name", default="")
    sent_to = serializers.IntegerField(source="copies_total", help_text="So many operators.")
    read_by = serializers.IntegerField(source="copies_read", help_text="So many of them have read it.")

    class Meta:
        model = OperatorMessage
        fields = ["id", "text", "to", "by", "sent_at", "sent_to", "read_by"]


class MessageActions:
    permissions = {"messages": "operators.supervise_operator", "write": "operators.supervise_operator", "read": None}

    @extend_schema(responses=WrittenSerializer(many=True))
    @action(detail=False, pagination_class=None, filter_backends=[])
    def messages(self, request):
        """The latest messages to operators, and how many have read them."""
        rows = OperatorMessage.objects.visible_to(request.user).counted().select_related("by")
        return Response(WrittenSerializer(rows[:LATEST], many=True).data)

    @extend_schema(request=WriteSerializer, responses={201: WrittenSerializer})
    @messages.mapping.post
    def write(self, request):
        """Write to operators. The message stays on each desk until it is read."""
        asked = WriteSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        chosen, team, queue = (asked.validated_data[name] for name in ("operators", "team", "queue"))
        everybody, to = list(chosen), [str(operator) for operator in chosen]
        rows = Operator.objects.select_related("user", "team__client")
        if team is not None:
            everybody += rows.filter(team=team)
            to.append(f"team {team}")
        if queue is not None:
            everybody += rows.filter(memberships__queue=queue, memberships__active=True)
            to.append(f"queue {queue}")
        to_words = words.names(to) if to else ""
        sent = messages.send(everybody, asked.validated_data["text"], to=to_words, by=request.user)
        row = OperatorMessage.objects.counted().select_related("by").get(pk=sent.pk)
        return Response(WrittenSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None}, parameters=[_MESSAGE])
    @action(detail=False, methods=["post"], url_path="me/messages/(?P<message>[0-9a-f-]{36})/read")
    def read(self, request, message=""):
        """You have read this message; it leaves your desk. Asking again changes nothing."""
        messages.acknowledge(operators.require(request.user), UUID(message))
        return Response(status=status.HTTP_204_NO_CONTENT)
