from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.exceptions import ValidationError
from rest_framework.relations import SlugRelatedField


class PublicIdField(SlugRelatedField):
    """Another row, given and shown by its `public_id`; only rows that the user may see can be chosen.

    So the serializer needs the request in its context; without it nothing can be chosen.
    """

    default_error_messages = {"does_not_exist": "There is no {value} here, or you may not see it."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="public_id", **kwargs)

    def get_queryset(self):
        queryset = super().get_queryset()
        request = self.context.get("request")
        if queryset is None or not hasattr(queryset, "visible_to"):
            return queryset
        return queryset.none() if request is None else queryset.visible_to(request.user)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except DjangoValidationError:
            self.fail("does_not_exist", value=data, slug_name="public_id")


class StaysWithClient:
    """For a serializer with a `client`: chosen when the row is made, and kept."""

    def validate_client(self, client):
        if self.instance is not None and client != self.instance.client:
            raise ValidationError("It stays with its client. Make a new one for the other.")
        return client
