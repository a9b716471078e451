from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "apps.recordings"
    verbose_name = "Recordings"
