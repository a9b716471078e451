from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "apps.people"
    verbose_name = "People"

    def ready(self) -> None:
        from apps.people import events  # noqa: F401
