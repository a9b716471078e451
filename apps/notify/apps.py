from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "apps.notify"
    verbose_name = "Notices and messages"

    def ready(self) -> None:
        from apps.notify import events  # noqa: F401
