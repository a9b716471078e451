"""Outgoing calls at this moment, against the limits."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls import balance
from apps.calls.models import Call
from apps.campaigns import capacity, overview
from apps.campaigns.models import Attempt, Campaign
from apps.core import clock


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
    utilisation_percent = serializers.FloatField(help_text="Of that limit, by those calls.")
    orphaned = serializers.ListField(
        child=serializers.UUIDField(), help_text="Campaigns that run and that no dialer has looked at for two minutes."
    )
    clients = ClientCapacitySerializer(many=True)
    calls = ActiveCallSerializer(many=True, required=False)


class LineSerializer(serializers.Serializer):
    call = serializers.UUIDField(source="call.public_id")
    client = serializers.UUIDField(source="call.client.public_id")
    role = serializers.CharField()
    address = serializers.CharField()
    status = serializers.CharField()
    since = serializers.DateTimeField(source="created_at")


class StrangerSerializer(serializers.Serializer):
    sid = serializers.CharField()
    status = serializers.CharField()
    direction = serializers.CharField()
    created_at = serializers.DateTimeField(allow_null=True)


class BalanceSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    agrees = serializers.BooleanField()
    sentences = serializers.ListField(child=serializers.CharField())
    open_calls = serializers.IntegerField(help_text="Outgoing calls that are not over.")
    places = serializers.IntegerField(help_text="Of the limits: those calls, and those whose line is not over yet.")
    our_lines = serializers.IntegerField(help_text="Open lines that the carrier knows, by our books.")
    carrier_lines = serializers.IntegerField(help_text="The same by the carrier's.")
    undecided = LineSerializer(many=True)
    only_ours = LineSerializer(many=True)
    strangers = StrangerSerializer(many=True)


class ActiveCallsViewSet(viewsets.GenericViewSet):
    """Outgoing calls at this moment against the limits."""

    queryset = Call.objects.open().filter(direction=Call.Direction.OUTBOUND)
    pagination_class = None
    filter_backends = []
    permissions = {
        **dict.fromkeys(("list", "balance"), "campaigns.view_campaign"), "reconcile": "campaigns.run_campaign",
    }  # fmt: skip
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
        clients = capacity.of_clients(request.user, asked.validated_data.get("client"))
        count, most = sum(row.open for row in clients), capacity.of_house()
        running = Campaign.objects.running().filter(client__public_id__in=[row.client for row in clients])
        facts = {
            "open": count, "limit": most, "utilisation_percent": round(100 * count / most, 1) if most > 0 else 100.0,
            "orphaned": [row.public_id for row in running if overview.is_stale(row, clock.now())], "clients": clients,
        }  # fmt: skip
        if asked.validated_data["include_calls"]:
            facts["calls"] = self._calls([row.client for row in clients])
        return Response(ActiveCallsSerializer(facts).data)

    @extend_schema(responses=BalanceSerializer)
    @action(detail=False)
    def balance(self, request):
        """Open calls, places in use and the carrier's live calls side by side. Asks the carrier."""
        return Response(BalanceSerializer(balance.balance(request.user)).data)

    @extend_schema(request=None, responses=BalanceSerializer)
    @action(detail=False, methods=["post"])
    def reconcile(self, request):
        """Ask the carrier about every line that does not fit, take its word, and look again."""
        return Response(BalanceSerializer(balance.put_right(request.user)).data)

    def _calls(self, clients):
        calls = (
            self.get_queryset()
            .filter(client__public_id__in=clients)
            .select_related("client", "campaign_attempt__campaign")
        )
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
