"""Operators as others see them. What an operator does at the desk (`/me`) is mounted by `queues`, which knows more."""

from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.clients.models import Client
from apps.core.api import PublicIdField, ReadOnlyViewSet, StaysWithClient, TenantViewSet
from apps.core.models import User
from apps.hours.models import Schedule
from apps.operators import services
from apps.operators import skills as skill_services
from apps.operators.models import BreakReason, Engagement, Operator, OperatorSkill, Skill, Team


class TeamSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = serializers.UUIDField(source="client.public_id", read_only=True)

    class Meta:
        model = Team
        fields = ["id", "client", "name"]


class BreakReasonSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = BreakReason
        fields = ["id", "name", "limit_seconds", "active"]


class EngagementSerializer(serializers.ModelSerializer):
    call = serializers.UUIDField(source="call_ref", read_only=True, allow_null=True)

    class Meta:
        model = Engagement
        fields = ["purpose", "since", "due_at", "call"]


class SkillLevelSerializer(serializers.ModelSerializer):
    """How well an operator has a skill."""

    skill = PublicIdField(queryset=Skill.objects.all())
    name = serializers.CharField(source="skill.name", read_only=True)

    class Meta:
        model = OperatorSkill
        fields = ["skill", "name", "level"]


class OperatorSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    identity = serializers.CharField(read_only=True, help_text="The name of the operator's device at the carrier.")
    user = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.filter(is_active=True))
    name = serializers.CharField(source="user.display_name", read_only=True)
    team = PublicIdField(queryset=Team.objects.all())
    team_name = serializers.CharField(source="team.name", read_only=True)
    shift = PublicIdField(
        queryset=Schedule.objects.all(), required=False, allow_null=True, help_text="When they are planned to work."
    )
    break_reason = serializers.CharField(source="break_reason.name", read_only=True, default=None)
    engagement = serializers.SerializerMethodField(help_text="What holds the operator now; null: idle.")
    skills = SkillLevelSerializer(
        source="operator_skills", many=True, required=False, help_text="Given, they replace all that there were."
    )

    class Meta:
        model = Operator
        fields = [
            "id", "identity", "user", "name", "team", "team_name", "extension", "fallback_phone", "caller_id",
            "shift", "presence", "presence_since", "break_reason", "unreachable_since", "idle_since", "engagement",
            "skills",
        ]  # fmt: skip
        read_only_fields = ["presence", "presence_since", "unreachable_since", "idle_since"]
        # The API speaks of the extension's uniqueness through the constraint's own message.
        validators = []

    @extend_schema_field(EngagementSerializer(allow_null=True))
    def get_engagement(self, operator: Operator) -> dict | None:
        held = getattr(operator, "held_by", None)
        row = held[0] if held else None if held == [] else operator.engagements.open().first()
        return EngagementSerializer(row).data if row else None

    def validate_user(self, user: User) -> User:
        if self.instance is not None and user != self.instance.user:
            raise serializers.ValidationError("An operator stays the same person. Make another operator instead.")
        return user


class PresenceSerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=Operator.Presence.choices)
    reason = PublicIdField(
        queryset=BreakReason.objects.filter(active=True), required=False, allow_null=True, help_text="For a break."
    )


def asked_presence(view, request) -> dict:
    """The presence that the request asks for, as `services.set_presence` takes it."""
    asked = PresenceSerializer(data=request.data, context=view.get_serializer_context())
    asked.is_valid(raise_exception=True)
    return {"presence": asked.validated_data["status"], "reason": asked.validated_data.get("reason")}


class OperatorViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, ReadOnlyViewSet):
    """Who takes calls, what they are and what holds them."""

    queryset = Operator.objects.select_related("user", "team__client", "break_reason", "shift").prefetch_related(
        Prefetch("engagements", queryset=Engagement.objects.open(), to_attr="held_by"),
        Prefetch("operator_skills", queryset=OperatorSkill.objects.select_related("skill").order_by("skill__name")),
    )
    serializer_class = OperatorSerializer
    filterset_fields = {"presence": ["exact", "in"], "team__public_id": ["exact"], "user__username": ["exact"]}
    search_fields = ["user__username", "user__first_name", "user__last_name", "extension"]
    ordering_fields = ["presence_since", "idle_since"]
    permissions = {"presence": "operators.supervise_operator"}

    @transaction.atomic
    def perform_create(self, serializer):
        details = dict(serializer.validated_data)
        skills = details.pop("operator_skills", [])
        operator = services.add_operator(details.pop("user"), details.pop("team"), **details)
        serializer.instance = skill_services.set_skills(operator, _levels(skills))

    @transaction.atomic
    def perform_update(self, serializer):
        operator, changes = serializer.instance, dict(serializer.validated_data)
        skills = changes.pop("operator_skills", None)
        for name, value in changes.items():
            setattr(operator, name, value)
        services.save(operator)
        if skills is not None:
            skill_services.set_skills(operator, _levels(skills))
        serializer.instance = self.get_queryset().get(pk=operator.pk)

    @extend_schema(request=PresenceSerializer, responses=OperatorSerializer)
    @action(detail=True, methods=["post"])
    def presence(self, request, public_id=None):
        """Set somebody else's presence: a forgotten sign-out, an operator who is needed."""
        operator = self.get_object()
        services.set_presence(operator, **asked_presence(self, request), by=request.user)
        return Response(self.get_serializer(self.get_object()).data)


def _levels(rows: list[dict]) -> list[tuple[Skill, int]]:
    return [(row["skill"], row.get("level", 5)) for row in rows]


class SkilledSerializer(serializers.ModelSerializer):
    operator = serializers.UUIDField(source="operator.public_id", read_only=True)
    name = serializers.CharField(source="operator.user.display_name", read_only=True)

    class Meta:
        model = OperatorSkill
        fields = ["operator", "name", "level"]


class SkillSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    operators = SkilledSerializer(source="operator_skills", many=True, read_only=True, help_text="Who has it.")

    class Meta:
        model = Skill
        fields = ["id", "client", "name", "operators"]


class SkillViewSet(TenantViewSet):
    """What operators can do, with who can and how well. Levels are set at `operators`."""

    queryset = Skill.objects.select_related("client").with_operators()
    serializer_class = SkillSerializer
    filterset_fields = {"client__public_id": ["exact"]}
    search_fields = ["name"]
    ordering_fields = ["name"]

    def perform_destroy(self, skill):
        skill_services.remove_skill(skill)


class BreakReasonViewSet(ReadOnlyViewSet):
    """Why operators may be away."""

    queryset = BreakReason.objects.all()
    serializer_class = BreakReasonSerializer
    filterset_fields = ["active"]


class TeamViewSet(ReadOnlyViewSet):
    """Teams of operators."""

    queryset = Team.objects.select_related("client")
    serializer_class = TeamSerializer
    search_fields = ["name"]


routes = [("break-reasons", BreakReasonViewSet), ("skills", SkillViewSet), ("teams", TeamViewSet)]
