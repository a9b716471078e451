from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "apps.operators"
    verbose_name = "Operators"

    def ready(self) -> None:
        from apps.operators import events  # noqa: F401 - declares the kinds
