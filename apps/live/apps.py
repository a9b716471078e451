from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "apps.live"
    verbose_name = "Live pages"

    def ready(self) -> None:
        from apps.calls.signals import call_changed, leg_moved
        from apps.campaigns.signals import campaign_changed
        from apps.live import receivers
        from apps.operators.signals import operator_changed
        from apps.queues.signals import queue_changed

        leg_moved.connect(receivers.on_leg_moved)
        call_changed.connect(receivers.on_call_changed)
        operator_changed.connect(receivers.on_operator_changed)
        queue_changed.connect(receivers.on_queue_changed)
        campaign_changed.connect(receivers.on_campaign_changed)
