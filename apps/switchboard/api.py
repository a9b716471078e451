from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls.api import CallSerializer, CallViewSet
from apps.core.api import PublicIdField
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Operator
from apps.people.models import Person
from apps.queues import filing
from apps.queues import services as queues
from apps.queues.api.lines import ConsideredSerializer, QueueEntrySerializer, QueueEntryViewSet
from apps.queues.models import Queue
from apps.routing import services as routing
from apps.routing.api import DecisionSerializer
from apps.switchboard import commands, previewing
from apps.switchboard.api_conference import ConferenceActions
from apps.switchboard.api_listening import ListeningActions


class PlaceCallSerializer(serializers.Serializer):
    to = serializers.CharField(
        max_length=40, required=False, allow_blank=True,
        help_text="A number, in international form or as the client's country writes it. Or give a `colleague`.",
    )  # fmt: skip
    colleague = PublicIdField(queryset=Operator.objects.all(), required=False, allow_null=True)
    # "from" is a word of the language, so the field gets its name below.
    person = PublicIdField(queryset=Person.objects.all(), required=False, allow_null=True)

    def validate(self, given):
        if given.get("to") and given.get("colleague"):
            raise serializers.ValidationError("Give a number or a colleague, not both.")
        return given


PlaceCallSerializer._declared_fields["from"] = serializers.CharField(
    max_length=16, required=False, allow_blank=True, source="caller_id", help_text="One of the client's numbers."
)


class PlacedCallSerializer(serializers.Serializer):
    call = CallSerializer()
    connect_token = serializers.CharField(help_text="For the desk's device, once, within a minute.")


class OfferWhySerializer(ConsideredSerializer):
    operator = serializers.CharField()
    queue = serializers.CharField()
    offered_at = serializers.DateTimeField()
    status = serializers.CharField()


class WhySerializer(serializers.Serializer):
    """Why a call went where it went, and why each operator was rung for it."""

    sentences = serializers.ListField(child=serializers.CharField(), help_text="The whole reason in words.")
    decisions = DecisionSerializer(many=True)
    offers = OfferWhySerializer(many=True)


class LiveCallViewSet(ConferenceActions, ListeningActions, CallViewSet):
    """Calls, and the commands on a live one."""

    permissions = {
        **CallViewSet.permissions,
        "create": "calls.place_call",
        **dict.fromkeys(["hangup", "hold", "resume"], "calls.control_call"),
        **ConferenceActions.permissions,
        **ListeningActions.permissions,
        "why": "routing.view_decision",
    }

    def perform_update(self, serializer):
        filing.check(serializer.instance, serializer.validated_data.get("answers") or {})
        super().perform_update(serializer)

    @extend_schema(responses=WhySerializer)
    @action(detail=True)
    def why(self, request, public_id=None):
        """Why it went there and why this operator: rules tried, candidates with their scores, runner-up."""
        call = self.get_object()
        decisions = call.decisions.select_related("call", "rule", "destination").order_by("at")
        found = {"sentences": routing.why(call), "decisions": decisions, "offers": queues.why(call)}
        return Response(WhySerializer(found).data)

    @extend_schema(request=PlaceCallSerializer, responses={201: PlacedCallSerializer})
    def create(self, request):
        """Call somebody from your desk. The reply's token goes into the device's connect()."""
        asked = PlaceCallSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        operator = operators.for_user(request.user)
        if operator is None:
            raise Refused(
                "Only operators call from a desk. Ask an administrator to make you one.", code="not_an_operator"
            )
        given = dict(asked.validated_data)
        colleague = given.pop("colleague", None)
        if colleague is not None:
            call, token = commands.call_colleague(operator, colleague)
        else:
            call, token = commands.place_desk_call(operator, **{"to": "", **given})
        reply = {"call": CallSerializer(call).data, "connect_token": token}
        return Response(reply, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=CallSerializer)
    @action(detail=True, methods=["post"])
    def hangup(self, request, public_id=None):
        """End the conversation for everybody. Asking again changes nothing."""
        call = self.get_object()
        commands.hang_up(call, by=request.user)
        return self.shown_call(call)

    @extend_schema(request=None, responses=CallSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request, public_id=None):
        """Put the customer on hold, with music."""
        return self.shown_call(commands.set_hold(self.get_object(), on=True))

    @extend_schema(request=None, responses=CallSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request, public_id=None):
        """Take the customer off hold."""
        return self.shown_call(commands.set_hold(self.get_object(), on=False))


class MoveSerializer(serializers.Serializer):
    queue = PublicIdField(queryset=Queue.objects.select_related("client", "schedule"))


class LiveQueueEntryViewSet(QueueEntryViewSet):
    """Calls' places in queues, and what a supervisor does to a caller who waits."""

    permissions = {**QueueEntryViewSet.permissions, "move": "operators.supervise_operator"}

    @extend_schema(request=MoveSerializer, responses=QueueEntrySerializer)
    @action(detail=True, methods=["post"])
    def move(self, request, public_id=None):
        """Take this caller to another queue, with the time waited so far. The reply is the new place."""
        entry, asked = self.get_object(), self.asked(MoveSerializer)
        return self.shown(commands.move_caller(entry, asked["queue"], by=request.user))


routes = [("calls", LiveCallViewSet), ("queue-entries", LiveQueueEntryViewSet), *previewing.routes]
