"""What a supervisor does to an operator, mounted under `/operators/ID/`; the presence is beside it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.core.api import PublicIdField
from apps.operators import services as operators
from apps.operators.api import OperatorSerializer
from apps.queues import setup
from apps.queues.models import Queue


class ServesSerializer(serializers.Serializer):
    queues = PublicIdField(queryset=Queue.objects.select_related("client"), many=True, help_text="All that they serve.")


class ManagingActions:
    """Queues, a forgotten wrap-up, a call for help."""

    permissions = dict.fromkeys(["serve", "end_wrap_up", "helped"], "operators.supervise_operator")

    @extend_schema(request=ServesSerializer, responses=OperatorSerializer)
    @action(detail=True, methods=["put"], url_path="queues")
    def serve(self, request, public_id=None):
        """The queues that somebody serves from now on, in place of those before."""
        operator = self.get_object()
        asked = ServesSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        setup.set_queues(operator, asked.validated_data["queues"])
        return self._as_it_is()

    @extend_schema(request=None, responses=OperatorSerializer)
    @action(detail=True, methods=["post"], url_path="finish-wrap-up")
    def end_wrap_up(self, request, public_id=None):
        """End somebody else's wrap-up, one that was forgotten. Asking again changes nothing."""
        operators.finish_wrap_up(self.get_object())
        return self._as_it_is()

    @extend_schema(request=None, responses=OperatorSerializer)
    @action(detail=True, methods=["post"])
    def helped(self, request, public_id=None):
        """Somebody who asked for help has it. Asking again changes nothing."""
        operators.end_help(self.get_object(), by=request.user)
        return self._as_it_is()

    def _as_it_is(self) -> Response:
        return Response(OperatorSerializer(self.get_object(), context=self.get_serializer_context()).data)
