from django.apps import AppConfig


class IvrConfig(AppConfig):
    name = "apps.ivr"
    verbose_name = "Voice menus"

    def ready(self) -> None:
        from apps.destinations import kinds
        from apps.ivr import events, faults, services  # noqa: F401

        kinds.register(services.KIND, label="Voice menu", edges=faults.edges)
