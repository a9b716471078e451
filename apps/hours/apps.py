from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "apps.hours"
    verbose_name = "Opening hours"

    def ready(self) -> None:
        from apps.hours import events  # noqa: F401
