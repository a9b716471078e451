"""Files of contacts over the API: uploaded to a list, started, watched, and what was refused."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.response import Response

from apps.campaigns import importing
from apps.campaigns.import_answers import refused_rows
from apps.campaigns.imports import TARGETS
from apps.campaigns.models import Import
from apps.core import uploads
from apps.core.api import PublicIdField, ReadOnlyViewSet
from apps.core.refused import Refused


class ContactImportSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    list = PublicIdField(read_only=True)
    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = Import
        fields = [
            "id", "list", "file_name", "status", "percent", "rows_total", "rows_done", "added", "updated", "skipped",
            "refused", "partly", "failure", "encoding", "delimiter", "country", "headings", "mapping", "duplicates",
            "created_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class StartImportSerializer(serializers.Serializer):
    mapping = serializers.DictField(
        child=serializers.ChoiceField(list(TARGETS)), required=False,
        help_text="What each column is, by its heading. Left out: what was guessed.",
    )  # fmt: skip
    duplicates = serializers.ChoiceField(
        Import.Duplicates.choices, default=Import.Duplicates.SKIP, help_text="What is done with who is on the list."
    )


class UploadSerializer(StartImportSerializer):
    file = serializers.FileField(help_text="CSV; comma, semicolon, tab or bar; UTF-8 or what spreadsheets write.")
    country = serializers.CharField(
        max_length=2, required=False, help_text="Two letters; reads national numbers. Left out: the client's."
    )
    mapping = serializers.JSONField(
        required=False, help_text="What each column is, by its heading, as a JSON object. Left out: what is guessed."
    )
    start = serializers.BooleanField(default=True, help_text="No: it waits, so that the guess can be looked at first.")

    def validate_mapping(self, mapping):
        if not isinstance(mapping, dict) or not all(isinstance(target, str) for target in mapping.values()):
            raise serializers.ValidationError("Write a JSON object, a heading to what it is.")
        return mapping


class ImportAction:
    """For the viewset of contact lists: a file comes in."""

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: ContactImportSerializer})
    @action(detail=True, methods=["post"], url_path="import", parser_classes=[MultiPartParser, FormParser])
    def import_file(self, request, public_id=None):
        """Import a CSV file into the list. Watch it under `contact-imports`."""
        contacts = self.get_object()
        data = request.data  # read first: only then it is known whether the file was too large
        if uploads.too_large(request):
            raise Refused(uploads.TOO_LARGE, code="too_large", fields={"file": [uploads.TOO_LARGE]})
        given = UploadSerializer(data=data)
        given.is_valid(raise_exception=True)
        chosen = given.validated_data
        run = importing.receive(contacts, chosen["file"], country=chosen.get("country", ""), by=request.user)
        if chosen["start"]:
            run = importing.start_or_drop(
                run, mapping=chosen.get("mapping"), duplicates=chosen["duplicates"], by=request.user
            )
        return Response(ContactImportSerializer(run, context=self.get_serializer_context()).data, status=201)


class ImportViewSet(ReadOnlyViewSet):
    """Files of contacts on their way into a list, and how far each is."""

    queryset = Import.objects.select_related("list__client")
    serializer_class = ContactImportSerializer
    parser_classes = [JSONParser]
    filterset_fields = {"list__public_id": ["exact"], "status": ["exact"], "created_at": ["gte", "lt"]}
    search_fields = ["file_name", "list__name"]
    ordering_fields = ["created_at"]

    @extend_schema(request=StartImportSerializer, responses=ContactImportSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request, public_id=None):
        """Begin to import a file that waits. Once begun, this changes nothing."""
        run = self.get_object()
        given = StartImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(importing.start(run, by=request.user, **given.validated_data)).data)

    @extend_schema(request=None, responses=ContactImportSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request, public_id=None):
        """End the import where it is; what was imported stays."""
        return Response(self.get_serializer(importing.stop(self.get_object(), by=request.user)).data)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY, description="The rows with their reasons.")}
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def refused(self, request, public_id=None):
        """The rows that were refused, or taken in part, as CSV: their line, the reason, their cells."""
        return refused_rows(self.get_object())
