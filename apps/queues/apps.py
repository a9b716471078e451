from django.apps import AppConfig


class QueuesConfig(AppConfig):
    name = "apps.queues"
    verbose_name = "Queues"

    def ready(self) -> None:
        from apps.calls.signals import call_changed, leg_moved
        from apps.destinations import kinds
        from apps.operators.signals import operator_changed
        from apps.queues import (
            events,  # noqa: F401 - declares the kinds
            receivers,
            setup,
        )

        kinds.register(setup.KIND, label="queue", edges=setup.edges)
        leg_moved.connect(receivers.on_leg_moved)
        call_changed.connect(receivers.on_call_changed)
        operator_changed.connect(receivers.on_operator_changed)
