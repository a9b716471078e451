from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "apps.routing"
    verbose_name = "Routing"

    def ready(self) -> None:
        from apps.destinations import kinds
        from apps.routing import events, rules  # noqa: F401

        kinds.register(rules.KIND, label="routing rules", edges=rules.edges)
