from django.apps import AppConfig


class CarrierConfig(AppConfig):
    name = "apps.carrier"
    verbose_name = "Carrier"

    def ready(self) -> None:
        from apps.carrier import events, policy  # noqa: F401
        from apps.destinations import services as destinations

        destinations.check_numbers_with(policy.check_destination)
