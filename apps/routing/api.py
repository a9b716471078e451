from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core.api import ReadOnlyViewSet, TenantViewSet
from apps.core.api.fields import PublicIdField
from apps.destinations.models import Destination
from apps.routing import services
from apps.routing.models import Condition, Decision, Rule


class ConditionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Condition
        fields = ["subject", "negated", "value"]


class RuleSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    destination = PublicIdField(queryset=Destination.objects.all())
    conditions = ConditionSerializer(many=True, required=False)

    class Meta:
        model = Rule
        fields = ["id", "client", "name", "position", "active", "destination", "conditions"]

    def save_rule(self, rule: Rule, data: dict) -> Rule:
        conditions = data.pop("conditions", None)
        for name, value in data.items():
            setattr(rule, name, value)
        rows = None if conditions is None else [Condition(**condition) for condition in conditions]
        return services.save_rule(rule, rows)

    def create(self, validated_data):
        return self.save_rule(Rule(), validated_data)

    def update(self, instance, validated_data):
        return self.save_rule(instance, validated_data)


class TrialSerializer(serializers.Serializer):
    rule = serializers.CharField(source="name")
    matched = serializers.BooleanField()
    because = serializers.CharField()


class SampleCallSerializer(serializers.Serializer):
    number = PublicIdField(queryset=PhoneNumber.objects.all(), help_text="The number that is called.")
    caller = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=40, help_text="Empty: a withheld number."
    )
    at = serializers.DateTimeField(required=False, default=None, allow_null=True, help_text="Empty: now.")

    def validate(self, attrs):
        try:
            attrs["caller"] = services.read_caller(attrs["number"].client, attrs["caller"])
        except ValidationError as error:
            raise serializers.ValidationError({"caller": error.messages}) from error
        return attrs


class AnswerSerializer(serializers.Serializer):
    destination = serializers.UUIDField(source="destination.public_id", default=None, allow_null=True)
    rule = serializers.UUIDField(source="rule.public_id", default=None, allow_null=True)
    sentence = serializers.CharField()
    tried = TrialSerializer(many=True)


class OrderSerializer(serializers.Serializer):
    client = PublicIdField(queryset=Client.objects.all())
    rules = PublicIdField(queryset=Rule.objects.all(), many=True)

    def validate(self, attrs):
        if any(rule.client_id != attrs["client"].pk for rule in attrs["rules"]):
            raise serializers.ValidationError({"rules": ["Name rules of this client only."]})
        return attrs


class RuleViewSet(TenantViewSet):
    """Where calls go. Rules are tried by `position`; the first whose conditions all hold decides."""

    queryset = Rule.objects.select_related("client", "destination").prefetch_related("conditions")
    serializer_class = RuleSerializer
    permissions = {"try_call": "routing.view_rule", "order": "routing.change_rule"}
    filterset_fields = ["active"]
    search_fields = ["name"]

    @extend_schema(request=SampleCallSerializer, responses=AnswerSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def try_call(self, request):
        """Where a call would go, and why. Nothing is placed or kept."""
        sample = SampleCallSerializer(data=request.data, context=self.get_serializer_context())
        sample.is_valid(raise_exception=True)
        chosen = sample.validated_data
        answer = services.try_sample(chosen["number"], chosen["caller"], chosen["at"])
        return Response(AnswerSerializer(answer).data)

    @extend_schema(request=OrderSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def order(self, request):
        """Try the rules in this order; those that are not named come after them."""
        wanted = OrderSerializer(data=request.data, context=self.get_serializer_context())
        wanted.is_valid(raise_exception=True)
        services.arrange(wanted.validated_data["client"], wanted.validated_data["rules"])
        return Response(status=204)


class DecisionSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    call = PublicIdField(read_only=True)
    rule = PublicIdField(read_only=True)
    destination = PublicIdField(read_only=True)
    tried = TrialSerializer(many=True, read_only=True)

    class Meta:
        model = Decision
        fields = ["id", "call", "at", "rule", "destination", "sentence", "facts", "tried"]
        read_only_fields = fields


class DecisionViewSet(ReadOnlyViewSet):
    """Why each call went where it went: the facts, every rule tried and the condition that failed."""

    queryset = Decision.objects.select_related("call", "rule", "destination")
    serializer_class = DecisionSerializer
    filterset_fields = {
        "call__public_id": ["exact"],
        "rule__public_id": ["exact"],
        "destination__public_id": ["exact"],
        "at": ["gte", "lt"],
    }
    search_fields = ["sentence"]
    ordering_fields = ["at"]


routes = [("routing/rules", RuleViewSet), ("routing/decisions", DecisionViewSet)]
