from django.apps import AppConfig


class CallcenterConfig(AppConfig):
    name = "callcenter"
    verbose_name = "Call center"

    def ready(self) -> None:
        # `shared_task` binds to the app that exists when it is first called: it must be ours in every process.
        from . import celery, checks  # noqa: F401
