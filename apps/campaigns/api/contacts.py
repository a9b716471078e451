"""Lists of contacts, and the numbers that are not called."""

from dataclasses import asdict

from django.db.models import Count
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response

from apps.campaigns import promises, registers
from apps.campaigns.api.imports import ImportAction
from apps.campaigns.api.searching import SEARCH, searched
from apps.campaigns.models import Campaign, Contact, ContactList, DoNotCall
from apps.clients.models import Client
from apps.core import uploads
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.core.refused import Refused


class ContactNumbersField(serializers.ListField):
    """The numbers of a contact, in the order in which they are tried."""

    child = serializers.CharField(max_length=32)

    def to_representation(self, rows) -> list[str]:
        return [row.number for row in rows.all()]


class ContactSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    list = serializers.UUIDField(source="list.public_id", read_only=True)
    numbers = ContactNumbersField(read_only=True)
    time_zone = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Contact
        fields = [
            "id", "list", "name", "company", "email", "external_id", "numbers", "time_zone", "language", "fields",
            "consent", "consent_source", "do_not_call",
        ]  # fmt: skip
        read_only_fields = fields


class ContactListSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    contacts = serializers.IntegerField(source="size", read_only=True)

    class Meta:
        model = ContactList
        fields = ["id", "client", "name", "own_fields", "contacts", "created_at"]
        read_only_fields = ["own_fields", "created_at"]


class ContactListViewSet(ImportAction, TenantViewSet):
    """Lists of contacts that campaigns dial."""

    queryset = ContactList.objects.select_related("client").annotate(size=Count("contacts")).order_by("name")
    serializer_class = ContactListSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    permissions = {"contacts": "campaigns.view_contact", "import_file": "campaigns.add_import"}
    filterset_fields = {"client__public_id": ["exact"]}
    search_fields = ["name"]

    def perform_create(self, serializer):
        serializer.instance = self.get_queryset().get(pk=serializer.save().pk)

    @extend_schema(parameters=[SEARCH], responses=ContactSerializer(many=True))
    @action(detail=True, filterset_fields=[], search_fields=[])
    def contacts(self, request, public_id=None):
        """Who is on the list."""
        rows = Contact.objects.filter(list=self.get_object()).select_related("list").prefetch_related("numbers")
        page = self.paginate_queryset(searched(rows, request, "name", "company", "external_id", "numbers__number"))
        return self.get_paginated_response(ContactSerializer(page, many=True).data)


class DoNotCallSerializer(serializers.ModelSerializer):
    number = serializers.CharField(max_length=40, help_text="As people write it; national forms are the client's.")
    client = PublicIdField(
        queryset=Client.objects.all(), required=False, allow_null=True, help_text="Nothing: of the whole house."
    )
    campaign = PublicIdField(queryset=Campaign.objects.all(), required=False, allow_null=True)

    class Meta:
        model = DoNotCall
        fields = ["number", "client", "campaign", "source", "at"]
        read_only_fields = ["at"]
        validators = []  # twice is once


class RegisterSerializer(serializers.Serializer):
    file = serializers.FileField(help_text="CSV or text: one number a line, or a column of them.")
    client = PublicIdField(
        queryset=Client.objects.all(), required=False, allow_null=True, help_text="Nothing: of the whole house."
    )
    campaign = PublicIdField(queryset=Campaign.objects.all(), required=False, allow_null=True)
    source = serializers.CharField(max_length=160, help_text="How we know: which register, of which day.")


class RefusedNumberSerializer(serializers.Serializer):
    line = serializers.IntegerField()
    cell = serializers.CharField()
    reason = serializers.CharField()


class TakenSerializer(serializers.Serializer):
    added = serializers.IntegerField()
    known = serializers.IntegerField(help_text="On the list before.")
    refused = serializers.IntegerField()
    rows = RefusedNumberSerializer(many=True, help_text="The first thousand refused rows.")


class DoNotCallViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet):
    """Numbers that campaigns do not dial. From the commit of a new one on nobody reserves a call to it."""

    queryset = DoNotCall.objects.select_related("client", "campaign")
    serializer_class = DoNotCallSerializer
    permissions = {"import_file": "campaigns.add_donotcall"}
    filterset_fields = {"number": ["exact"], "client__public_id": ["exact"]}
    search_fields = ["number", "source"]

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)

    def perform_create(self, serializer):
        given = serializer.validated_data
        serializer.instance = promises.add_do_not_call(
            given["number"], client=given.get("client"), campaign=given.get("campaign"), source=given["source"],
            by=self.request.user,
        )  # fmt: skip

    @extend_schema(request={"multipart/form-data": RegisterSerializer}, responses=TakenSerializer)
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser, FormParser])
    def import_file(self, request):
        """Take in a whole file of numbers: a register, or another system's list."""
        data = request.data  # read first: only then it is known whether the file was too large
        if uploads.too_large(request):
            raise Refused(uploads.TOO_LARGE, code="too_large", fields={"file": [uploads.TOO_LARGE]})
        given = RegisterSerializer(data=data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        chosen = given.validated_data
        taken = registers.take_in(chosen.pop("file"), client=chosen.pop("client", None), by=request.user, **chosen)
        rows = [{"line": line, "cell": cell, "reason": reason} for line, cell, reason in taken.rows]
        return Response(TakenSerializer({**asdict(taken), "rows": rows}).data)
