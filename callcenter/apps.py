from django.apps import AppConfig
from django.conf import settings


class CallcenterConfig(AppConfig):
    name = "callcenter"
    verbose_name = "Call center"

    def ready(self) -> None:
        # `shared_task` binds to the app that exists when it is first called: it must be ours in every process.
        from . import celery, checks  # noqa: F401

        if settings.SENTRY_DSN:
            from . import error_reports

            error_reports.send_to(settings.SENTRY_DSN)
        from apps.carrier import policy
        from apps.destinations import services as destinations

        # An outside number that the policy would not dial is refused when it is written, not when it is called.
        destinations.check_numbers_with(policy.check_destination)
