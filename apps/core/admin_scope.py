"""What a form or a filter of the admin offers to choose from: rows that the user may see, and no others.

Other clients' names would stand in the lists of choices otherwise, and a forged form could point at their rows.
"""

from __future__ import annotations

from django.contrib.admin import FieldListFilter, RelatedFieldListFilter
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.forms import ModelForm

from apps.core.models import User


def visible_rows(model: type[Model], request) -> QuerySet:
    """All rows of `model` that the user may see; all there are when the model belongs to no client.

    Colleagues are users of a client that is also one's own.
    """
    rows = model._default_manager.all()
    if model is User and not request.user.sees_all:
        return rows.filter(pk__in=User.objects.filter(clients__in=request.user.clients.all()))
    return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows


class NarrowChoices:
    """For a ModelAdmin or an inline: foreign keys and sets lead to visible rows only."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", visible_rows(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", visible_rows(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class OneClient:
    """For a form: whoever sees several clients still ties rows of one client together only."""

    def _post_clean(self):
        # As it stands in the database: of some rows the client is that of another row, which the form may change.
        stored = type(self.instance)._default_manager.filter(pk=self.instance.pk).first()
        super()._post_clean()
        client = client_of(stored or self.instance)
        for name, value in list(self.cleaned_data.items()) if client is not None else ():
            if isinstance(value, QuerySet):
                strays = _has_client(value) and value.exclude(**{value.client_path: client}).exists()
            else:
                strays = isinstance(value, Model) and client_of(value) not in (None, client)
            if strays:
                self.add_error(name, f"That belongs to another client. Choose what belongs to {client}.")


def one_client(form: type[ModelForm]) -> type[ModelForm]:
    """`form`, with that check."""
    return type(form.__name__, (OneClient, form), {"__module__": form.__module__})


def client_of(row: Model) -> Model | None:
    """The client that `row` belongs to; None for what belongs to none, or not yet."""
    rows, found = type(row)._default_manager.all(), row
    if not _has_client(rows):
        return None
    for name in rows.client_path.split("__"):
        try:
            found = getattr(found, name)
        except ObjectDoesNotExist:
            return None
    return found


def _has_client(rows: QuerySet) -> bool:
    # A client's own rows are narrowed like the others, but have no client themselves.
    path = getattr(rows, "client_path", "")
    return any(field.name == path.partition("__")[0] for field in rows.model._meta.concrete_fields)


class VisibleRowsFilter(RelatedFieldListFilter):
    """The filter by another row, on every list of the admin: offers visible rows, read at once."""

    def field_choices(self, field, request, model_admin):
        rows = visible_rows(field.related_model, request)
        shown = model_admin.admin_site._registry.get(field.related_model)
        if shown is not None and shown.list_select_related:
            rows = rows.select_related(*shown.list_select_related)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in (rows.order_by(*ordering) if ordering else rows)]


FieldListFilter.register(lambda field: field.remote_field, VisibleRowsFilter, take_priority=True)
