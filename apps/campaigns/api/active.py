"""Outgoing calls at this moment, against the limits."""

from django.conf import settings
from django.db.models import Count, Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from apps.calls.models import Call
from apps.campaigns.models import Attempt
from apps.clients.models import Client


class ActiveCallSerializer(serializers.Serializer):
    call = serializers.UUIDField()
    client = serializers.UUIDField()
    campaign = serializers.UUIDField(allow_null=True)
    to = serializers.CharField()
    started_at = serializers.DateTimeField()


class ClientCapacitySerializer(serializers.Serializer):
    client = serializers.UUIDField()
    name = serializers.CharField()
    open = serializers.IntegerField()
    limit = serializers.IntegerField()
    utilisation_percent = serializers.FloatField()


class ActiveCallsSerializer(serializers.Serializer):
    open = serializers.IntegerField(help_text="Outgoing calls now, of the clients that you may see.")
    limit = serializers.IntegerField(help_text="GLOBAL_MAX_CALLS, of the whole house.")
    clients = ClientCapacitySerializer(many=True)
    calls = ActiveCallSerializer(many=True, required=False)


class ActiveCallsViewSet(viewsets.GenericViewSet):
    """Outgoing calls at this moment against the limits."""

    queryset = Call.objects.open().filter(direction=Call.Direction.OUTBOUND)
    pagination_class = None
    filter_backends = []
    permissions = {"list": "campaigns.view_campaign"}
    serializer_class = ActiveCallsSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("client", str, description="Of this client only, by its identifier."),
            OpenApiParameter("include_calls", bool, description="With the calls themselves."),
        ],
        responses=ActiveCallsSerializer,
    )
    def list(self, request):
        """How many calls are open, for each client and in all, and with `include_calls` which."""
        asked = _ActiveCallsQuestion(data=request.query_params)
        asked.is_valid(raise_exception=True)
        clients = Client.objects.visible_to(request.user)
        if wanted := asked.validated_data.get("client"):
            clients = clients.filter(public_id=wanted)
        is_open = Q(calls__status=Call.Status.OPEN, calls__direction=Call.Direction.OUTBOUND)
        rows = list(clients.annotate(open_calls=Count("calls", filter=is_open)).order_by("name"))
        facts = {
            "open": sum(row.open_calls for row in rows), "limit": settings.GLOBAL_MAX_CALLS,
            "clients": [
                {
                    "client": row.public_id, "name": row.name, "open": row.open_calls,
                    "limit": row.max_concurrent_calls,
                    "utilisation_percent": round(100 * row.open_calls / row.max_concurrent_calls, 1),
                }
                for row in rows
            ],
        }  # fmt: skip
        if asked.validated_data["include_calls"]:
            facts["calls"] = self._calls(rows)
        return Response(ActiveCallsSerializer(facts).data)

    def _calls(self, clients):
        calls = self.get_queryset().filter(client__in=clients).select_related("client", "campaign_attempt__campaign")
        found = []
        for call in calls.order_by("started_at")[:1000]:
            attempt: Attempt | None = getattr(call, "campaign_attempt", None)
            found.append({
                "call": call.public_id, "client": call.client.public_id, "to": call.customer_number,
                "campaign": attempt.campaign.public_id if attempt else None, "started_at": call.started_at,
            })  # fmt: skip
        return found


class _ActiveCallsQuestion(serializers.Serializer):
    client = serializers.UUIDField(required=False)
    include_calls = serializers.BooleanField(default=False)
