from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_migrate


class CoreConfig(AppConfig):
    name = "apps.core"
    verbose_name = "Core"

    def ready(self) -> None:
        from apps.core import receivers
        from apps.core.models import User

        post_migrate.connect(receivers.on_migrated)
        m2m_changed.connect(receivers.on_roles_changed, sender=User.groups.through)
