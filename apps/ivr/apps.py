from django.apps import AppConfig


class IvrConfig(AppConfig):
    name = "apps.ivr"
    verbose_name = "Voice menus"

    def ready(self) -> None:
        from apps.calls import signals as calls
        from apps.destinations import kinds
        from apps.ivr import events, faults, receivers, services  # noqa: F401

        kinds.register(services.KIND, label="Voice menu", edges=faults.edges)
        calls.call_changed.connect(receivers.on_call_changed)
