from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core.api import ReadOnlyViewSet, TenantViewSet
from apps.core.api.fields import PublicIdField, StaysWithClient
from apps.core.models import Event
from apps.destinations.models import Destination
from apps.queues.models import Queue
from apps.routing import services, trial, truth
from apps.routing.models import Condition, ConditionGroup, Decision, Match, Rule


class ConditionSerializer(serializers.ModelSerializer):
    value = serializers.CharField(required=False, default="", allow_blank=True, max_length=160)
    number = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=1, max_value=100_000)

    class Meta:
        model = Condition
        fields = ["subject", "negated", "value", "number"]


class GroupSerializer(serializers.ModelSerializer):
    match = serializers.ChoiceField(Match.choices, default=Match.ALL)
    conditions = ConditionSerializer(many=True)

    class Meta:
        model = ConditionGroup
        fields = ["match", "conditions"]


class RuleSerializer(StaysWithClient, serializers.ModelSerializer):
    """`match` says whether all groups must hold or any. `conditions` is short for one group that must hold whole."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    destination = PublicIdField(queryset=Destination.objects.all())
    fallback = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    groups = GroupSerializer(many=True, required=False)
    conditions = ConditionSerializer(many=True, required=False, write_only=True)

    class Meta:
        model = Rule
        fields = [
            "id", "client", "name", "position", "active", "destination", "fallback", "match", "groups", "conditions",
        ]  # fmt: skip

    def validate(self, attrs):
        if "groups" in attrs and "conditions" in attrs:
            raise serializers.ValidationError({"conditions": ["Give groups or conditions, not both."]})
        return attrs

    def save_rule(self, rule: Rule, data: dict) -> Rule:
        groups, conditions = data.pop("groups", None), data.pop("conditions", None)
        if conditions is not None:
            groups = [{"match": Match.ALL, "conditions": conditions}]
        for name, value in data.items():
            setattr(rule, name, value)
        wanted = None if groups is None else [_group(group) for group in groups]
        saved = services.save_rule(rule, wanted, by=self.context["request"].user)
        return Rule.objects.complete().get(pk=saved.pk)

    def create(self, validated_data):
        return self.save_rule(Rule(), validated_data)

    def update(self, instance, validated_data):
        return self.save_rule(instance, validated_data)


def _group(said: dict) -> truth.GroupView:
    views = tuple(truth.ConditionView(**condition) for condition in said["conditions"])
    return truth.GroupView(views, said["match"])


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
    language = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=16, help_text="Empty: the caller's, or the client's."
    )
    digits = serializers.RegexField(
        r"^[0-9*#]*$", required=False, default="", allow_blank=True, max_length=40,
        help_text="Keys pressed in menus before; empty: the call comes straight from outside.",
    )  # fmt: skip

    def validate(self, attrs):
        try:
            attrs["caller"] = services.read_caller(attrs["number"].client, attrs["caller"])
        except ValidationError as error:
            raise serializers.ValidationError({"caller": error.messages}) from error
        return attrs


class PartSerializer(serializers.Serializer):
    asks = serializers.CharField()
    held = serializers.BooleanField(allow_null=True)
    words = serializers.CharField(help_text="How things stood.")


class GroupLookSerializer(serializers.Serializer):
    match = serializers.ChoiceField(Match.choices)
    held = serializers.BooleanField(allow_null=True)
    conditions = PartSerializer(source="parts", many=True)


class RuleLookSerializer(serializers.Serializer):
    rule = serializers.CharField(source="name")
    match = serializers.ChoiceField(Match.choices)
    held = serializers.BooleanField(allow_null=True)
    decided = serializers.BooleanField()
    because = serializers.CharField()
    groups = GroupLookSerializer(many=True)


class AnswerSerializer(serializers.Serializer):
    destination = serializers.UUIDField(source="destination.public_id", default=None, allow_null=True)
    rule = serializers.UUIDField(source="rule.public_id", default=None, allow_null=True)
    sentence = serializers.CharField()
    tried = TrialSerializer(many=True)
    rules = serializers.SerializerMethodField()
    operator = serializers.SerializerMethodField(help_text="Which operator would get it now, and why.")

    @extend_schema_field(RuleLookSerializer(many=True))
    def get_rules(self, answer):
        return RuleLookSerializer(trial.look_at(answer), many=True).data

    def get_operator(self, answer) -> list[str]:
        return trial.operator_for(answer)


class OrderSerializer(serializers.Serializer):
    client = PublicIdField(queryset=Client.objects.all())
    rules = PublicIdField(queryset=Rule.objects.all(), many=True)

    def validate(self, attrs):
        if any(rule.client_id != attrs["client"].pk for rule in attrs["rules"]):
            raise serializers.ValidationError({"rules": ["Name rules of this client only."]})
        return attrs


class ChangeSerializer(serializers.ModelSerializer):
    actor = serializers.CharField(source="actor.display_name", default="", read_only=True)

    class Meta:
        model = Event
        fields = ["at", "kind", "sentence", "actor"]


class RuleViewSet(TenantViewSet):
    """Where calls go. Rules are tried by `position`; the first that holds decides."""

    queryset = Rule.objects.complete()
    serializer_class = RuleSerializer
    permissions = {
        "try_call": "routing.view_rule",
        "test": "routing.view_rule",
        "changes": "routing.view_rule",
        "order": "routing.change_rule",
    }
    filterset_fields = ["active"]
    search_fields = ["name"]

    def perform_destroy(self, instance):
        services.remove_rule(instance, by=self.request.user)

    @extend_schema(request=SampleCallSerializer, responses=AnswerSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def try_call(self, request):
        """Where a call would go, and why. Nothing is placed or kept."""
        return Response(AnswerSerializer(services.try_sample(**self._sample(request))).data)

    @extend_schema(request=SampleCallSerializer, responses=RuleLookSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request, public_id=None):
        """How this one rule, on or off, fares with a call. Nothing is placed or kept."""
        rule, sample = self.get_object(), self._sample(request)
        if sample["number"].client_id != rule.client_id:
            raise serializers.ValidationError({"number": ["Choose a number of the rule's client."]})
        answer = services.try_sample(**sample, rules=[rule])
        return Response(RuleLookSerializer(trial.look_at(answer)[0]).data)

    def _sample(self, request) -> dict:
        sample = SampleCallSerializer(data=request.data, context=self.get_serializer_context())
        sample.is_valid(raise_exception=True)
        return sample.validated_data

    @extend_schema(responses=ChangeSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def changes(self, request, public_id=None):
        """Who changed the rule, when, and what: the newest first, at most 200."""
        rows = Event.objects.filter(subject=f"rule:{self.get_object().public_id}").select_related("actor")
        return Response(ChangeSerializer(rows[:200], many=True).data)

    @extend_schema(request=OrderSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def order(self, request):
        """Try the rules in this order; those that are not named come after them."""
        wanted = OrderSerializer(data=request.data, context=self.get_serializer_context())
        wanted.is_valid(raise_exception=True)
        services.arrange(wanted.validated_data["client"], wanted.validated_data["rules"], by=request.user)
        return Response(status=204)


class StrategySerializer(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()


class StrategyViewSet(viewsets.ViewSet):
    """How a queue chooses among its free operators: what may stand in a queue's `strategy`."""

    queryset = Rule.objects.all()  # what the permission stands on

    @extend_schema(responses=StrategySerializer(many=True))
    def list(self, request):
        """Every strategy."""
        return Response([{"name": name, "label": str(label)} for name, label in Queue.Strategy.choices])


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


routes = [
    ("routing/rules", RuleViewSet),
    ("routing/decisions", DecisionViewSet),
    ("routing/strategies", StrategyViewSet, "strategy"),
]
