from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.core.admin_base import ModelAdmin, admin_link, adopt
from apps.core.numbers import pretty
from apps.destinations import kinds, services
from apps.destinations.forms import DestinationForm
from apps.destinations.models import Destination

MADE_HERE = (kinds.NUMBER, kinds.ENDING)


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return kinds.choices()

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Destination)
class DestinationAdmin(ModelAdmin):
    """Everything that a call can be sent to. Outside numbers and endings are made here; the others are shown."""

    form = DestinationForm
    list_display = ["label", "shown_kind", "detail", "shown_active", "client"]
    list_filter = [KindFilter, "active", "client"]
    list_select_related = ["client", "outside_number", "ending"]
    search_fields = ["label", "outside_number__number", "ending__message"]
    # On the page of an existing one the kind is not asked, and only its own fields are there.
    conditional_fields = {
        "number": "typeof kind == 'undefined' || kind == 'number'",
        "ring_seconds": "typeof kind == 'undefined' || kind == 'number'",
        "message": "typeof kind == 'undefined' || kind == 'ending'",
    }
    readonly_fields = ["shown_kind", "owner", "leads_to", "comes_from", "public_id"]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [
                (
                    None,
                    {
                        "fields": ["kind", "client", "label", "number", "ring_seconds", "message"],
                        "description": "Queues and voice menus become destinations by themselves.",
                    },
                )
            ]
        own = {kinds.NUMBER: ["number", "ring_seconds"], kinds.ENDING: ["message"]}.get(obj.kind, ["owner"])
        return [
            (None, {"fields": ["shown_kind", "label", *own, "active"]}),
            ("The way of a call", {"fields": ["comes_from", "leads_to"]}),
            ("Identifiers", {"fields": ["client", "public_id"], "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj is None else [*self.readonly_fields, "client"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "kind":
            choices = [(kind, kinds.label(kind)) for kind in MADE_HERE]
            return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget, initial=kinds.NUMBER)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.kind in MADE_HERE)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.kind in MADE_HERE)

    def save_model(self, request, obj, form, change):
        if change:
            services.change(Destination.objects.get(pk=obj.pk), by=request.user, **form.own())
        else:
            values = form.cleaned_data
            adopt(obj, services.make(values["client"], values["kind"], by=request.user, **form.own()))

    def delete_model(self, request, obj):
        services.remove(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for destination in queryset:
            services.remove(destination, by=request.user)

    @display(description="Kind", label=True, ordering="kind")
    def shown_kind(self, destination: Destination) -> str:
        return kinds.label(destination.kind)

    @display(description="State", label={True: "success", False: "danger"})
    def shown_active(self, destination: Destination):
        return destination.active, "takes calls" if destination.active else "off"

    @display(description="Detail")
    def detail(self, destination: Destination) -> str:
        if destination.kind == kinds.NUMBER:
            return pretty(destination.outside_number.number)
        if destination.kind == kinds.ENDING:
            message = destination.ending.message
            return f"“{message if len(message) <= 60 else message[:59] + '…'}”" if message else "hangs up at once"
        return "–"

    @display(description="Stands for")
    def owner(self, destination: Destination) -> str:
        owner = services.owner(destination)
        return admin_link(owner, f"{owner} (change it there)") if owner else "nothing any more"

    @display(description="Calls come from")
    def comes_from(self, destination: Destination) -> str:
        rows = [(row._meta.verbose_name, admin_link(row)) for row in services.used_by(destination)]
        return format_html_join("", "<div>{} {}</div>", rows) or "nowhere yet"

    @display(description="Calls go on by themselves to")
    def leads_to(self, destination: Destination) -> str:
        rows = [(admin_link(target), words) for target, words in kinds.edges(destination)]
        return format_html_join("", "<div>{} {}</div>", rows) or "nowhere: they stay, or end here"
