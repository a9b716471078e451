"""People as others see them. `queues`, which knows their own operators, mounts it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.clients.models import Client
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.core.numbers import pretty
from apps.people import services
from apps.people.models import Consent, Person, PersonNumber


class PersonNumberSerializer(serializers.ModelSerializer):
    number = serializers.CharField(max_length=32, help_text="E.164, or the client's national form.")
    pretty = serializers.SerializerMethodField()

    class Meta:
        model = PersonNumber
        fields = ["number", "label", "pretty"]

    def get_pretty(self, row: PersonNumber) -> str:
        return pretty(row.number)


class NamesField(serializers.ListField):
    """Tags or lists by their names; a name that is new makes one."""

    def __init__(self, *, max_length: int, **kwargs):
        kwargs.setdefault("child", serializers.CharField(max_length=max_length))
        super().__init__(**kwargs)

    def to_representation(self, rows) -> list[str]:
        return [row.name for row in rows.all()]


class PersonSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    numbers = PersonNumberSerializer(many=True, required=False, help_text="Given, they replace all that there were.")
    tags = NamesField(max_length=40, required=False, help_text="By name; a new name makes a tag.")
    lists = NamesField(max_length=120, required=False, help_text="By name; a new name makes a list.")

    class Meta:
        model = Person
        fields = [
            "id", "client", "name", "company", "email", "language", "notes", "do_not_call", "numbers", "tags", "lists",
            "created_at",
        ]  # fmt: skip
        read_only_fields = ["created_at"]

    def validate_numbers(self, rows):
        return [(row["number"], row.get("label", "")) for row in rows]

    def create(self, values):
        return services.add_person(values.pop("client"), **values)

    def update(self, person, values):
        values.pop("client", None)
        return services.change_person(person, **values)


class ConsentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Consent
        fields = ["subject", "given", "source", "at"]
        read_only_fields = ["at"]


class PersonViewSet(TenantViewSet):
    """Whoever calls or is called."""

    queryset = Person.objects.select_related("client").prefetch_related("numbers", "tags", "lists")
    serializer_class = PersonSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    permissions = {"consents": "people.view_consent", "note_consent": "people.add_consent"}
    filterset_fields = {
        "do_not_call": ["exact"], "tags__name": ["exact"], "lists__name": ["exact"], "numbers__number": ["exact"],
        "client__public_id": ["exact"],
    }  # fmt: skip
    search_fields = ["name", "company", "email", "numbers__number"]
    ordering_fields = ["name", "created_at"]

    def perform_create(self, serializer):
        serializer.save(by=self.request.user)

    def perform_update(self, serializer):
        serializer.save(by=self.request.user)

    def perform_destroy(self, person):
        services.remove_person(person, by=self.request.user)

    @extend_schema(responses=ConsentSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def consents(self, request, public_id=None):
        """What the person allowed or forbade, newest first."""
        return Response(ConsentSerializer(self.get_object().consents.all(), many=True).data)

    @extend_schema(request=ConsentSerializer, responses={201: ConsentSerializer})
    @consents.mapping.post
    def note_consent(self, request, public_id=None):
        """Write down that the person allowed or forbade something, and how we know."""
        person = self.get_object()
        given = ConsentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        consent = services.note_consent(person, by=request.user, **given.validated_data)
        return Response(ConsentSerializer(consent).data, status=201)
