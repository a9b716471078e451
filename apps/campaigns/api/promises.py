"""Calls that were promised in a conversation."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.response import Response

from apps.calls.models import Call
from apps.campaigns import promises
from apps.campaigns.models import Attempt
from apps.core.api import PublicIdField
from apps.core.refused import Refused
from apps.operators.models import Operator


class PromiseSerializer(serializers.Serializer):
    call = PublicIdField(queryset=Call.objects.all(), help_text="The conversation in which it was asked for.")
    at = serializers.DateTimeField(help_text="Not earlier than this; the calling hours and the caps hold then as ever.")
    operator = PublicIdField(
        queryset=Operator.objects.all(), required=False, allow_null=True, help_text="Who calls; nobody: anyone may."
    )


class PromisedSerializer(serializers.Serializer):
    contact = serializers.UUIDField(source="contact.public_id")
    status = serializers.CharField(help_text="calling: the conversation still goes on; waiting: for its hour.")
    due_at = serializers.DateTimeField()
    operator = serializers.UUIDField(source="reserved_for.public_id", allow_null=True, default=None)


class PromisedCallViewSet(viewsets.GenericViewSet):
    """Calls that were promised to a campaign's contacts."""

    queryset = Call.objects.all()
    serializer_class = PromiseSerializer
    permissions = {"create": "calls.place_call"}

    @extend_schema(responses={201: PromisedSerializer})
    def create(self, request):
        """Have the contact of this call called again at an hour, by one operator or by anyone."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        attempt = Attempt.objects.filter(call=asked["call"]).select_related("campaign").first()
        if attempt is None:
            raise Refused(
                "No campaign made this call. Promise calls to contacts of a campaign.",
                fields={"call": ["Not a campaign's."]},
            )
        target = promises.promise(attempt, at=asked["at"], operator=asked.get("operator"), by=request.user)
        attempt.refresh_from_db(fields=["promised_at", "promised_to"])
        shown = {
            "contact": target.contact, "status": target.status, "due_at": attempt.promised_at or target.due_at,
            "reserved_for": attempt.promised_to or target.reserved_for,
        }  # fmt: skip
        return Response(PromisedSerializer(shown).data, status=status.HTTP_201_CREATED)
