from django.apps import AppConfig


class IvrConfig(AppConfig):
    name = "apps.ivr"
    verbose_name = "Voice menus"
