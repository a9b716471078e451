from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "apps.campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from apps.calls.signals import call_changed, leg_moved
        from apps.campaigns import (
            events,  # noqa: F401 - declares the kinds
            receivers,
        )
        from apps.operators.signals import operator_changed

        leg_moved.connect(receivers.on_leg_moved)
        call_changed.connect(receivers.on_call_changed)
        operator_changed.connect(receivers.on_operator_changed)
