from django.contrib import admin, messages
from django.utils.html import format_html
from unfold.decorators import display

from apps.core import clock
from apps.core.admin_base import ModelAdmin, adopt
from apps.integrations import services
from apps.integrations.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """Programs' ways in. A key is shown once, when it is made; it is ended, not changed."""

    list_display = ["name", "user", "state", "shown_prefix", "created_at", "last_used_at", "expires_at"]
    list_filter = ["user"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    autocomplete_fields = ["user"]
    fields = ["name", "user", "state", "shown_prefix", "created_at", "last_used_at", "expires_at", "revoked_at"]
    readonly_fields = ["state", "shown_prefix", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def get_fieldsets(self, request, obj=None):
        if obj:
            return super().get_fieldsets(request, obj)
        words = "The program may do what its user may. The key itself is shown once, after saving."
        return [(None, {"fields": ["name", "user", "expires_at"], "description": words})]

    def has_change_permission(self, request, obj=None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None) -> bool:
        # A revoked key stays: the log speaks of it.
        return False

    def save_model(self, request, obj, form, change):
        key, secret = services.make_key(obj.name, obj.user, expires_at=obj.expires_at, by=request.user)
        adopt(obj, key)
        messages.warning(request, format_html("Copy the key now; it is not shown again: <code>{}</code>", secret))

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request, queryset):
        for key in queryset.filter(revoked_at__isnull=True):
            services.revoke_key(key, by=request.user)
        messages.success(request, "Revoked: these keys open nothing any more.")

    @display(description="State", label={"valid": "success", "over": "danger"})
    def state(self, key: ApiKey):
        if key.revoked_at:
            return "over", "revoked"
        if key.expires_at and key.expires_at <= clock.now():
            return "over", "expired"
        return "valid", "valid"

    @display(description="Begins with")
    def shown_prefix(self, key: ApiKey) -> str:
        return f"cc_{key.prefix}_…"
