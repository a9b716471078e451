"""What every admin of the product is made of. The admin is the product's configuration, so it follows its rules:
rows narrowed to what the user may see, writes through services, refusals as messages."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline as UnfoldTabularInline

from apps.core import admin_readonly  # noqa: F401 - registers itself
from apps.core.admin_scope import NarrowChoices, one_client, visible_rows
from apps.core.refused import Refused


class TabularInline(NarrowChoices, UnfoldTabularInline):
    """Rows that are edited on the page of another."""

    def get_formset(self, request, obj=None, **kwargs):
        kwargs.setdefault("form", one_client(self.form))
        return super().get_formset(request, obj, **kwargs)


class ModelAdmin(NarrowChoices, UnfoldModelAdmin):
    """A model that people edit. Narrow by `visible_to`; a Refused in a service comes back as an error of the form."""

    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = True
    list_per_page = 50

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.visible_to(request.user) if hasattr(queryset, "visible_to") else queryset

    def get_ordering(self, request):
        # Django forgets the model's own order once a column counts something.
        return self.ordering or self.model._meta.ordering

    def get_changeform_initial_data(self, request):
        return self._only_client(request) | super().get_changeform_initial_data(request)

    def _only_client(self, request) -> dict[str, int]:
        """Most houses have one client: then nobody has to choose it."""
        if not any(field.name == "client" and field.is_relation for field in self.model._meta.concrete_fields):
            return {}
        clients = visible_rows(self.model._meta.get_field("client").related_model, request)
        choices = list(clients.values_list("pk", flat=True)[:2])
        return {"client": choices[0]} if len(choices) == 1 else {}

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            if request.method != "POST":
                self.message_user(request, refusal.sentence, messages.ERROR)
                return HttpResponseRedirect(request.get_full_path())
            # The same form once more, as it was typed: `get_form` adds the refusal to its errors, so nothing is saved.
            request.refusal = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        return self._or_back(request, request.path, partial(super().changelist_view, request, extra_context))

    def delete_view(self, request, object_id, extra_context=None):
        back = request.path.removesuffix("delete/") + "change/"
        return self._or_back(request, back, partial(super().delete_view, request, object_id, extra_context))

    def _or_back(self, request, back, view):
        """The view's answer; when a service refuses, nothing is done and the sentence is shown on the page before."""
        try:
            with transaction.atomic():
                return view()
        except Refused as refusal:
            self.message_user(request, refusal.sentence, messages.ERROR)
            return HttpResponseRedirect(back)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = one_client(super().get_form(request, obj, change, **kwargs))
        refusal = getattr(request, "refusal", None)
        return form if refusal is None else _refused(form, refusal)


def _refused(form: type[ModelForm], refusal: Refused) -> type[ModelForm]:
    """`form`, never valid: it says at the right place why it was turned down."""

    def clean(self) -> None:
        form.clean(self)
        named = [name for name in refusal.fields if name in self.fields]
        self.add_error(named[0] if named else None, refusal.sentence)

    return type(form.__name__, (form,), {"clean": clean})


class ReadOnlyAdmin(ModelAdmin):
    """A log or record: seen, searched, never edited by hand."""

    show_full_result_count = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


def adopt(obj: Model, made: Model) -> None:
    """Let `obj`, the unsaved row of an admin's form, be the row that a service made from it."""
    obj.__dict__.update(made.__dict__)


def admin_link(obj: Model, text: str = "") -> str:
    """A link to the page of `obj` in the admin; only its name when it has none there."""
    meta = obj._meta
    try:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])
    except NoReverseMatch:
        return text or str(obj)
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text or str(obj))
