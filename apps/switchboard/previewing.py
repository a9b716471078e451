"""Preview mode over the API: the desk shows a contact, then calls it or passes it on."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls.api import CallSerializer
from apps.campaigns import previews
from apps.campaigns.models import Attempt, Preview
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Operator
from apps.switchboard import commands


class PreviewCampaignSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class EarlierTrySerializer(serializers.ModelSerializer):
    outcome = serializers.CharField(source="get_outcome_display")
    note = serializers.CharField(source="call.note")

    class Meta:
        model = Attempt
        fields = ["began_at", "number", "outcome", "note"]


class PreviewSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id")
    campaign = serializers.CharField(source="target.campaign.name")
    name = serializers.CharField(source="target.contact.name")
    company = serializers.CharField(source="target.contact.company")
    own_fields = serializers.DictField(source="target.contact.fields", child=serializers.CharField())
    promised = serializers.SerializerMethodField()
    skips_left = serializers.IntegerField()
    earlier = EarlierTrySerializer(many=True)

    class Meta:
        model = Preview
        fields = [
            "id", "campaign", "name", "company", "number", "own_fields", "promised", "status", "shown_at", "due_at",
            "skips_left", "earlier",
        ]  # fmt: skip

    def get_promised(self, preview) -> bool:
        """Whether this operator promised to call."""
        return preview.target.reserved_for_id == preview.operator_id


class DeskPreviewSerializer(serializers.Serializer):
    campaigns = PreviewCampaignSerializer(many=True, help_text="Which run and show contacts to you.")
    preview = PreviewSerializer(allow_null=True, help_text="Whom you look at.")


class SkipSerializer(serializers.Serializer):
    why = serializers.CharField(max_length=200, help_text="Stands in the campaign's ledger.")


class PreviewCalledSerializer(serializers.Serializer):
    call = CallSerializer()
    connect_token = serializers.CharField(help_text="For the desk's device, once, within a minute.")


class PreviewViewSet(viewsets.GenericViewSet):
    """Contacts that operators look at before they are called. Each sees their own."""

    queryset = Preview.objects.select_related("target__contact__person", "target__campaign__client", "operator__user")
    serializer_class = PreviewSerializer
    lookup_field = "public_id"
    lookup_value_regex = "[0-9a-f-]{36}"
    pagination_class = None
    filter_backends = []
    permissions = dict.fromkeys(("list", "show_next", "call", "skip"), "calls.place_call")

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user).filter(operator__user=self.request.user)

    @extend_schema(responses=DeskPreviewSerializer)
    def list(self, request):
        """The preview campaigns of your queues, and whom you look at."""
        operator = operators.for_user(request.user)
        found = previews.campaigns_of(operator) if operator is not None else []
        shown = previews.showing(operator) if operator is not None else None
        return Response(DeskPreviewSerializer({"campaigns": found, "preview": _shown(shown)}).data)

    @extend_schema(request=None, responses={200: PreviewSerializer, 204: None})
    @action(detail=False, methods=["post"], url_path="next")
    def show_next(self, request):
        """The next contact, which is nobody else's while you look at it; nothing when nobody is due."""
        shown = _shown(previews.show_next(_operator(request)))
        if shown is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(PreviewSerializer(shown).data)

    @extend_schema(request=None, responses={201: PreviewCalledSerializer})
    @action(detail=True, methods=["post"])
    def call(self, request, public_id=None):
        """Call them. The reply's token goes into the device's connect()."""
        call, token = commands.call_previewed(self.get_object())
        reply = {"call": CallSerializer(call).data, "connect_token": token}
        return Response(reply, status=status.HTTP_201_CREATED)

    @extend_schema(request=SkipSerializer, responses=PreviewSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request, public_id=None):
        """Pass them over, with a reason: they come again later."""
        preview = self.get_object()
        given = SkipSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(PreviewSerializer(_shown(previews.skip(preview, **given.validated_data))).data)


def _operator(request) -> Operator:
    operator = operators.for_user(request.user)
    if operator is None:
        raise Refused("Only operators call from a desk. Ask an administrator to make you one.", code="not_an_operator")
    return operator


def _shown(preview: Preview | None) -> Preview | None:
    """With what the desk shows beside it."""
    if preview is not None:
        preview.skips_left = previews.skips_left(preview)
        preview.earlier = list(
            Attempt.objects.filter(target=preview.target_id, ended_at__isnull=False).select_related("call")[:5]
        )
    return preview


routes = [("campaign-previews", PreviewViewSet)]
