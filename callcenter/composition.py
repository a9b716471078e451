"""What the apps bring: each may have an `api.py`, `urls.py`, `routing.py`; here they are found and put together."""

import importlib
from types import ModuleType
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule


def module_of(app: str, name: str) -> ModuleType | None:
    """`apps.<app>.<name>`, or None when the app has no such file. An error inside the file is an error."""
    config = apps.get_app_config(app)
    if config.module is None or not module_has_submodule(config.module, name):
        return None
    return importlib.import_module(f"{config.name}.{name}")


def house_apps() -> list[str]:
    """The labels of our own apps, in the order of the layers."""
    return [config.label for config in apps.get_app_configs() if config.name.startswith("apps.")]


def websocket_urlpatterns() -> list[Any]:
    """The sockets of the live pages."""
    routing = module_of("live", "routing")
    return list(routing.websocket_urlpatterns) if routing else []
