from django.apps import apps

from apps.core import services


def on_migrated(app_config, **_kwargs) -> None:
    """Bring the roles up to date once, after the last app's permissions exist.

    Django sends the signal for apps with a models module only.
    """
    if app_config is [config for config in apps.get_app_configs() if config.models_module is not None][-1]:
        services.sync_roles()
