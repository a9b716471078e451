from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "apps.clients"
    verbose_name = "Clients"

    def ready(self) -> None:
        from apps.clients import events  # noqa: F401
