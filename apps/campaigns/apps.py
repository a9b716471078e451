from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "apps.campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from apps.campaigns import events  # noqa: F401 - declares the kinds
