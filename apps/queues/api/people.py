"""`/people`, with what queues know of a person: the operator with whom they should speak."""

from django.db import transaction

from apps.core.api import PublicIdField
from apps.operators.models import Operator
from apps.people.api import PersonSerializer, PersonViewSet
from apps.queues import setup


class OwnOperatorField(PublicIdField):
    """The person's own operator, who is a row of its own; null for none."""

    def get_attribute(self, person):
        own = getattr(person, "own_operator", None)
        return own and own.operator


class CallerSerializer(PersonSerializer):
    own_operator = OwnOperatorField(
        queryset=Operator.objects.select_related("team"), required=False, allow_null=True,
        help_text="Asked first by queues that prefer the caller's own operator.",
    )  # fmt: skip

    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "own_operator"]

    def create(self, values):
        return self._with_operator(super().create, values)

    def update(self, person, values):
        return self._with_operator(lambda rest: super(CallerSerializer, self).update(person, rest), values)

    @transaction.atomic
    def _with_operator(self, save, values):
        is_given, operator = "own_operator" in values, values.pop("own_operator", None)
        person = save(values)
        if is_given:
            setup.set_own_operator(person, operator)
            person.refresh_from_db()
        return person


class CallerViewSet(PersonViewSet):
    queryset = PersonViewSet.queryset.select_related("own_operator__operator")
    serializer_class = CallerSerializer
