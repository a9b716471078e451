from rest_framework.relations import SlugRelatedField


class PublicIdField(SlugRelatedField):
    """Another row by its `public_id`. Only rows that the user may see can be named, whatever the queryset holds."""

    def __init__(self, **kwargs):
        super().__init__(slug_field="public_id", **kwargs)

    def get_queryset(self):
        return super().get_queryset().visible_to(self.context["request"].user)
