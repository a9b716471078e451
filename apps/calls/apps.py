from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "apps.calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        from apps.calls import events  # noqa: F401 - declares the kinds
