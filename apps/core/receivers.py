from django.apps import apps

from apps.core import services
from apps.core.models import User


def on_migrated(app_config, **_kwargs) -> None:
    """Bring the roles up to date once, after the last app's permissions exist.

    Django sends the signal for apps with a models module only.
    """
    if app_config is [config for config in apps.get_app_configs() if config.models_module is not None][-1]:
        services.sync_roles()


def on_roles_changed(instance, action, reverse, pk_set, **_kwargs) -> None:
    """Somebody got or lost a role, in the admin or elsewhere: the admin's door follows."""
    if action in ("post_add", "post_remove", "post_clear"):
        # From the side of a role, `instance` is the role and the keys are the users'.
        for user in User.objects.filter(pk__in=pk_set or ()) if reverse else [instance]:
            services.open_admin_by_role(user)
