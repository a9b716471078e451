from __future__ import annotations

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from apps.core import roles
from apps.core.models import User


@transaction.atomic
def sync_roles() -> None:
    """Make Django's groups say what `roles.ROLES` says. Permissions given by hand to these groups are taken back."""
    permissions = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role, grants in roles.ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        wanted = [
            permissions[app_label, codename]
            for model, words in grants.items()
            if (app_label := model.partition(".")[0]) in apps.app_configs
            for codename in roles.codenames(model, words)
        ]
        group.permissions.set(wanted)


def open_admin_by_role(user: User) -> None:
    """Let `user` into the admin when their role works there, and out when it does not; superusers always may.

    Django's `is_staff` is the door, and no form of ours asks for it: the role says all.
    """
    user.__dict__.pop("role_names", None)  # remembered from before
    user.is_staff = user.is_superuser or bool(user.role_names & roles.OPEN_THE_ADMIN)
    User.objects.filter(pk=user.pk).update(is_staff=user.is_staff)
