"""`/operators`, with what an operator's desk needs of itself under `/operators/me`."""

from datetime import timedelta

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.carrier.client import get_port
from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.api import (
    BreakReasonSerializer,
    OperatorSerializer,
    OperatorViewSet,
    PresenceSerializer,
    asked_presence,
)
from apps.operators.models import BreakReason, Operator
from apps.queues import services

TOKEN_SECONDS = 900


class ServedQueueSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="queue.public_id")
    name = serializers.CharField(source="queue.name")


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


class MoreTimeSerializer(serializers.Serializer):
    seconds = serializers.IntegerField(default=60, min_value=1, max_value=3600)


class DeskViewSet(OperatorViewSet):
    """Who takes calls, and the commands of one's own desk."""

    permissions = {
        **OperatorViewSet.permissions, "me": None, "my_presence": None, "device_token": None, "finish_wrap_up": None,
        "extend_wrap_up": None, "reachable": None,
    }  # fmt: skip

    def _my_row(self) -> Operator:
        operator = operators.for_user(self.request.user)
        if operator is None:
            raise Refused("You take no calls. Ask an administrator to make you an operator.", code="not_an_operator")
        return operator

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
        """You are done with the last call. Asking again changes nothing."""
        operators.finish_wrap_up(self._my_row())
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
