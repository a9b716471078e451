from django.contrib import admin
from unfold.decorators import display

from apps.clients import services
from apps.clients.models import Client
from apps.core.admin_base import ModelAdmin, adopt
from apps.core.numbers import pretty


@admin.register(Client)
class ClientAdmin(ModelAdmin):
    list_display = ["shown_name", "shown_active", "time_zone", "shown_caller_id", "max_concurrent_calls", "records"]
    list_filter = ["active"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["members"]
    fieldsets = [
        (None, {"fields": ["name", "active", "time_zone", "country", "language"]}),
        ("Calls", {"fields": [("caller_id", "max_concurrent_calls")]}),
        (
            "Recording",
            {
                "fields": ["record_calls", "recording_announcement"],
                "description": "In many places both sides must know that a call is recorded: keep the announcement.",
            },
        ),
        ("Who works here", {"fields": ["members"], "description": "They see this client's calls, as their role says."}),
        ("Identifiers", {"fields": ["public_id", "slug", "created_at"], "classes": ["collapse"]}),
    ]
    readonly_fields = ["public_id", "slug", "created_at"]

    def has_delete_permission(self, request, obj=None) -> bool:
        # Calls and recordings hang on it; a client that is over is switched off.
        return False

    def save_model(self, request, obj, form, change):
        fields = [name for name in form.cleaned_data if name != "members"]
        if change:
            stored = Client.objects.get(pk=obj.pk)
            changed = {name: form.cleaned_data[name] for name in form.changed_data if name in fields}
            services.change_client(stored, by=request.user, **changed)
        else:
            adopt(obj, services.create_client(by=request.user, **{name: form.cleaned_data[name] for name in fields}))

    @display(description="Client", header=True)
    def shown_name(self, client: Client):
        return client.name, f"{client.country} · {client.language}"

    @display(description="State", label={True: "success", False: "danger"})
    def shown_active(self, client: Client):
        return client.active, "active" if client.active else "off"

    @display(description="Caller id", ordering="caller_id")
    def shown_caller_id(self, client: Client) -> str:
        return pretty(client.caller_id) if client.caller_id else "–"

    @display(description="Records", boolean=True, ordering="record_calls")
    def records(self, client: Client) -> bool:
        return client.record_calls
