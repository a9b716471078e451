from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin
from apps.core.admin_scope import visible_rows
from apps.core.models import Event, User

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "display_name", "email", "role", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Who", {"fields": ["first_name", "last_name", "email"]}),
        (
            "Role",
            {"fields": ["is_active", "groups"], "description": "The role decides what this person may see and do."},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"], "classes": ["collapse"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ["groups"]

    def get_queryset(self, request):
        users = super().get_queryset(request).prefetch_related("groups")
        return users if request.user.sees_all else users.filter(pk__in=visible_rows(User, request))

    def has_change_permission(self, request, obj=None) -> bool:
        # Who may set a superuser's password is one.
        return super().has_change_permission(request, obj) and _may_touch(request.user, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request.user, obj)

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset if request.user.is_superuser else queryset.exclude(is_superuser=True))

    @display(description="Role", label=True)
    def role(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or ("superuser" if user.is_superuser else "none")


def _may_touch(user: User, obj: User | None) -> bool:
    return obj is None or user.is_superuser or not obj.is_superuser


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin, ReadOnlyAdmin):
    """Roles are defined in code (`core.roles`); here one reads them."""


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "sentence", "applied"]
    list_filter = ["kind", "applied"]
    search_fields = ["subject", "call_ref"]
    list_select_related = ["actor"]
