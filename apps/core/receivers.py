from django.apps import apps

from apps.core import services


def on_migrated(app_config, **_kwargs) -> None:
    """Bring the roles up to date once, after the last app's permissions exist."""
    if app_config is list(apps.get_app_configs())[-1]:
        services.sync_roles()
