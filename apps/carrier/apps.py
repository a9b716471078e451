from django.apps import AppConfig


class CarrierConfig(AppConfig):
    name = "apps.carrier"
    verbose_name = "Carrier"
