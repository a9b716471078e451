"""`/operators`, with what an operator's desk needs of itself under `/operators/me`."""

from datetime import timedelta

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.carrier.client import get_port
from apps.core import clock
from apps.operators import services as operators
from apps.operators.api import (
    BreakReasonSerializer,
    OperatorSerializer,
    OperatorViewSet,
    PresenceSerializer,
    asked_presence,
)
from apps.operators.models import BreakReason, Operator
from apps.queues import colleagues, filing, own, services, setup
from apps.queues.api.managing import ManagingActions
from apps.queues.api.messages import MessageActions
from apps.queues.models import Queue

TOKEN_SECONDS = 900
_COLLEAGUE = OpenApiParameter("colleague", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The operator's id.")
_QUEUE = OpenApiParameter("queue", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The queue's id.")


class ServedQueueSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="queue.public_id")
    name = serializers.CharField(source="queue.name")
    serving = serializers.BooleanField(source="active", help_text="False: no calls of it for a while, as you chose.")


class MeSerializer(OperatorSerializer):
    queues = serializers.SerializerMethodField()
    break_reasons = serializers.SerializerMethodField()

    class Meta(OperatorSerializer.Meta):
        fields = [*OperatorSerializer.Meta.fields, "queues", "break_reasons"]

    @extend_schema_field(ServedQueueSerializer(many=True))
    def get_queues(self, operator: Operator) -> list:
        return ServedQueueSerializer(services.memberships_of(operator), many=True).data

    @extend_schema_field(BreakReasonSerializer(many=True))
    def get_break_reasons(self, operator: Operator) -> list:
        reasons = BreakReason.objects.filter(client=operator.team.client_id, active=True)
        return BreakReasonSerializer(reasons, many=True).data


class DeviceTokenSerializer(serializers.Serializer):
    driver = serializers.ChoiceField(choices=["sandbox", "twilio"])
    token = serializers.CharField(help_text="For the telephone in the browser; lasts 15 minutes.")
    identity = serializers.CharField()
    expires_at = serializers.DateTimeField()
    url = serializers.CharField(help_text="The sandbox's socket; empty with the real carrier.")


class ColleagueSerializer(serializers.Serializer):
    """Somebody whom a call can be given to. `state`: free, busy, on_break, offline or unreachable."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="user.display_name")
    extension = serializers.CharField()
    team = serializers.CharField(source="team.name")
    favourite = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["free", "busy", "on_break", "offline", "unreachable"])
    since = serializers.DateTimeField(source="state_since")


class OpenQueueSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    free = serializers.IntegerField(help_text="Members who could answer at once.")
    waiting = serializers.IntegerField(help_text="Callers on the line who wait.")
    is_open = serializers.BooleanField()


class DirectorySerializer(serializers.Serializer):
    colleagues = ColleagueSerializer(many=True)
    queues = OpenQueueSerializer(many=True)


class MyDaySerializer(serializers.Serializer):
    """Your day since midnight at the client."""

    since = serializers.DateTimeField()
    answered = serializers.IntegerField(help_text="Calls of queues.")
    missed = serializers.IntegerField()
    declined = serializers.IntegerField()
    talks = serializers.IntegerField(help_text="Conversations of all kinds.")
    talk_seconds = serializers.IntegerField()
    average_talk_seconds = serializers.IntegerField()
    signed_in_seconds = serializers.IntegerField()
    break_seconds = serializers.IntegerField()


class HelpSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class MoreTimeSerializer(serializers.Serializer):
    seconds = serializers.IntegerField(default=60, min_value=1, max_value=3600)


class DeskViewSet(ManagingActions, MessageActions, OperatorViewSet):
    """Who takes calls, and the commands of one's own desk."""

    permissions = {
        **OperatorViewSet.permissions, **ManagingActions.permissions, **MessageActions.permissions,
        "me": None, "my_presence": None, "device_token": None, "finish_wrap_up": None,
        "reachable": None, "directory": None, "extend_wrap_up": None, "figures": None, "help": None, "favourite": None,
        "my_queue": None,
    }  # fmt: skip

    def _my_row(self) -> Operator:
        return operators.require(self.request.user)

    def _me(self) -> Response:
        return Response(MeSerializer(self._my_row(), context=self.get_serializer_context()).data)

    @extend_schema(responses=MeSerializer)
    @action(detail=False)
    def me(self, request):
        """Yourself: presence, what holds you, the queues that you serve."""
        return self._me()

    @extend_schema(request=PresenceSerializer, responses=MeSerializer)
    @extend_schema(methods=["GET"], request=None, responses=MeSerializer)
    @action(detail=False, methods=["get", "put", "post"], url_path="me/presence")
    def my_presence(self, request):
        """Become available, take a break (with a reason) or sign out. A conversation is never cut by it."""
        if request.method != "GET":
            operators.set_presence(self._my_row(), **asked_presence(self, request), by=request.user)
        return self._me()

    @extend_schema(request=None, responses=DeviceTokenSerializer)
    @action(detail=False, methods=["post"], url_path="me/device-token")
    def device_token(self, request):
        """A token for the telephone in your browser: it can be rung as you, and call out as you."""
        operator = self._my_row()
        sandbox = settings.CARRIER == "sandbox"
        token = {
            "driver": "sandbox" if sandbox else "twilio",
            "token": get_port().device_token(operator.identity, TOKEN_SECONDS),
            "identity": operator.identity,
            "expires_at": clock.now() + timedelta(seconds=TOKEN_SECONDS),
            "url": f"{settings.CARRIER_BASE_URL.replace('http', 'ws', 1)}/sandbox/device" if sandbox else "",
        }
        return Response(DeviceTokenSerializer(token).data, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses=MeSerializer)
    @action(detail=False, methods=["post"], url_path="me/finish-wrap-up")
    def finish_wrap_up(self, request):
        """You are done with the last call, once all is said about it that its queue asks for. Twice is once."""
        filing.finish(self._my_row())
        return self._me()

    @extend_schema(request=MoreTimeSerializer, responses=MeSerializer)
    @action(detail=False, methods=["post"], url_path="me/extend-wrap-up")
    def extend_wrap_up(self, request):
        """You need more time after the last call; an hour in all at most."""
        asked = MoreTimeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        operators.extend_wrap_up(self._my_row(), asked.validated_data["seconds"])
        return self._me()

    @extend_schema(request=None, responses=MeSerializer)
    @action(detail=False, methods=["post"], url_path="me/reachable")
    def reachable(self, request):
        """The telephone in your browser is registered: calls may be offered again after the desk could not ring."""
        operators.mark_reachable(self._my_row())
        return self._me()

    @extend_schema(responses=DirectorySerializer)
    @action(detail=False, url_path="me/directory", pagination_class=None, filter_backends=[])
    def directory(self, request):
        """Whom a call can be given to at this moment: colleagues, the free ones first, and queues."""
        return Response(DirectorySerializer(colleagues.directory(self._my_row())).data)

    @extend_schema(responses=MyDaySerializer)
    @action(detail=False, url_path="me/figures", pagination_class=None, filter_backends=[])
    def figures(self, request):
        """Your own figures of today."""
        return Response(MyDaySerializer(own.today(self._my_row())).data)

    @extend_schema(request=None, responses=MeSerializer, parameters=[_QUEUE])
    @action(detail=False, methods=["put", "delete"], url_path="me/queues/(?P<queue>[0-9a-f-]{36})")
    def my_queue(self, request, queue=""):
        """Take the calls of this queue of yours, or (DELETE) take none of it for a while; other queues go on."""
        chosen = get_object_or_404(Queue.objects.active().visible_to(request.user), public_id=queue)
        setup.serve(self._my_row(), chosen, on=request.method == "PUT", by=request.user)
        return self._me()

    @extend_schema(request=HelpSerializer, responses={204: None})
    @extend_schema(methods=["DELETE"], request=None, responses={204: None})
    @action(detail=False, methods=["post", "delete"], url_path="me/help")
    def help(self, request):
        """Ask a supervisor for help, who sees it at once; DELETE: it is there, or not needed any more."""
        if request.method == "DELETE":
            operators.end_help(self._my_row(), by=request.user)
        else:
            asked = HelpSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            operators.ask_help(self._my_row(), **asked.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None}, parameters=[_COLLEAGUE])
    @action(detail=False, methods=["put", "delete"], url_path="me/favourites/(?P<colleague>[0-9a-f-]{36})")
    def favourite(self, request, colleague=""):
        """Show this colleague among the first of your directory, or (DELETE) not any more."""
        chosen = get_object_or_404(
            Operator.objects.visible_to(request.user).select_related("team"), public_id=colleague
        )
        operators.set_favourite(self._my_row(), chosen, on=request.method == "PUT")
        return Response(status=status.HTTP_204_NO_CONTENT)
