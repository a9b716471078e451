from django.apps import AppConfig


class SwitchboardConfig(AppConfig):
    name = "apps.switchboard"
    verbose_name = "Switchboard"

    def ready(self) -> None:
        from apps.calls.signals import leg_moved
        from apps.switchboard import (
            events,  # noqa: F401 - declares the kinds
            receivers,
        )

        leg_moved.connect(receivers.on_leg_moved)
