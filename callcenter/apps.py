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
