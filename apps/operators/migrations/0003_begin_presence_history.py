from django.db import migrations

from apps.core import clock


def begin_history(apps, schema_editor):
    """What everybody is at this moment begins their history; what was before was not kept."""
    PresenceSpan, now = apps.get_model("operators", "PresenceSpan"), clock.now()
    PresenceSpan.objects.bulk_create(
        PresenceSpan(operator=row, presence=row.presence, break_reason_id=row.break_reason_id, since=now)
        for row in apps.get_model("operators", "Operator").objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0002_presence_history"),
    ]

    operations = [
        migrations.RunPython(begin_history, migrations.RunPython.noop),
    ]
