"""Transfers and the parties of a live call, mounted under `/calls/ID/`."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls import parties
from apps.calls.models import Call, Transfer
from apps.core.api import PublicIdField
from apps.core.querysets import TenantQuerySet
from apps.operators import services as operators
from apps.operators.models import Operator
from apps.queues.models import Queue
from apps.switchboard import conference, transfer_rules, transfers

_PARTY = r"parties/(?P<party>[0-9a-f-]{36})"
_PARTY_ID = [OpenApiParameter("party", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The party's id.")]


class TransferSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    by = serializers.CharField(source="by.user.display_name", read_only=True, default="")
    operator = serializers.UUIDField(source="operator.public_id", read_only=True, allow_null=True, default=None)
    target = serializers.CharField(read_only=True, help_text="Who was asked for, in words.")

    class Meta:
        model = Transfer
        fields = ["id", "kind", "status", "by", "target", "operator", "number", "note", "begun_at", "ended_at"]


class TargetQueueField(PublicIdField):
    """A queue to send somebody to: any active one of the user's clients, not only those that the user serves."""

    def get_queryset(self):
        request = self.context.get("request")
        rows = Queue.objects.active().select_related("client", "schedule", "destination")
        return rows.none() if request is None else TenantQuerySet.visible_to(rows, request.user)


class BeginTransferSerializer(serializers.Serializer):
    """Exactly one of operator, queue and number."""

    kind = serializers.ChoiceField(choices=[pair for pair in Transfer.Kind.choices if pair[0] != Transfer.Kind.RETURN])
    operator = PublicIdField(queryset=Operator.objects.select_related("user", "team__client"), required=False)
    queue = TargetQueueField(queryset=Queue.objects.all(), required=False)
    number = serializers.CharField(max_length=40, required=False)

    def validate(self, asked: dict) -> dict:
        if len(asked.keys() & {"operator", "queue", "number"}) != 1:
            raise serializers.ValidationError("Name one operator, one queue or one number.")
        return asked


class AnswerSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text="Shown to who asked.")


class PartySerializer(serializers.Serializer):
    """Somebody in the call's room, or rung into it."""

    id = serializers.UUIDField(source="leg.public_id")
    role = serializers.CharField()
    name = serializers.CharField()
    is_here = serializers.BooleanField(help_text="False: is rung.")
    since = serializers.DateTimeField()
    held_since = serializers.DateTimeField(allow_null=True)
    voice = serializers.ChoiceField(choices=["all", "muted", "coach"], help_text="Who hears this party.")
    coaches = serializers.SerializerMethodField(help_text="The one party that hears a coach.")

    @extend_schema_field(OpenApiTypes.UUID)
    def get_coaches(self, party: parties.Party) -> str | None:
        coached = party.leg.coaches
        return str(coached.public_id) if coached else None


class ConferenceActions:
    """The commands; who may see the call may ask, the services say who of them is heard."""

    permissions = {
        "parties": None,
        **dict.fromkeys(
            [
                "transfer", "complete_transfer", "cancel_transfer", "join_transfer", "refuse_transfer", "leave",
                "hold_party", "resume_party", "mute_party", "unmute_party", "remove_party",
            ],
            "calls.control_call",
        ),
    }  # fmt: skip

    @extend_schema(responses=PartySerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def parties(self, request, public_id=None):
        """Who is in the call's room or is rung into it."""
        return self._parties(self.get_object())

    @extend_schema(request=BeginTransferSerializer, responses={201: TransferSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def transfer(self, request, public_id=None):
        """Bring somebody into the call. 204: the caller waits in the queue now, and there is nothing to watch."""
        call = self.get_object()
        asked = BeginTransferSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        begun = transfers.begin(call, by=request.user, **asked.validated_data)
        if begun is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(TransferSerializer(begun).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"], url_path="transfer/complete")
    def complete_transfer(self, request, public_id=None):
        """The colleague has the customer now; before they answered, the transfer goes on without you."""
        return self._decided(transfer_rules.COMPLETE)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"], url_path="transfer/cancel")
    def cancel_transfer(self, request, public_id=None):
        """Call the transfer off; the customer is back with you."""
        return self._decided(transfer_rules.CANCELED)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"], url_path="transfer/join")
    def join_transfer(self, request, public_id=None):
        """Make it a three-way: customer, colleague and you."""
        return self._decided(transfer_rules.JOIN)

    @extend_schema(request=AnswerSerializer, responses=TransferSerializer, operation_id="calls_transfer_answer")
    @action(detail=True, methods=["post"], url_path="transfer/(?P<answer>refuse|message)")
    def refuse_transfer(self, request, public_id=None, answer=""):
        """You were asked and do not take the call: "refuse", or "message" asks them to take a message for you."""
        asked = AnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        news = transfer_rules.MESSAGE if answer == "message" else transfer_rules.REFUSED
        return self._decided(news, note=asked.validated_data.get("note", ""))

    def _decided(self, news: str, note: str = "") -> Response:
        decided = transfers.decide(self.get_object(), news, by=self.request.user, note=note)
        return Response(TransferSerializer(decided).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def leave(self, request, public_id=None):
        """Leave a call in which others talk on."""
        transfers.leave(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=PartySerializer(many=True), parameters=_PARTY_ID)
    @action(detail=True, methods=["post"], url_path=f"{_PARTY}/hold", pagination_class=None, filter_backends=[])
    def hold_party(self, request, public_id=None, party=""):
        """Let this party hear music instead of the call."""
        return self._parties(conference.set_hold(self.get_object(), party, by=request.user, on=True))

    @extend_schema(request=None, responses=PartySerializer(many=True), parameters=_PARTY_ID)
    @action(detail=True, methods=["post"], url_path=f"{_PARTY}/resume", pagination_class=None, filter_backends=[])
    def resume_party(self, request, public_id=None, party=""):
        """Take this party off hold."""
        return self._parties(conference.set_hold(self.get_object(), party, by=request.user, on=False))

    @extend_schema(request=None, responses=PartySerializer(many=True), parameters=_PARTY_ID)
    @action(detail=True, methods=["post"], url_path=f"{_PARTY}/mute", pagination_class=None, filter_backends=[])
    def mute_party(self, request, public_id=None, party=""):
        """Nobody hears this party."""
        return self._parties(conference.set_mute(self.get_object(), party, by=request.user, on=True))

    @extend_schema(request=None, responses=PartySerializer(many=True), parameters=_PARTY_ID)
    @action(detail=True, methods=["post"], url_path=f"{_PARTY}/unmute", pagination_class=None, filter_backends=[])
    def unmute_party(self, request, public_id=None, party=""):
        """All hear this party again."""
        return self._parties(conference.set_mute(self.get_object(), party, by=request.user, on=False))

    @extend_schema(request=None, responses=PartySerializer(many=True), parameters=_PARTY_ID)
    @action(detail=True, methods=["post"], url_path=f"{_PARTY}/remove", pagination_class=None, filter_backends=[])
    def remove_party(self, request, public_id=None, party=""):
        """Take this party out of the call; the others talk on."""
        return self._parties(conference.remove(self.get_object(), party, by=request.user))

    def _parties(self, call: Call) -> Response:
        user = self.request.user
        shown = (
            parties.of(call) if user.has_perm("calls.monitor_call") else parties.seen_by(call, operators.for_user(user))
        )
        return Response(PartySerializer(shown, many=True).data)

    def shown_call(self, call: Call) -> Response:
        """The call as it is now."""
        call.refresh_from_db()
        return Response(self.get_serializer(call).data)
