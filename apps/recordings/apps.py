from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "apps.recordings"
    verbose_name = "Recordings"

    def ready(self) -> None:
        from apps.recordings import events  # noqa: F401 - declares the kinds
