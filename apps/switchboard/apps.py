from django.apps import AppConfig


class SwitchboardConfig(AppConfig):
    name = "apps.switchboard"
    verbose_name = "Switchboard"
