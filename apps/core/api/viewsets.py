from rest_framework import mixins, viewsets


class _Visible:
    lookup_field = "public_id"
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)


class TenantViewSet(_Visible, viewsets.ModelViewSet):
    """Rows by `public_id`, narrowed to what the user may see; a foreign row is 404, not 403."""


class ReadOnlyViewSet(_Visible, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """The same, to read only."""
