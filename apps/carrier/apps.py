from django.apps import AppConfig


class CarrierConfig(AppConfig):
    name = "apps.carrier"
    verbose_name = "Carrier"

    def ready(self) -> None:
        from apps.carrier import events, policy, services  # noqa: F401
        from apps.clients import services as clients
        from apps.destinations import services as destinations

        destinations.check_numbers_with(policy.check_destination)
        clients.check_caller_ids_with(services.refuse_foreign_caller_id)
