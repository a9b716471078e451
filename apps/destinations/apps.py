from django.apps import AppConfig


class DestinationsConfig(AppConfig):
    name = "apps.destinations"
    verbose_name = "Destinations"

    def ready(self) -> None:
        from apps.destinations import events, kinds  # noqa: F401

        kinds.register(kinds.NUMBER, label="Outside number")
        kinds.register(kinds.ENDING, label="Message and hang up")
