from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework.relations import SlugRelatedField


class PublicIdField(SlugRelatedField):
    """Another row, given and shown by its `public_id`; only rows that the user may see can be chosen."""

    default_error_messages = {"does_not_exist": "There is no {value} here, or you may not see it."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="public_id", **kwargs)

    def get_queryset(self):
        queryset = super().get_queryset()
        request = self.context.get("request")
        if queryset is None or request is None or not hasattr(queryset, "visible_to"):
            return queryset
        return queryset.visible_to(request.user)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except DjangoValidationError:
            self.fail("does_not_exist", value=data, slug_name="public_id")
